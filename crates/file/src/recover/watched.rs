//! Reads that failed, which are no damage: where one did, nothing that was made of the others is to be trusted.

use std::io;
use std::sync::{Arc, Mutex};

use evz_core::{Error, Place, ReadAt, Result};

/// Bytes, and the first read of them that failed.
pub(super) struct Watched {
    bytes: Arc<dyn ReadAt>,
    failed: Mutex<Option<(u64, io::Error)>>,
}

impl Watched {
    pub(super) fn new(bytes: Arc<dyn ReadAt>) -> Self {
        Self {
            bytes,
            failed: Mutex::new(None),
        }
    }

    /// An error if a read failed.
    pub(super) fn check(&self) -> Result<()> {
        let failed = self.failed.lock();
        match failed.unwrap_or_else(|e| e.into_inner()).take() {
            Some((offset, e)) => Err(Error::io(Place::byte(offset), "cannot read", e)),
            None => Ok(()),
        }
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
            let copy = e.raw_os_error().map_or_else(
                || io::Error::new(e.kind(), e.to_string()),
                io::Error::from_raw_os_error,
            );
            let failed = self.failed.lock();
            failed
                .unwrap_or_else(|e| e.into_inner())
                .get_or_insert((offset, copy));
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
