//! Bytes that an object of Python gives: an open file, or something at the other end of a network.

use std::io;

use evz::ReadAt;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// An object with `read_at(offset, length) -> bytes` and `size`, as those of `evz/sources.py`.
pub(crate) struct PythonFile {
    file: Py<PyAny>,
    len: u64,
}

impl PythonFile {
    pub(crate) fn new(file: Bound<'_, PyAny>) -> PyResult<Self> {
        let len = file.getattr("size")?.extract()?;
        let file = file.unbind();
        Ok(Self { file, len })
    }
}

impl ReadAt for PythonFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        Python::attach(|py| {
            let args = (offset, buffer.len());
            let read = self.file.bind(py).call_method1("read_at", args);
            let read = read.map_err(io::Error::other)?;
            let bytes = read
                .cast::<PyBytes>()
                .map_err(|e| io::Error::other(PyErr::from(e)))?;
            match bytes.as_bytes().len() == buffer.len() {
                true => {
                    buffer.copy_from_slice(bytes.as_bytes());
                    Ok(())
                }
                false => Err(io::ErrorKind::UnexpectedEof.into()),
            }
        })
    }
}
