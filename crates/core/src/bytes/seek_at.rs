//! Anything that reads and seeks, read range by range.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use super::ReadAt;

/// Ranges of a stream that seeks. Threads take turns.
#[derive(Debug)]
pub struct SeekAt<R> {
    stream: Mutex<R>,
    len: u64,
}

impl<R: Read + Seek> SeekAt<R> {
    /// All bytes of the stream, whatever its position.
    ///
    /// # Errors
    /// If its end cannot be sought.
    pub fn new(mut stream: R) -> io::Result<Self> {
        let len = stream.seek(SeekFrom::End(0))?;
        Ok(Self {
            stream: Mutex::new(stream),
            len,
        })
    }
}

impl<R: Read + Seek + Send> ReadAt for SeekAt<R> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        stream.seek(SeekFrom::Start(offset))?;
        stream.read_exact(buffer)
    }
}
