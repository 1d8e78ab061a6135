//! A tree of the index as it grows while a file is written.

use std::ops::Range;

use evz_core::Result;

use crate::limits::MAX_LEVEL;
use crate::wire::{
    Bins, Entry, Kind, Leaf, NodeRef, RecordRef, Span, Tree, TreeId, write_activity, write_node,
};

/// Entries of a leaf and references of a node: a window in a long file opens one leaf of 17 M events,
/// which takes some microseconds, and with three levels a terabyte has a root of some 20 kB.
const FAN_OUT: usize = 256;

/// Writes a record of a kind; says where it stands.
pub(crate) type WriteRecord<'a> = dyn FnMut(Kind, &[u8]) -> Result<RecordRef> + 'a;

/// Collects entries into leaves, and leaves into nodes; holds no more than one list a level.
pub(crate) struct TreeBuilder<E> {
    id: TreeId,
    tree: Tree<E>,
    /// Of the entries that are in no leaf yet.
    activity: Vec<Option<Bins>>,
}

impl<E: Entry> TreeBuilder<E> {
    pub(crate) fn new(id: TreeId) -> Self {
        Self::resume(id, Tree::default(), Vec::new())
    }

    /// Goes on from the tree of an existing file.
    pub(crate) fn resume(id: TreeId, mut tree: Tree<E>, activity: Vec<Option<Bins>>) -> Self {
        tree.latest.activity = None;
        Self { id, tree, activity }
    }

    pub(crate) fn tree(&self) -> &Tree<E> {
        &self.tree
    }

    /// Adds an entry, and writes the leaves and nodes that are full with it.
    pub(crate) fn add(
        &mut self,
        entry: E,
        activity: Option<Bins>,
        write: &mut WriteRecord<'_>,
    ) -> Result<()> {
        self.tree.latest.entries.push(entry);
        self.activity.push(activity);
        // A root of another writer may have had more of them.
        while self.tree.latest.entries.len() >= FAN_OUT {
            self.end_leaf(FAN_OUT, write)?;
        }
        for level in 0..MAX_LEVEL {
            while self.at_level(level).len() >= FAN_OUT {
                self.end_node(level, write)?;
            }
        }
        Ok(())
    }

    /// Writes the activity of the entries that will stand in the root, if there are several: that of
    /// one is found by reading it.
    pub(crate) fn end_activity(&mut self, write: &mut WriteRecord<'_>) -> Result<()> {
        if self.tree.latest.entries.len() > 1 && self.tree.latest.activity.is_none() {
            let n = self.tree.latest.entries.len();
            self.tree.latest.activity = self.write_activity(n, write)?;
        }
        Ok(())
    }

    /// Moves what stands in the root into fewer references; false if there is nothing to be moved.
    pub(crate) fn fold(&mut self, write: &mut WriteRecord<'_>) -> Result<bool> {
        if self.tree.latest.entries.len() > 1 {
            self.end_leaf(self.tree.latest.entries.len(), write)?;
            return Ok(true);
        }
        let level = self.tree.refs.last().map_or(0, |r| r.level);
        if self.at_level(level).len() < 2 || level == MAX_LEVEL {
            return Ok(false);
        }
        self.end_node(level, write)?;
        Ok(true)
    }

    /// Where the references of a level stand: levels fall.
    fn at_level(&self, level: u8) -> Range<usize> {
        let refs = &self.tree.refs;
        refs.partition_point(|r| r.level > level)..refs.partition_point(|r| r.level >= level)
    }

    /// Puts the first `n` entries into a leaf.
    fn end_leaf(&mut self, n: usize, write: &mut WriteRecord<'_>) -> Result<()> {
        let activity = match self.tree.latest.activity.take() {
            Some(of_all) => Some(of_all),
            None => self.write_activity(n, write)?,
        };
        let below = Span::of_refs(&self.tree.refs);
        let leaf = Leaf {
            activity,
            entries: self.tree.latest.entries.drain(..n).collect(),
        };
        let record = write(Kind::Leaf, &leaf.write_to(self.id))?;
        self.activity.drain(..n);
        self.tree.refs.push(NodeRef {
            level: 0,
            record,
            first_item: below.n_items,
            first_row: below.n_rows,
            span: Span::of_entries(&leaf.entries),
        });
        Ok(())
    }

