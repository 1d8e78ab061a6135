//! The bytes of a file, and how its records are got out of them.

use std::sync::Arc;

use evz_core::{Error, Place, ReadAt, Result, Watched, read_error, read_range};

use super::fields::{Fields, Sizes};

/// The bytes of a file, by the addresses that its records have.
#[derive(Clone)]
pub(crate) struct Store {
    pub(crate) bytes: Arc<Watched>,
    pub(crate) base: u64,
    pub(crate) sizes: Sizes,
}

impl Store {
    /// Where an address is in the file.
    pub(crate) fn at(&self, address: u64) -> u64 {
        self.base.saturating_add(address)
    }

    /// So many bytes from an address on.
    ///
    /// # Errors
    /// If the file ends before.
    pub(crate) fn read(&self, address: u64, len: u64) -> Result<Vec<u8>> {
        read_range(&*self.bytes, self.at(address), len)
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
        (self.bytes.read_exact_at(at, bytes)).map_err(|e| read_error(Place::byte(at), e))
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
