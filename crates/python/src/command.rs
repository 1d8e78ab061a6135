//! The command `evz`.

use std::ffi::OsString;

use pyo3::prelude::*;

/// Runs the command, which `itself` starts, with its arguments. Returns the code to exit with.
#[pyfunction]
pub(crate) fn command(py: Python<'_>, itself: Vec<OsString>, args: Vec<OsString>) -> u8 {
    py.detach(|| evz_cli::run(&itself, args))
}
