//! Slots of an array, each of which says where a chunk stands.

use evz_core::{Error, Place, Result};

use super::Chunk;
use crate::h5::store::Store;

/// How slots are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slots {
    /// Bytes of a slot.
    pub(super) len: usize,
    /// Bytes of the length of a filtered chunk; none of a plain one.
    len_len: Option<usize>,
    /// Bytes of a plain chunk.
    plain: u64,
}

impl Slots {
    /// Slots of so many bytes in an array of this kind, 0 of plain chunks and 1 of filtered ones.
    pub(super) fn new(store: &Store, kind: u8, len: usize, plain: u64, at: u64) -> Result<Self> {
        let wrong = || {
            let what = format!("an array of kind {kind} with slots of {len} bytes");
            Error::corrupt(Place::byte(store.at(at)), what)
        };
        let len_len = match kind {
            0 if len == store.sizes.address => None,
            1 => {
                let n = len.checked_sub(store.sizes.address + 4);
                Some(n.filter(|n| (1..=8).contains(n)).ok_or_else(wrong)?)
            }
            _ => return Err(wrong()),
        };
        Ok(Self {
            len,
            len_len,
            plain,
        })
    }

    /// The chunk in a slot among others, which begin at an address.
    pub(super) fn chunk(
        &self,
        store: &Store,
        slots: &[u8],
        n: usize,
        at: u64,
    ) -> Result<Option<Chunk>> {
        let mut fields = store.fields(slots, at);
        fields.skip(n.saturating_mul(self.len))?;
        let Some(address) = fields.address()? else {
            return Ok(None);
        };
        let (len, mask) = match self.len_len {
            Some(len) => (fields.uint(len)?, fields.u32()?),
            None => (self.plain, 0),
        };
        Ok(Some(Chunk { address, len, mask }))
    }
}

/// Some bytes of the file, kept until others are wanted.
#[derive(Default)]
pub(super) struct Kept(Option<(u64, Vec<u8>)>);

impl Kept {
    pub(super) fn read(&mut self, store: &Store, at: u64, len: u64) -> Result<&[u8]> {
        if self.0.as_ref().is_none_or(|(kept, _)| *kept != at) {
            self.0 = None;
            self.0 = Some((at, store.read_up_to(at, len)?));
        }
        Ok(self.0.as_ref().map_or(&[], |(_, bytes)| bytes))
    }
}
