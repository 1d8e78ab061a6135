//! Arrays that grow: a few slots in an index block, then blocks of slots that become larger. File
//! format specification, VII.D.

use evz_core::Result;

use super::Chunk;
use super::slots::{Kept, Slots};
use crate::h5::store::Store;

/// An array that grows.
pub(super) struct GrowingArray {
    slots: Slots,
    /// Bits of the number of a slot.
    bits: u32,
    /// Slots in the index block.
    direct: u64,
    /// Slots of the smallest block.
    smallest: u64,
    /// Blocks whose addresses are in the index block.
    near_blocks: u64,
    /// Rows of blocks that these belong to; the others each have a block of addresses.
    near_rows: u32,
    /// Slots of a page.
    page: u64,
    index: Option<u64>,
    /// What was read last of each kind.
    first: Kept,
    row: Kept,
    block: Kept,
}

/// A row of blocks of one size.
struct Row {
    /// Blocks, and slots of each.
    blocks: u64,
    slots: u64,
    /// The number of its first block, and of its first slot behind the index block.
    first_block: u64,
    first_slot: u64,
}

impl GrowingArray {
    pub(super) fn open(store: &Store, address: u64, plain: u64) -> Result<Self> {
        let len = 12 + 6 * store.sizes.length + store.sizes.address;
        let head = store.read(address, len as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"EAHD")?;
        fields.version(0, "an array")?;
        let (kind, slot, bits) = (fields.u8()?, fields.u8()?, fields.u8()?);
        let (direct, smallest) = (u64::from(fields.u8()?), u64::from(fields.u8()?));
        let (pointers, page_bits) = (u64::from(fields.u8()?), fields.u8()?);
        fields.skip(6 * store.sizes.length)?;
        let index = fields.address()?;
        let powers = smallest.is_power_of_two() && pointers.is_power_of_two();
        if !powers || bits > 64 || page_bits == 0 || page_bits > 20 {
            return Err(fields.corrupt("an array whose blocks have no such sizes"));
        }
        Ok(Self {
            slots: Slots::new(store, kind, usize::from(slot), plain, address)?,
            bits: bits.into(),
            direct,
            smallest,
            near_blocks: 2 * (pointers - 1),
            near_rows: 2 * pointers.ilog2(),
            page: 1 << page_bits,
            index,
            first: Kept::default(),
            row: Kept::default(),
            block: Kept::default(),
        })
    }

    /// Row `n` of blocks: they are twice as many or twice as large as in the row before.
    fn row(&self, n: u32) -> Option<Row> {
        let blocks = 1u64.checked_shl(n / 2)?;
        let slots = self.smallest.checked_shl(n.div_ceil(2))?;
        // In all rows before there are as many slots as in the first block times 2^n - 1.
        let first_slot = self.smallest.checked_mul(1u64.checked_shl(n)? - 1)?;
        let first_block = match n % 2 {
            0 => 2 * (blocks - 1),
            _ => 3 * blocks - 2,
        };
        Some(Row {
            blocks,
            slots,
            first_block,
            first_slot,
        })
    }

    pub(super) fn find(&mut self, store: &Store, slot: u64) -> Result<Option<Chunk>> {
        let Some(index) = self.index else {
            return Ok(None);
        };
        let a = store.sizes.address as u64;
        let slot_len = self.slots.len as u64;
        // The row that a slot behind the index block is in.
        let behind = slot.checked_sub(self.direct);
        let n = behind.map(|behind| (behind / self.smallest + 1).ilog2());
        let far = n.and_then(|n| n.checked_sub(self.near_rows));
        // Slots, addresses of blocks, addresses of blocks of addresses: as far as it is needed.
        let at = index.saturating_add(6 + a);
        let slots_len = self.direct * slot_len;
        let rows = u64::from(self.bits.saturating_sub(self.near_rows));
        let len = slots_len + a * (self.near_blocks + rows);
        let row = n.map(|n| self.row(n));
        let first = self.first.read(store, at, len)?;
        let (Some(behind), Some(row)) = (behind, row) else {
            return self.slots.chunk(store, first, slot as usize, at);
        };
        let mut addresses = store.fields(first, at);
        addresses.skip(slots_len as usize)?;
        let Some(row) = row else {
            return Ok(None);
        };
        let in_row = behind - row.first_slot;
        let (block, within) = (in_row / row.slots, in_row % row.slots);
        let offset_len = u64::from(self.bits.div_ceil(8));
        let paged = row.slots > self.page;
        let pages = row.slots / self.page;
        let address = match far {
            None => {
                addresses.skip(((row.first_block + block) * a) as usize)?;
                addresses.address()?
            }
            Some(far) => {
                addresses.skip((self.near_blocks * a) as usize)?;
                addresses.skip(far as usize * a as usize)?;
                let Some(of_row) = addresses.address()? else {
                    return Ok(None);
                };
                // Of blocks with pages a bit for each page says whether it was written.
                let bits_len = match paged {
                    true => row.blocks.saturating_mul(pages.div_ceil(8)),
                    false => 0,
                };
                let head = 6 + a + offset_len;
                let at = of_row.saturating_add(head);
                let len = bits_len.saturating_add(row.blocks.saturating_mul(a));
                let all = self.row.read(store, at, len)?;
                if paged {
                    // The bits of all blocks are one row, though each has whole bytes of room.
                    let bit = block * pages + within / self.page;
                    let byte = all.get((bit / 8) as usize);
                    if byte.is_none_or(|b| b & 0x80 >> (bit % 8) == 0) {
                        return Ok(None);
                    }
                }
                let mut fields = store.fields(all, at);
                fields.skip(bits_len.saturating_add(block * a) as usize)?;
                fields.address()?
            }
        };
        let Some(address) = address else {
            return Ok(None);
        };
        let first = address.saturating_add(6 + a + offset_len);
        if !paged {
            let slots = self.block.read(store, first, row.slots * slot_len)?;
            return self.slots.chunk(store, slots, within as usize, first);
        }
        // Behind the checksum of the head; every page has its own.
        let page_at = within / self.page * (self.page * slot_len + 4);
        let at = first.saturating_add(4).saturating_add(page_at);
        let slots = self.block.read(store, at, self.page * slot_len)?;
        let n = (within % self.page) as usize;
        self.slots.chunk(store, slots, n, at)
    }
}
