//! Fractal heaps, which hold the links of large groups. File format specification, III.G.

use evz_core::{Error, ReadAt, Result};

use super::store::Store;

/// A heap of objects of any length.
pub(crate) struct FractalHeap {
    id_len: usize,
    /// Blocks in a row of the table, and bytes of one of the first.
    width: u64,
    first: u64,
    /// Rows whose blocks hold objects and not further rows.
    direct_rows: u64,
    /// Bytes of an offset in the heap, and of a length.
    offset_len: usize,
    length_len: usize,
    root: Option<u64>,
    /// Rows of the root; with none it is a block that holds objects.
    rows: u64,
    /// Bytes that objects may still have: no two share any.
    left: u64,
}

/// Bytes of an object, and of all that are taken out of a heap, at most.
const MAX_OBJECT: u64 = 1 << 20;
const MAX_OBJECTS: u64 = 64 << 20;

impl FractalHeap {
    pub(crate) fn read(store: &Store, address: u64) -> Result<Self> {
        let (a, l) = (store.sizes.address, store.sizes.length);
        let len = 22 + 12 * l + 3 * a + 4;
        let head = store.read(address, len as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"FRHP")?;
        fields.version(0, "a heap")?;
        let id_len = fields.size(2)?;
        let filters = fields.u16()?;
        fields.skip(1)?;
        let max_managed = u64::from(fields.u32()?);
        // Of huge objects, of free space, of what there is of every kind.
        fields.skip(l + a + l + a + 8 * l)?;
        let width = u64::from(fields.u16()?);
        let (first, max_direct) = (fields.length()?, fields.length()?);
        let bits = fields.u16()?;
        fields.skip(2)?;
        let root = fields.address()?;
        let rows = u64::from(fields.u16()?);
        let powers = [width, first, max_direct]
            .iter()
            .all(|n| n.is_power_of_two());
        if !powers
            || bits > 64
            || max_direct < first
            || rows > 64
            || width.checked_mul(first).is_none()
        {
            return Err(fields.corrupt("a heap whose blocks have no such sizes"));
        }
        if filters != 0 {
            let what = "a heap with filters";
            return Err(Error::unsupported(fields.place(), what).advise("copy it with h5repack"));
        }
        let most = max_direct.min(max_managed).max(1);
        Ok(Self {
            id_len,
            width,
            first,
            direct_rows: u64::from(max_direct.ilog2() - first.ilog2()) + 2,
            offset_len: usize::from(bits).div_ceil(8),
            length_len: most.ilog2() as usize / 8 + 1,
            root,
            rows,
            left: store.bytes.len().min(MAX_OBJECTS),
        })
    }

    /// Bytes of the name of an object.
    pub(crate) fn id_len(&self) -> usize {
        self.id_len
    }

    /// The object with this name, which is asked for once, and its address.
    pub(crate) fn object(&mut self, store: &Store, id: &[u8], at: u64) -> Result<(Vec<u8>, u64)> {
        let mut fields = store.fields(id, at);
        let kind = fields.u8()?;
        if kind >> 4 != 0 {
            let what = "an object of a heap that is kept elsewhere";
            return Err(Error::unsupported(fields.place(), what).advise("copy it with h5repack"));
        }
        let offset = fields.uint(self.offset_len)?;
        let len = fields.uint(self.length_len)?;
        if len > MAX_OBJECT {
            return Err(fields.corrupt(format!("an object of {len} bytes")));
        }
        let Some(left) = self.left.checked_sub(len) else {
            return Err(match store.bytes.len() > MAX_OBJECTS {
                true => Error::limit(fields.place(), "a heap of more than 64 MiB"),
                false => fields.corrupt("objects of a heap that have the same bytes"),
            });
        };
        self.left = left;
        let Some(root) = self.root else {
            return Err(fields.corrupt("an object of an empty heap"));
        };
        let (block, within) = match self.rows {
            0 => (root, offset),
            rows => self.block(store, root, rows, offset)?,
        };
        let address = block.saturating_add(within);
        Ok((store.read(address, len)?, address))
    }

    /// The block that holds an offset of the heap, and the place in it.
    fn block(&self, store: &Store, root: u64, rows: u64, offset: u64) -> Result<(u64, u64)> {
        let (mut address, mut rows, mut offset) = (root, rows, offset);
        loop {
            let in_row_0 = self.width * self.first;
            let row = (offset / in_row_0)
                .checked_ilog2()
                .map_or(0, |n| u64::from(n) + 1);
            let size = self.first << row.saturating_sub(1).min(62);
            let row_start = if row == 0 { 0 } else { self.width * size };
            let column = (offset - row_start.min(offset)) / size;
            let n = row * self.width + column;
            let head = 5 + store.sizes.address + self.offset_len;
            if row >= rows {
                let place = store.fields(&[], address).place();
                return Err(Error::corrupt(place, "an object beyond its heap"));
            }
            let signature = store.read(address, 4)?;
            store.fields(&signature, address).signature(b"FHIB")?;
            let at = address.saturating_add(head as u64 + n * store.sizes.address as u64);
            let child = store.read(at, store.sizes.address as u64)?;
            let mut fields = store.fields(&child, at);
            let Some(child) = fields.address()? else {
                return Err(fields.corrupt("a block of a heap without an address"));
            };
            offset -= (row_start + column * size).min(offset);
            if row < self.direct_rows {
                return Ok((child, offset));
            }
            // Each level is smaller than the one above.
            let below = u64::from((size / in_row_0).checked_ilog2().unwrap_or(0)) + 1;
            (address, rows) = (child, below.min(rows.saturating_sub(1)));
        }
    }
}
