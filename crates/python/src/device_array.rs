//! Frames in memory of a GPU.

use std::ops::Range;
use std::sync::Arc;

use evz::cuda::DeviceArray as Values;
use pyo3::prelude::*;

use crate::dlpack::{View, capsule};
use crate::errors::OrRaise;
use crate::look::flat;
use crate::memory::Block;

/// A number for each index: frames, channels, rows and pixels.
type Four = (usize, usize, usize, usize);

/// Frames next to each other in memory of a GPU.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct DeviceArray {
    array: Arc<Values>,
    /// Which of its frames.
    frames: Range<usize>,
}

impl DeviceArray {
    pub(crate) fn of(array: Values) -> Self {
        Self {
            frames: 0..array.shape()[0],
            array: Arc::new(array),
        }
    }
}

#[pymethods]
impl DeviceArray {
    /// Address of the first value.
    #[getter]
    fn address(&self) -> u64 {
        self.array.address() + self.offset()
    }

    /// Number of the GPU.
    #[getter]
    fn device(&self) -> usize {
        self.array.device()
    }

    /// Frames, channels, height and width.
    #[getter]
    fn shape(&self) -> Four {
        let [_, channels, height, width] = self.array.shape();
        (self.frames.len(), channels, height, width)
    }

    /// Values from one to the next along each index.
    #[getter]
    fn strides(&self) -> Four {
        self.array.strides().into()
    }

    /// One of the frames, in the same memory.
    fn frame(&self, number: usize) -> Self {
        let at = self.frames.start + number;
        Self {
            array: self.array.clone(),
            frames: at..at + 1,
        }
    }

    /// The values in memory of the host, as a flat array.
    fn copy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let of_type = self.array.value_type();
        let block = py.detach(|| {
            let bytes = self.values() * of_type.bytes();
            let mut block = Block::new::<u8>(bytes)?;
            let out = block.values(bytes);
            self.array.copy_to(self.frames.clone(), out).map(|()| block)
        });
        flat(py, block.or_raise(py)?, self.values(), of_type.into())
    }

    /// A capsule of DLPack, versioned or not, of all frames or of one without the index of frames.
    fn dlpack(&self, py: Python<'_>, one: bool, versioned: bool) -> PyResult<Py<PyAny>> {
        let first = usize::from(one);
        let view = View {
            array: self.array.clone(),
            offset: self.offset(),
            shape: <[usize; 4]>::from(self.shape())[first..].to_vec(),
            strides: self.array.strides()[first..].to_vec(),
        };
        capsule(py, view, versioned)
    }
}

impl DeviceArray {
    /// How many values there are.
    fn values(&self) -> usize {
        <[usize; 4]>::from(self.shape()).iter().product()
    }

    /// Bytes before the first value.
    fn offset(&self) -> u64 {
        let values = self.frames.start * self.array.strides()[0];
        (values * self.array.value_type().bytes()) as u64
    }
}
