//! An open recording.

use evz::{EventBatch, ReadOptions, Selection};
use numpy::PyArray1;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;

/// An open recording.
#[pyclass(frozen, module = "evz._evz")]
pub(crate) struct Reader(evz::Reader);

/// The four columns.
type Four<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u16>>,
    Bound<'py, PyArray1<u16>>,
    Bound<'py, PyArray1<u8>>,
);

/// Opens a file.
#[pyfunction]
pub(crate) fn open(py: Python<'_>, path: std::path::PathBuf) -> PyResult<Reader> {
    let opened = py.detach(|| ReadOptions::new().open(path));
    opened.map(Reader).map_err(|e| PyOSError::new_err(e.to_string()))
}

#[pymethods]
impl Reader {
    fn __len__(&self) -> usize {
        self.0.n_events() as usize
    }

    fn read<'py>(&self, py: Python<'py>, start: u64, end: u64) -> PyResult<Four<'py>> {
        let mut batch = EventBatch::default();
        let selection = Selection::default().with_events(start..end);
        py.detach(|| self.0.read(&selection, &mut batch))
            .map_err(|e| PyOSError::new_err(e.to_string()))?;
        Ok((
            PyArray1::from_vec(py, batch.t),
            PyArray1::from_vec(py, batch.x),
            PyArray1::from_vec(py, batch.y),
            PyArray1::from_vec(py, batch.p),
        ))
    }
}