    /// Puts the first references of a level into a node.
    fn end_node(&mut self, level: u8, write: &mut WriteRecord<'_>) -> Result<()> {
        let Range { start, end } = self.at_level(level);
        let end = end.min(start + FAN_OUT);
        let refs: Vec<NodeRef> = self.tree.refs.drain(start..end).collect();
        let record = write(Kind::Node, &write_node(&refs, self.id, level + 1))?;
        let node = NodeRef {
            level: level + 1,
            record,
            first_item: refs[0].first_item,
            first_row: refs[0].first_row,
            span: Span::of_refs(&refs),
        };
        self.tree.refs.insert(start, node);
        Ok(())
    }

    /// Writes the activity of the first `n` entries, if that of each is known.
    fn write_activity(&self, n: usize, write: &mut WriteRecord<'_>) -> Result<Option<RecordRef>> {
        let chunks: Option<Vec<Bins>> = self.activity[..n].iter().copied().collect();
        match chunks {
            Some(chunks) if !E::SIDE => {
                let body = write_activity(self.id.stream, &chunks);
                write(Kind::Activity, &body).map(Some)
            }
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_LIST;
    use crate::wire::{BatchEntry, read_node};

    /// Where records stand that were there before.
    const FAR: u64 = 1 << 40;

    fn one(first: u64) -> Span {
        Span {
            n_items: 1,
            n_rows: 1,
            t_min: first as i64,
            t_max: first as i64,
            t_end: first as i64,
        }
    }

    /// What another writer left in a root may be as much as a root holds.
    #[test]
    fn lists_stay_short_behind_a_root_with_long_ones() {
        let id = TreeId {
            side: true,
            stream: 0,
            n_columns: 0,
        };
        let mut refs = Vec::new();
        for (level, n) in [(2, 700), (1, 300), (0, MAX_LIST - 1000)] {
            refs.extend((0..n).map(|_| level));
        }
        let refs = refs.iter().zip(0..).map(|(level, first)| NodeRef {
            level: *level,
            record: RecordRef {
                offset: FAR + 64 * first,
                ..RecordRef::default()
            },
            first_item: first,
            first_row: first,
            span: one(first),
        });
        let refs: Vec<NodeRef> = refs.collect();
        let n_refs = refs.len() as u64;
        let entry = |first: u64| BatchEntry {
            first_row: first,
            rows: 1,
            t_min: first as i64,
            t_max: first as i64,
            ..BatchEntry::default()
        };
        let latest = Leaf {
            activity: None,
            entries: (0..MAX_LIST as u64).map(|i| entry(n_refs + i)).collect(),
        };
        let n_before = n_refs + latest.entries.len() as u64;
        let activity = vec![None; latest.entries.len()];
        let mut builder = TreeBuilder::resume(id, Tree { refs, latest }, activity);
        let mut written = Vec::new();
        let mut write = |kind, body: &[u8]| {
            written.push((kind, body.to_vec()));
            let offset = written.len() as u64;
            Ok(RecordRef {
                offset: 64 * offset,
                ..RecordRef::default()
            })
        };
        builder.add(entry(n_before), None, &mut write).unwrap();
        let tree = builder.tree();
        assert!(tree.latest.entries.len() < FAN_OUT);
        assert!(tree.refs.is_sorted_by(|a, b| a.level >= b.level));
        assert_eq!(tree.span().n_rows, n_before + 1);
        let mut next = 0;
        for r in &tree.refs {
            assert_eq!((r.first_item, r.first_row), (next, next));
            next += r.span.n_rows;
            // What the reference says is what its node says.
            let at = r.record.offset;
            if at < FAR && r.level > 0 {
                let (kind, body) = &written[at as usize / 64 - 1];
                assert_eq!(*kind, Kind::Node);
                assert_eq!(read_node(body, id, r).unwrap().len(), FAN_OUT);
            }
        }
        for level in 0..MAX_LEVEL {
            assert!(builder.at_level(level).len() < FAN_OUT, "level {level}");
        }
    }
}
