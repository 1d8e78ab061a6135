//! Heaps: the names of links in old groups, and text of any length. File format specification, III.D
//! and III.E.

use evz_core::{Error, Result};

use super::fields::Fields;
use super::store::Store;

/// Bytes of the names of a group, and of a collection of texts, at most. They are read again for each
/// group and text, of which a hostile file may have many with the same.
const MAX_NAMES: u64 = 8 << 20;
const MAX_TEXTS: u64 = 1 << 20;

/// The names of the links of a group.
pub(crate) struct LocalHeap {
    bytes: Vec<u8>,
    /// Bytes that no name was made of yet: no two names share any.
    left: usize,
}

impl LocalHeap {
    pub(crate) fn read(store: &Store, address: u64) -> Result<Self> {
        let len = 8 + 2 * store.sizes.length + store.sizes.address;
        let head = store.read(address, len as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"HEAP")?;
        fields.version(0, "a heap")?;
        fields.skip(3)?;
        let len = fields.length()?;
        fields.length()?;
        let Some(data) = fields.address()? else {
            return Ok(Self::of(Vec::new()));
        };
        if len > MAX_NAMES {
            return Err(Error::limit(
                fields.place(),
                format!("a heap of {len} bytes"),
            ));
        }
        // What is cut off is missed where it is named.
        store.read_up_to(data, len).map(Self::of)
    }

    fn of(bytes: Vec<u8>) -> Self {
        let left = bytes.len();
        Self { bytes, left }
    }

    /// The name at an offset, which is asked for once; none if there is none, or others had its bytes.
    pub(crate) fn name(&mut self, offset: u64) -> Option<String> {
        let rest = self.bytes.get(usize::try_from(offset).ok()?..)?;
        let end = rest.iter().take(self.left + 1).position(|b| *b == 0);
        let len = end.unwrap_or(rest.len());
        let left = self.left.checked_sub(len);
        self.left = left.unwrap_or(0);
        left?;
        Some(Fields::text(&rest[..len])).filter(|name| !name.is_empty())
    }
}

/// Text of any length: `value` is its length, the address of the collection that it is in, and its
/// number there.
pub(crate) fn long_text(store: &Store, value: &[u8]) -> Result<String> {
    let mut fields = store.fields(value, 0);
    let len = fields.size(4)?;
    let Some(address) = fields.address()? else {
        return Ok(String::new());
    };
    let number = fields.u32()?;
    if len == 0 {
        return Ok(String::new());
    }
    let head = store.read(address, 8 + store.sizes.length as u64)?;
    let mut fields = store.fields(&head, address);
    fields.signature(b"GCOL")?;
    fields.version(1, "a heap")?;
    fields.skip(3)?;
    let all = fields.length()?;
    if all > MAX_TEXTS {
        return Err(Error::limit(
            fields.place(),
            format!("a heap of {all} bytes"),
        ));
    }
    let collection = store.read(address, all)?;
    let mut fields = store.fields(&collection, address);
    fields.skip(8 + store.sizes.length)?;
    while fields.left() >= 8 + store.sizes.length {
        let found = u32::from(fields.u16()?);
        fields.skip(6)?;
        let here = fields.size(store.sizes.length)?;
        if found == 0 {
            break;
        }
        let object = fields.take(here)?;
        if found == number {
            return Ok(Fields::text(&object[..len.min(object.len())]));
        }
        fields.align(8);
    }
    Err(fields.corrupt("a text that is not in its heap"))
}
