//! The compiled part of the Python package `evz`; what users see of it is under `python/evz`.
#![deny(unsafe_code)]

#[expect(
    unsafe_code,
    reason = "arrays and memory change hands; every block says what makes it sound"
)]
mod arrays;
mod arrow;
mod columns;
mod command;
mod convert;
mod device_array;
#[expect(
    unsafe_code,
    reason = "tensors change hands as pointers; every block says what makes it sound"
)]
mod dlpack;
mod errors;
mod gpu;
mod gpu_painter;
mod in_memory;
mod interrupt;
mod limit;
mod look;
mod many;
mod memory;
mod metadata;
mod of_use;
mod open;
mod out;
mod painter;
mod python_file;
mod reader;
mod report;
mod samples;
mod selection;
mod side;
mod threads;
mod turns;
mod write;
mod write_options;

use pyo3::prelude::*;

#[pymodule]
mod _evz {
    #[pymodule_export]
    use crate::arrow::{struct_array, struct_stream};
    #[pymodule_export]
    use crate::command::command;
    #[pymodule_export]
    use crate::convert::convert;
    #[pymodule_export]
    use crate::device_array::DeviceArray;
    #[pymodule_export]
    use crate::gpu_painter::GpuPainter;
    #[pymodule_export]
    use crate::limit::{check_memory, set_max_memory};
    #[pymodule_export]
    use crate::look::{described, memory_reach, modes, presets};
    #[pymodule_export]
    use crate::open::open;
    #[pymodule_export]
    use crate::painter::Painter;
    #[pymodule_export]
    use crate::reader::Reader;
    #[pymodule_export]
    use crate::report::loss_in_words;
    #[pymodule_export]
    use crate::samples::Samples;
    #[pymodule_export]
    use crate::write::Writer;

    use super::*;

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        m.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
