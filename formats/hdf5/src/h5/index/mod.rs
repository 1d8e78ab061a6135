//! What finds the chunks of a dataset, without a list of them in memory: there may be millions.

mod fixed;
mod growing;
mod slots;

use evz_core::{Error, Place, Result};

use super::layout::IndexAt;
use super::space::Space;
use super::store::Store;
use super::tree1::Tree1;
use super::tree2::Tree2;
use fixed::FixedArray;
use growing::GrowingArray;

/// Where a chunk stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) address: u64,
    /// Bytes that it has there.
    pub(crate) len: u64,
    /// A bit for each filter that it did not go through.
    pub(crate) mask: u32,
}

/// The index of the chunks of a dataset.
pub(crate) struct Index {
    found: Kind,
    /// The shape of a chunk, and its bytes.
    chunk: Vec<u64>,
    len: u64,
    /// Chunks between one and the next along each dimension, in the order of slots.
    steps: Vec<u64>,
}

enum Kind {
    /// There are none yet.
    Empty,
    One(Chunk),
    /// In a row from here on.
    Row(u64),
    Tree1(Tree1),
    Fixed(FixedArray),
    Growing(GrowingArray),
    Tree2(Tree2),
}

impl Index {
    /// Opens the index of a dataset with chunks of this shape, of `len` bytes each before the filters.
    pub(crate) fn open(
        store: &Store,
        at: IndexAt,
        space: &Space,
        chunk: &[u64],
        len: u64,
    ) -> Result<Self> {
        let found = match at {
            IndexAt::Tree1(Some(root)) => Kind::Tree1(Tree1::new(root, chunk.len())),
            IndexAt::Single(Some(address), filtered) => {
                let (len, mask) = filtered.unwrap_or((len, 0));
                Kind::One(Chunk { address, len, mask })
            }
            IndexAt::Row(Some(address)) => Kind::Row(address),
            IndexAt::Fixed(Some(address)) => Kind::Fixed(FixedArray::open(store, address, len)?),
            IndexAt::Growing(Some(address)) => {
                Kind::Growing(GrowingArray::open(store, address, len)?)
            }
            IndexAt::Tree2(Some(address)) => Kind::Tree2(Tree2::read(store, address)?),
            _ => Kind::Empty,
        };
        Ok(Self {
            found,
            steps: steps(space, chunk)?,
            chunk: chunk.to_vec(),
            len,
        })
    }

    /// The chunk with these numbers along the dimensions; none if it was never written.
    ///
    /// # Errors
    /// If the index is damaged there.
    pub(crate) fn find(&mut self, store: &Store, numbers: &[u64]) -> Result<Option<Chunk>> {
        let slot = || -> Result<u64> {
            let terms = numbers.iter().zip(&self.steps);
            let mut slot = terms.map(|(n, step)| n.checked_mul(*step));
            let slot = slot.try_fold(0u64, |sum, term| sum.checked_add(term?));
            slot.ok_or_else(|| Error::corrupt(Place::default(), "more chunks than can be"))
        };
        match &mut self.found {
            Kind::Empty => Ok(None),
            Kind::One(chunk) => Ok(numbers.iter().all(|n| *n == 0).then_some(*chunk)),
            Kind::Row(first) => {
                let address = slot()?.checked_mul(self.len);
                let address = address.and_then(|at| first.checked_add(at));
                let (len, mask) = (self.len, 0);
                Ok(address.map(|address| Chunk { address, len, mask }))
            }
            Kind::Tree1(tree) => {
                let start = numbers.iter().zip(&self.chunk);
                let start = start.map(|(n, side)| n.saturating_mul(*side));
                tree.find(store, &start.collect::<Vec<_>>())
            }
            Kind::Fixed(array) => {
                let slot = slot()?;
                array.find(store, slot)
            }
            Kind::Growing(array) => {
                let slot = slot()?;
                array.find(store, slot)
            }
            Kind::Tree2(tree) => in_tree2(tree, store, numbers, self.len),
        }
    }
}

/// Slots between one chunk and the next along each dimension. They count by what a dataset may grow
/// to, the last dimension fastest, but the one without an end slowest.
fn steps(space: &Space, chunk: &[u64]) -> Result<Vec<u64>> {
    let endless = space.most.iter().position(Option::is_none);
    let slowest = endless.unwrap_or(0);
    let mut steps = vec![1u64; chunk.len()];
    let mut step = Some(1u64);
    let others = (0..chunk.len()).rev().filter(|d| *d != slowest);
    for d in others {
        steps[d] = step.unwrap_or(u64::MAX);
        let most = space.most[d].unwrap_or(space.shape[d]);
        step = step.and_then(|step| step.checked_mul(most.div_ceil(chunk[d]).max(1)));
    }
    if let Some(slot) = steps.get_mut(slowest) {
        *slot = step.unwrap_or(u64::MAX);
    }
    Ok(steps)
}

fn in_tree2(tree: &mut Tree2, store: &Store, numbers: &[u64], len: u64) -> Result<Option<Chunk>> {
    /// Trees of plain chunks, and of filtered ones.
    const PLAIN: u8 = 10;
    const FILTERED: u8 = 11;
    let tail = 8 * numbers.len();
    let (kind, record) = (tree.kind, tree.record);
    let head = store.sizes.address + if kind == FILTERED { 4 } else { 0 };
    let Some(len_len) = record.checked_sub(head + tail).filter(|n| *n <= 8) else {
        let what = format!("a tree of records of {record} bytes");
        return Err(Error::corrupt(Place::default(), what));
    };
    if kind != PLAIN && kind != FILTERED {
        let what = "a tree of other things than chunks";
        return Err(Error::corrupt(Place::default(), what));
    }
    let order = |record: &[u8]| {
        let sides = record[record.len() - tail..].as_chunks::<8>().0.iter();
        sides
            .map(|n| u64::from_le_bytes(*n))
            .cmp(numbers.iter().copied())
    };
    let Some(record) = tree.find(store, order)? else {
        return Ok(None);
    };
    let mut fields = store.fields(&record, 0);
    let Some(address) = fields.address()? else {
        return Ok(None);
    };
    if kind == PLAIN {
        let mask = 0;
        return Ok(Some(Chunk { address, len, mask }));
    }
    let (len, mask) = (fields.uint(len_len)?, fields.u32()?);
    Ok(Some(Chunk { address, len, mask }))
}
