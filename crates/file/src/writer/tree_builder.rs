//! A tree of the index as it grows while a file is written.

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
        if self.tree.latest.entries.len() == FAN_OUT {
            self.end_leaf(write)?;
        }
        for level in 0..MAX_LEVEL {
            if self.at_level(level) < FAN_OUT {
                break;
            }
            self.end_node(level, write)?;
        }
        Ok(())
    }

    /// Writes the activity of the entries that will stand in the root, if there are several: that of
    /// one is found by reading it.
    pub(crate) fn end_activity(&mut self, write: &mut WriteRecord<'_>) -> Result<()> {
        if self.tree.latest.entries.len() > 1 && self.tree.latest.activity.is_none() {
            self.tree.latest.activity = self.write_activity(write)?;
        }
        Ok(())
    }

    /// Moves what stands in the root into fewer references; false if there is nothing to be moved.
    pub(crate) fn fold(&mut self, write: &mut WriteRecord<'_>) -> Result<bool> {
        if self.tree.latest.entries.len() > 1 {
            self.end_leaf(write)?;
            return Ok(true);
        }
        let level = self.tree.refs.last().map_or(0, |r| r.level);
        if self.at_level(level) < 2 || level == MAX_LEVEL {
            return Ok(false);
        }
        self.end_node(level, write)?;
        Ok(true)
    }

    /// References of a level, which stand at the end.
    fn at_level(&self, level: u8) -> usize {
        let refs = self.tree.refs.iter().rev();
        refs.take_while(|r| r.level == level).count()
    }

    fn end_leaf(&mut self, write: &mut WriteRecord<'_>) -> Result<()> {
        let activity = match self.tree.latest.activity {
            Some(written) => Some(written),
            None => self.write_activity(write)?,
        };
        let below = Span::of_refs(&self.tree.refs);
        let leaf = Leaf {
            activity,
            entries: std::mem::take(&mut self.tree.latest.entries),
        };
        let record = write(Kind::Leaf, &leaf.write_to(self.id))?;
        self.tree.latest.activity = None;
        self.activity.clear();
        self.tree.refs.push(NodeRef {
            level: 0,
            record,
            first_item: below.n_items,
            first_row: below.n_rows,
            span: Span::of_entries(&leaf.entries),
        });
        Ok(())
    }

    fn end_node(&mut self, level: u8, write: &mut WriteRecord<'_>) -> Result<()> {
        let from = self.tree.refs.len() - self.at_level(level);
        let refs = self.tree.refs.split_off(from);
        let record = write(Kind::Node, &write_node(&refs, self.id, level + 1))?;
        self.tree.refs.push(NodeRef {
            level: level + 1,
            record,
            first_item: refs[0].first_item,
            first_row: refs[0].first_row,
            span: Span::of_refs(&refs),
        });
        Ok(())
    }

    fn write_activity(&self, write: &mut WriteRecord<'_>) -> Result<Option<RecordRef>> {
        let chunks: Option<Vec<Bins>> = self.activity.iter().copied().collect();
        match chunks {
            Some(chunks) if !E::SIDE => {
                let body = write_activity(self.id.stream, &chunks);
                write(Kind::Activity, &body).map(Some)
            }
            _ => Ok(None),
        }
    }
}
