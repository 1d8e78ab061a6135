//! The bytes of a file, and how its records are got out of them.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{Error, ErrorKind, Place, ReadAt, Result, read_error, read_range};

use super::fields::{Fields, Sizes};

/// The bytes of a file, by the addresses that its records have.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) bytes: Arc<dyn ReadAt>,
    pub(crate) base: u64,
    pub(crate) sizes: Sizes,
    failed: Arc<Mutex<Option<Error>>>,
}

impl Store {
    pub(crate) fn new(bytes: Arc<dyn ReadAt>, base: u64, sizes: Sizes) -> Self {
        Self {
            bytes,
            base,
            sizes,
            failed: Arc::default(),
        }
    }

    /// Who asks for what may be damaged takes a read that failed for damage; here it is said that there was one.
    ///
    /// # Errors
    /// If a read failed since it was last asked.
    pub(crate) fn check(&self) -> Result<()> {
        let failed = self.failed.lock();
        let failed = failed.unwrap_or_else(PoisonError::into_inner).take();
        failed.map_or(Ok(()), Err)
    }

    /// What a read gave; one that failed is kept.
    fn kept<T>(&self, read: Result<T>) -> Result<T> {
        if let Err(error) = &read
            && error.kind() == ErrorKind::Io
        {
            let source = std::error::Error::source(error).map(ToString::to_string);
            let source = io::Error::other(source.unwrap_or_default());
            let error = Error::io(error.place().clone(), error.what(), source);
            let failed = self.failed.lock();
            let mut failed = failed.unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(error);
        }
        read
    }

    /// Where an address is in the file.
    pub(crate) fn at(&self, address: u64) -> u64 {
        self.base.saturating_add(address)
    }

    /// So many bytes from an address on.
    ///
    /// # Errors
    /// If the file ends before.
    pub(crate) fn read(&self, address: u64, len: u64) -> Result<Vec<u8>> {
        self.kept(read_range(&*self.bytes, self.at(address), len))
    }

    /// The same in place of what is in `bytes`, whose memory is used again.
    ///
    /// # Errors
    /// If the file ends before.
    pub(crate) fn read_into(&self, address: u64, len: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let at = self.at(address);
        let left = self.bytes.len().saturating_sub(at);
        let Some(len) = usize::try_from(len).ok().filter(|_| len <= left) else {
            // Says what is missing.
            return read_range(&*self.bytes, at, len).map(drop);
        };
        bytes.resize(len, 0);
        let read = self.bytes.read_exact_at(at, bytes);
        self.kept(read.map_err(|e| read_error(Place::byte(at), e)))
    }

    /// So many bytes, or as many as there are.
    ///
    /// # Errors
    /// If there are none.
    pub(crate) fn read_up_to(&self, address: u64, len: u64) -> Result<Vec<u8>> {
        let left = self.bytes.len().saturating_sub(self.at(address));
        if left == 0 {
            let what = format!(
                "an address beyond the end of the file, which has {} bytes",
                self.bytes.len()
            );
            return Err(Error::insufficient(Place::byte(self.at(address)), what));
        }
        self.read(address, len.min(left))
    }

    /// The fields of a record that begins at this address.
    pub(crate) fn fields<'a>(&self, record: &'a [u8], address: u64) -> Fields<'a> {
        Fields::new(record, self.at(address), self.sizes)
    }
}
