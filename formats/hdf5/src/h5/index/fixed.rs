//! Arrays of a fixed length. File format specification, VII.C.

use evz_core::Result;

use super::Chunk;
use super::slots::{Kept, Slots};
use crate::h5::store::Store;

/// An array with a slot for each chunk.
pub(super) struct FixedArray {
    slots: Slots,
    n: u64,
    /// Slots of a page.
    page: u64,
    /// The block of slots, if there is one.
    block: Option<u64>,
    /// Which pages were written, and the page read last.
    written: Kept,
    kept: Kept,
}

impl FixedArray {
    pub(super) fn open(store: &Store, address: u64, plain: u64) -> Result<Self> {
        let len = 8 + store.sizes.length + store.sizes.address;
        let head = store.read(address, len as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"FAHD")?;
        fields.version(0, "an array")?;
        let (kind, slot, bits) = (fields.u8()?, fields.u8()?, fields.u8()?);
        let n = fields.length()?;
        let block = fields.address()?;
        if bits == 0 || bits > 20 {
            return Err(fields.corrupt(format!("pages of 2^{bits} slots")));
        }
        Ok(Self {
            slots: Slots::new(store, kind, usize::from(slot), plain, address)?,
            n,
            page: 1 << bits,
            block,
            written: Kept::default(),
            kept: Kept::default(),
        })
    }

    pub(super) fn find(&mut self, store: &Store, slot: u64) -> Result<Option<Chunk>> {
        let Some(block) = self.block.filter(|_| slot < self.n) else {
            return Ok(None);
        };
        let slot_len = self.slots.len as u64;
        let head = 6 + store.sizes.address as u64;
        if self.n <= self.page {
            let at = block.saturating_add(head);
            let slots = self.kept.read(store, at, self.n * slot_len)?;
            return self.slots.chunk(store, slots, slot as usize, at);
        }
        let pages = self.n.div_ceil(self.page);
        let (page, n) = (slot / self.page, slot % self.page);
        // A bit for each page, a part of them at a time.
        const PART: u64 = 4096;
        let (part, byte) = (page / 8 / PART * PART, page / 8 % PART);
        let at = block.saturating_add(head + part);
        let left = pages.div_ceil(8) - part;
        let written = self.written.read(store, at, left.min(PART))?;
        if written
            .get(byte as usize)
            .is_none_or(|b| b & 0x80 >> (page % 8) == 0)
        {
            return Ok(None);
        }
        // Behind the bits and a checksum; every page has its own too.
        let first = head + pages.div_ceil(8) + 4;
        let page_at = page.saturating_mul(self.page * slot_len + 4);
        let at = block.saturating_add(first).saturating_add(page_at);
        let here = self.page.min(self.n - page * self.page);
        let slots = self.kept.read(store, at, here * slot_len)?;
        self.slots.chunk(store, slots, n as usize, at)
    }
}
