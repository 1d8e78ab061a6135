//! The indexes of roots before the last one, held against the chunks and batches that stand before them.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};

use evz_core::{Error, Place, Result};

use crate::reader::Reader;
use crate::wire::{Bins, Entry, Leaf, NodeRef, Root, Tree, TreeId, read_node};

/// What was met so far, and what was held against it.
#[derive(Default)]
pub(super) struct Earlier {
    hasher: RandomState,
    /// By where a chunk or a batch starts: hashes of what its entry is, and of its activity.
    met: HashMap<u64, (u64, u64)>,
    /// By where a leaf or a node starts: what it was held against, once.
    seen: HashMap<u64, (TreeId, NodeRef)>,
}

impl Earlier {
    /// A chunk or a batch was met.
    pub(super) fn met<E: Entry + Hash>(&mut self, entry: &E, bins: Option<&Bins>) {
        let hashes = (self.hasher.hash_one(entry), self.hasher.hash_one(bins));
        self.met.insert(entry.record().0, hashes);
    }

    /// Holds all that a root lists against what was met before it. What an earlier root led to already is
    /// not read again.
    pub(super) fn check(&mut self, reader: &Reader, root: &Root) -> Result<()> {
        for stream in &root.streams {
            self.tree(reader, stream.tree_id(), &stream.tree)?;
        }
        let mut side = root.side.iter();
        side.try_for_each(|stream| self.tree(reader, stream.tree_id(), &stream.tree))
    }

    fn tree<E: Entry + Hash>(&mut self, reader: &Reader, id: TreeId, tree: &Tree<E>) -> Result<()> {
        for r in &tree.refs {
            self.branch::<E>(reader, id, r)?;
        }
        self.leaf(reader, id, &tree.latest)
    }

    fn branch<E: Entry + Hash>(&mut self, reader: &Reader, id: TreeId, r: &NodeRef) -> Result<()> {
        let place = || Place::part("index").with_byte(r.record.offset);
        match self.seen.insert(r.record.offset, (id, *r)) {
            Some(before) if before == (id, *r) => return Ok(()),
            Some(_) => {
                let what = "two references say of it what cannot both be";
                return Err(Error::corrupt(place(), what));
            }
            None => {}
        }
        let body = reader.record(r.kind(), r.record, 0)?;
        match r.level {
            0 => {
                let leaf = Leaf::read_from(&body, id, r).map_err(|e| e.within(place()))?;
                self.leaf::<E>(reader, id, &leaf)
            }
            _ => {
                let below = read_node(&body, id, r).map_err(|e| e.within(place()))?;
                let mut below = below.iter();
                below.try_for_each(|r| self.branch::<E>(reader, id, r))
            }
        }
    }

    fn leaf<E: Entry + Hash>(&self, reader: &Reader, id: TreeId, leaf: &Leaf<E>) -> Result<()> {
        let bins = reader.activity_in(id, leaf.activity, &leaf.entries)?;
        for (i, entry) in leaf.entries.iter().enumerate() {
            let wrong = |what: &str| Err(Error::corrupt(Place::byte(entry.record().0), what));
            let met = self.met.get(&entry.record().0);
            let Some((_, activity)) = met.filter(|met| met.0 == self.hasher.hash_one(entry)) else {
                return wrong("an index describes it otherwise");
            };
            let told = bins.as_ref().map(|bins| &bins[i]);
            if told.is_some() && *activity != self.hasher.hash_one(told) {
                return wrong("its activity is another than an index says");
            }
        }
        Ok(())
    }
}
