//! Where a recording is written to.

use std::io::{self, Write};

use crate::{Error, Result};

/// Bytes being written that become whole at the end: a file gets its name then, a compressed stream
/// its last block. What is dropped before is not whole.
pub trait Commit: Write + Send {
    /// Writes what is left and makes the output whole.
    ///
    /// # Errors
    /// If that fails.
    fn commit(self: Box<Self>) -> io::Result<()>;
}

/// The output of a sink.
pub struct Output {
    name: String,
    bytes: Box<dyn Commit>,
}

impl Output {
    /// An output that is called `name` in messages.
    pub fn new(bytes: impl Commit + 'static, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            bytes: Box::new(bytes),
        }
    }

    /// Anything that can be written to, such as standard output. It is flushed at the end.
    pub fn from_writer(writer: impl Write + Send + 'static, name: impl Into<String>) -> Self {
        Self::new(Flushed(writer), name)
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes it whole.
    ///
    /// # Errors
    /// If the last bytes cannot be written, or the file cannot get its name.
    pub fn commit(self) -> Result<()> {
        let Self { name, bytes } = self;
        (bytes.commit()).map_err(|e| Error::io(name, "cannot finish writing", e))
    }

    /// An error of writing to it.
    pub fn failed(&self, error: io::Error) -> Error {
        Error::io(&self.name, "cannot write", error)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.bytes.flush()
    }
}

impl Commit for Output {
    fn commit(self: Box<Self>) -> io::Result<()> {
        self.bytes.commit()
    }
}

struct Flushed<W>(W);

impl<W: Write> Write for Flushed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write + Send> Commit for Flushed<W> {
    fn commit(mut self: Box<Self>) -> io::Result<()> {
        self.0.flush()
    }
}
