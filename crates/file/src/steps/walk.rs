//! Walking over the leaves of a tree, in the order of events.

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
    /// What is left of the lists from the top down.
    left: Vec<(Arc<Nodes>, Range<usize>)>,
    /// Whether the leaf in the root is still to come.
    latest: bool,
    reading: Option<(NodeRef, RecordSteps)>,
}

impl<E: Entry> Walk<E> {
    pub(crate) fn new(stem: Arc<Stem<E>>, sought: Sought) -> Self {
        let found = stem.top.at(&sought);
        Self {
            left: vec![(stem.top.clone(), found)],
            latest: !stem.latest.entries.is_empty(),
            stem,
            sought,
            reading: None,
        }
    }

    /// Ends: after damage nothing more is read.
    pub(crate) fn stop(&mut self) {
        self.left.clear();
        self.latest = false;
        self.reading = None;
    }

    /// The next reference, from the deepest list.
    fn next_ref(&mut self) -> Option<NodeRef> {
        loop {
            let (nodes, left) = self.left.last_mut()?;
            match left.next() {
                Some(i) if self.sought.meets(times(&nodes.refs[i])) => return Some(nodes.refs[i]),
                Some(_) => {}
                None => drop(self.left.pop()),
            }
        }
    }

    /// Goes down, or gives a leaf.
    fn take(&mut self, branch: Branch<E>) -> Option<Arc<Leaf<E>>> {
        match branch {
            Branch::Leaf(leaf) => Some(leaf),
            Branch::Node(nodes) => {
                let found = nodes.at(&self.sought);
                self.left.push((nodes, found));
                None
            }
        }
    }
}

fn times(r: &NodeRef) -> (i64, i64) {
    (r.span.t_min, r.span.t_max)
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
        loop {
            if let Some((r, mut record)) = self.reading.take() {
                if record.wanted_mut().is_missing() {
                    self.reading = Some((r, record));
                    return Ok(None);
                }
                let body = record.body();
                let branch = body.and_then(|body| self.stem.keep(&r, body));
                if let Some(leaf) = self.take(branch.map_err(in_index(&r))?) {
                    return Ok(Some(Some(leaf)));
                }
            } else if let Some(r) = self.next_ref() {
                match self.stem.kept(&r) {
                    Some(branch) => {
                        if let Some(leaf) = self.take(branch) {
                            return Ok(Some(Some(leaf)));
                        }
                    }
                    None => {
                        let record = RecordSteps::new(r.kind(), r.record, 0, self.stem.file_len);
                        self.reading = Some((r, record.map_err(in_index(&r))?));
                    }
                }
            } else if std::mem::take(&mut self.latest) {
                return Ok(Some(Some(self.stem.latest.clone())));
            } else {
                return Ok(Some(None));
            }
        }
    }

    fn wanted(&mut self) -> &mut [Wanted] {
        match &mut self.reading {
            Some((_, record)) => std::slice::from_mut(record.wanted_mut()),
            None => &mut [],
        }
    }

    fn gap(&self) -> u64 {
        DEFAULT_GAP
    }
}
