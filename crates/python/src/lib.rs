//! The compiled part of the Python package `evz`; what users see of it is under `python/evz`.

mod recording;

use pyo3::prelude::*;

#[pymodule]
mod _evz {
    #[pymodule_export]
    use crate::recording::{Reader, open};
}
