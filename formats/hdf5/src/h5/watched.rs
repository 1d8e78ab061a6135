//! Reads that failed, which are no damage: what was made of the others is not all that the file says.

use std::io;
use std::sync::{Arc, OnceLock};

use evz_core::{Error, Place, ReadAt, Result};

/// Bytes, and the first read of them that failed.
pub(crate) struct Watched {
    bytes: Arc<dyn ReadAt>,
    failed: OnceLock<(u64, io::Error)>,
}

impl Watched {
    pub(crate) fn new(bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            bytes,
            failed: OnceLock::new(),
        }
    }

    /// An error if a read failed.
    pub(crate) fn check(&self) -> Result<()> {
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
}
