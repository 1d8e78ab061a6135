//! Reads that failed, which are no damage: what was made of the others is not all that the bytes say.

use std::io;
use std::sync::{Arc, OnceLock};

use super::ReadAt;
use crate::{Error, Place, Result};

/// Bytes, and the first read of them that failed. They are no file: what is read past this is not seen.
pub struct Watched {
    bytes: Arc<dyn ReadAt>,
    failed: OnceLock<(u64, io::Error)>,
}

impl Watched {
    /// Looks at the reads of these bytes.
    pub fn new(bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            bytes,
            failed: OnceLock::new(),
        }
    }

    /// Whether all reads so far gave what was asked for, or found the end of the bytes.
    ///
    /// # Errors
    /// If one failed: the first.
    pub fn check(&self) -> Result<()> {
        match self.failed.get() {
            Some((offset, e)) => Err(Error::io(Place::byte(*offset), "cannot read", again(e))),
            None => Ok(()),
        }
    }
}

/// The same error once more.
fn again(e: &io::Error) -> io::Error {
    match e.raw_os_error() {
        Some(number) => io::Error::from_raw_os_error(number),
        None => io::Error::new(e.kind(), e.to_string()),
    }
}

impl ReadAt for Watched {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let read = self.bytes.read_exact_at(offset, buffer);
        if let Err(e) = &read
            && e.kind() != io::ErrorKind::UnexpectedEof
        {
            self.failed.get_or_init(|| (offset, again(e)));
        }
        read
    }

    fn memory(&self) -> Option<&[u8]> {
        self.bytes.memory()
    }

    fn is_near(&self) -> bool {
        self.bytes.is_near()
    }
}
