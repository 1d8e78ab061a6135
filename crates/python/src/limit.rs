//! How much memory inputs may take.

use evz::{Memory, Place};
use pyo3::prelude::*;

use crate::errors::OrRaise;

/// A number of bytes as Python gives it.
#[derive(FromPyObject)]
pub(crate) enum Bytes {
    Number(u64),
    Text(String),
}

/// Has this process take no more than so many bytes for what its inputs claim to hold: a number, or `"2GiB"`.
///
/// From the start that is 1 GiB, for pages of Parquet, batches of side streams, and frames.
#[pyfunction]
pub(crate) fn set_max_memory(py: Python<'_>, size: Bytes) -> PyResult<()> {
    let bytes = match size {
        Bytes::Number(bytes) => bytes,
        Bytes::Text(text) => evz::parse_bytes(&text).or_raise(py)?,
    };
    evz::set_max_memory(bytes);
    Ok(())
}

/// Refuses so many bytes for `what` of the file `name` if they are not left; `instead` is what takes less.
#[pyfunction]
pub(crate) fn check_memory(
    py: Python<'_>,
    bytes: u64,
    what: &str,
    name: &str,
    instead: &str,
) -> PyResult<()> {
    let taken = Memory::take(bytes, what, Place::file(name));
    taken.map(drop).map_err(|e| e.advise(instead)).or_raise(py)
}
