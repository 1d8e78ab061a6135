//! Trees of version 1: of the names of a group, and of the chunks of a dataset. File format
//! specification, III.A.1.

use evz_core::{Error, Result};

use super::index::Chunk;
use super::store::Store;

/// What the nodes of a tree point to.
const NAMES: u8 = 0;
const CHUNKS: u8 = 1;

/// A node, decoded.
struct Node {
    address: u64,
    level: u8,
    /// Of each child the first chunk in it: where that begins along each dimension.
    keys: Vec<u64>,
    /// Of each child the bytes of its chunk and the filters that it did not go through.
    sizes: Vec<(u32, u32)>,
    children: Vec<Option<u64>>,
}

/// A tree that finds the chunks of a dataset.
pub(crate) struct Tree1 {
    root: u64,
    rank: usize,
    /// The nodes read last, from the root down: chunks that follow each other are in the same ones.
    path: Vec<Node>,
}

impl Tree1 {
    pub(crate) fn new(root: u64, rank: usize) -> Self {
        let path = Vec::new();
        Self { root, rank, path }
    }

    /// The chunk that begins here along each dimension.
    pub(crate) fn find(&mut self, store: &Store, start: &[u64]) -> Result<Option<Chunk>> {
        let rank = self.rank;
        let (mut address, mut depth) = (self.root, 0);
        loop {
            if self
                .path
                .get(depth)
                .is_none_or(|node| node.address != address)
            {
                self.path.truncate(depth);
                let node = Node::read(store, address, rank)?;
                // Every level is below the one above, so that no loop is endless.
                let above = depth.checked_sub(1).and_then(|d| self.path.get(d));
                if above.is_some_and(|above| above.level != node.level + 1) {
                    let place = store.fields(&[], address).place();
                    let what = format!("a node of level {} below one of another", node.level);
                    return Err(Error::corrupt(place, what));
                }
                self.path.push(node);
            }
            let node = &self.path[depth];
            // The last child that does not begin behind it.
            let (mut from, mut to) = (0, node.children.len());
            while from < to {
                let middle = (from + to) / 2;
                match node.keys[middle * rank..][..rank] <= *start {
                    true => from = middle + 1,
                    false => to = middle,
                }
            }
            let Some(child) = from.checked_sub(1) else {
                return Ok(None);
            };
            let Some(at) = node.children[child] else {
                return Ok(None);
            };
            if node.level > 0 {
                (address, depth) = (at, depth + 1);
                continue;
            }
            let (len, mask) = node.sizes[child];
            let found = node.keys[child * rank..][..rank] == *start;
            return Ok(found.then_some(Chunk {
                address: at,
                len: u64::from(len),
                mask,
            }));
        }
    }

    /// The addresses of the nodes of symbols that a tree of names leads to, at most so many.
    pub(crate) fn leaves(store: &Store, root: u64, most: usize) -> Result<Vec<u64>> {
        let mut leaves = Vec::new();
        let mut open = vec![(root, None::<u8>)];
        let mut nodes = 0;
        while let Some((address, above)) = open.pop() {
            let head = store.read(address, 8 + 2 * store.sizes.address as u64)?;
            let mut fields = store.fields(&head, address);
            fields.signature(b"TREE")?;
            let (kind, level, n) = (fields.u8()?, fields.u8()?, fields.size(2)?);
            nodes += 1 + n;
            if kind != NAMES || above.is_some_and(|above| level.checked_add(1) != Some(above)) {
                return Err(fields.corrupt(format!("a node of kind {kind} and level {level}")));
            }
            if nodes > most || leaves.len() + n > most {
                return Err(Error::limit(
                    fields.place(),
                    format!("more than {most} names"),
                ));
            }
            let at = address.saturating_add(head.len() as u64);
            let len = n * (store.sizes.length + store.sizes.address);
            let body = store.read(at, len as u64)?;
            let mut fields = store.fields(&body, at);
            for _ in 0..n {
                fields.length()?;
                let child = fields.address()?;
                match level {
                    0 => leaves.extend(child),
                    _ => open.extend(child.map(|child| (child, Some(level)))),
                }
            }
        }
        Ok(leaves)
    }
}

impl Node {
    fn read(store: &Store, address: u64, rank: usize) -> Result<Self> {
        let head = store.read(address, 8 + 2 * store.sizes.address as u64)?;
        let mut fields = store.fields(&head, address);
        fields.signature(b"TREE")?;
        let (kind, level, n) = (fields.u8()?, fields.u8()?, fields.size(2)?);
        if kind != CHUNKS {
            return Err(fields.corrupt("a tree of other things than chunks"));
        }
        // Bytes, filters, and where it begins, in values and, last, in bytes of one.
        let key = 8 + 8 * (rank + 1);
        let at = address.saturating_add(head.len() as u64);
        let body = store.read(at, (n * (key + store.sizes.address)) as u64)?;
        let mut fields = store.fields(&body, at);
        let mut node = Self {
            address,
            level,
            keys: Vec::with_capacity(n * rank),
            sizes: Vec::with_capacity(n),
            children: Vec::with_capacity(n),
        };
        for _ in 0..n {
            node.sizes.push((fields.u32()?, fields.u32()?));
            for _ in 0..rank {
                node.keys.push(fields.uint(8)?);
            }
            fields.skip(8)?;
            node.children.push(fields.address()?);
        }
        Ok(node)
    }
}
