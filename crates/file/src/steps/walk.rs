//! Walking over the leaves of a tree, in the order of events.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use evz_core::{Error, Place, Result};

use super::{DEFAULT_GAP, Machine, RecordSteps, Wanted};
use crate::index::{Branch, Leaf, Nodes, Sought, Stem};
use crate::wire::{Entry, NodeRef};

/// Finds the leaves that may hold what is looked for, one after the other; done with none behind the
/// last. Holds a list of references a level.
pub(crate) struct Walk<E> {
    stem: Arc<Stem<E>>,
    sought: Sought,
    /// Records that are read at once.
    ahead: usize,
    /// What is left of the tree, in order.
    left: VecDeque<Part<E>>,
    /// Where the last record ends that a leaf listed.
    end: u64,
}

/// A part of a tree.
enum Part<E> {
    /// What is left of a list.
    List(Arc<Nodes>, Range<usize>),
    /// A leaf or a node on its way.
    Reading(NodeRef, RecordSteps),
    Leaf(Arc<Leaf<E>>),
    Failed(Error),
}

impl<E: Entry> Walk<E> {
    pub(crate) fn new(stem: Arc<Stem<E>>, sought: Sought) -> Self {
        let found = stem.top.at(&sought);
        let mut left = VecDeque::with_capacity(2);
        left.push_back(Part::List(stem.top.clone(), found));
        if !stem.latest.entries.is_empty() && stem.top.reaches_behind(&sought) {
            left.push_back(Part::Leaf(stem.latest.clone()));
        }
        Self {
            stem,
            sought,
            ahead: 1,
            left,
            end: 0,
        }
    }

    /// Reads so many records at once, where the next so many are known.
    pub(crate) fn with_ahead(mut self, ahead: usize) -> Self {
        self.ahead = ahead;
        self
    }

    /// Ends: after damage nothing more is read.
    pub(crate) fn stop(&mut self) {
        self.left.clear();
    }

    /// A leaf, whose records stand behind those of the leaves before it: each is read once.
    fn found(&mut self, leaf: Arc<Leaf<E>>) -> Result<Arc<Leaf<E>>> {
        if let (Some(first), Some(last)) = (leaf.entries.first(), leaf.entries.last()) {
            let (offset, body_len) = last.record();
            if first.record().0 < self.end {
                let what = "a leaf of the index lists what one before it lists";
                return Err(Error::corrupt(Place::byte(first.record().0), what));
            }
            self.end = offset.saturating_add(body_len);
        }
        Ok(leaf)
    }

    /// The next reference of a list.
    fn next_ref(&self, nodes: &Nodes, left: &mut Range<usize>) -> Option<NodeRef> {
        let mut refs = left.map(|i| nodes.refs[i]);
        refs.find(|r| nodes.wants(&self.sought, r))
    }

    fn part(&self, branch: Branch<E>) -> Part<E> {
        match branch {
            Branch::Leaf(leaf) => Part::Leaf(leaf),
            Branch::Node(nodes) => {
                let found = nodes.at(&self.sought);
                Part::List(nodes, found)
            }
        }
    }

    /// What there is at a reference: in memory, or on its way.
    fn follow(&self, r: NodeRef) -> Part<E> {
        if let Some(branch) = self.stem.kept(&r) {
            return self.part(branch);
        }
        match RecordSteps::new(r.kind(), r.record, 0, self.stem.file_len) {
            Ok(record) => Part::Reading(r, record),
            Err(error) => Part::Failed(in_index(&r)(error)),
        }
    }

    /// What a record that is there holds.
    fn arrived(&self, r: NodeRef, record: RecordSteps) -> Part<E> {
        let branch = record.body().and_then(|body| self.stem.keep(&r, body));
        match branch {
            Ok(branch) => self.part(branch),
            Err(error) => Part::Failed(in_index(&r)(error)),
        }
    }
}

fn in_index(r: &NodeRef) -> impl Fn(Error) -> Error + use<> {
    let part = match r.level {
        0 => "index leaf",
        _ => "index node",
    };
    let place = Place::part(part).with_byte(r.record.offset);
    move |error| error.within(&place)
}

impl<E: Entry> Machine for Walk<E> {
    type Output = Option<Arc<Leaf<E>>>;

    fn advance(&mut self) -> Result<Option<Self::Output>> {
        let mut at = 0;
        while at < self.ahead {
            match self.left.remove(at) {
                None if at == 0 => return Ok(Some(None)),
                None => break,
                Some(Part::Leaf(leaf)) if at == 0 => {
                    return self.found(leaf).map(|l| Some(Some(l)));
                }
                Some(Part::Failed(error)) if at == 0 => return Err(error),
                Some(Part::List(nodes, mut left)) => {
                    if let Some(r) = self.next_ref(&nodes, &mut left) {
                        let part = self.follow(r);
                        self.left.insert(at, Part::List(nodes, left));
                        self.left.insert(at, part);
                    }
                }
                Some(Part::Reading(r, record)) if !record.is_missing() => {
                    self.left.insert(at, self.arrived(r, record));
                }
                Some(waits) => {
                    self.left.insert(at, waits);
                    at += 1;
                }
            }
        }
        Ok(None)
    }

    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted)) {
        for part in self.left.iter_mut().take(self.ahead) {
            if let Part::Reading(_, record) = part {
                act(record.wanted_mut());
            }
        }
    }

    fn gap(&self) -> u64 {
        DEFAULT_GAP
    }
}
