//! The compiled part of the Python package `evz`; what users see of it is under `python/evz`.
#![deny(unsafe_code)]

#[expect(
    unsafe_code,
    reason = "NumPy arrays over memory of ours; every block says what makes it sound"
)]
mod arrays;
mod columns;
mod errors;
mod in_memory;
mod interrupt;
mod memory;
mod metadata;
mod open;
mod out;
mod python_file;
mod reader;
mod report;
mod selection;
mod side;
mod threads;

use pyo3::prelude::*;

#[pymodule]
mod _evz {
    #[pymodule_export]
    use crate::open::open;
    #[pymodule_export]
    use crate::reader::Reader;

    use super::*;

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        m.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
