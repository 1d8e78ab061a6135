//! From a selection to the pieces of chunks that hold it, by the index and the entry points alone.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{Polarity, Result, Selection};

use crate::leaf::Leaf;
use crate::read::Reader;
use crate::view::ChunkView;
use crate::wire::ChunkEntry;

/// A run of events of one chunk.
pub(crate) struct Piece {
    leaf: Arc<Leaf>,
    index: usize,
    /// Positions in the chunk.
    pub(crate) range: Range<usize>,
    /// Whether the times still have to be looked at one by one: the chunk is not in order.
    pub(crate) filter_time: bool,
}

impl Piece {
    pub(crate) fn entry(&self) -> &ChunkEntry {
        &self.leaf.entries[self.index]
    }

    /// Number of the chunk in the file.
    pub(crate) fn chunk(&self) -> u64 {
        self.leaf.first_chunk + self.index as u64
    }
}

/// The pieces of a selection, in the order of the recording; holds one leaf of the index at a time.
pub(crate) struct Plan {
    reader: Reader,
    selection: Selection,
    next_leaf: usize,
    leaf: Option<(Arc<Leaf>, Range<usize>)>,
}

impl Plan {
    pub(crate) fn new(reader: Reader, selection: Selection) -> Self {
        Self {
            reader,
            selection,
            next_leaf: 0,
            leaf: None,
        }
    }

    /// Ends the plan: after damage nothing more is read.
    pub(crate) fn stop(&mut self) {
        self.leaf = None;
        self.next_leaf = self.reader.root().leaves.len();
    }

    /// The next leaf that may hold something, with the chunks of it that may.
    fn advance(&mut self) -> Result<Option<(Arc<Leaf>, Range<usize>)>> {
        let leaves = &self.reader.root().leaves;
        while let Some(r) = leaves.get(self.next_leaf) {
            let number = self.next_leaf;
            self.next_leaf += 1;
            let meets_time = self
                .selection
                .time
                .as_ref()
                .is_none_or(|t| t.start <= r.t_max && r.t_min < t.end);
            let meets_events = self
                .selection
                .events
                .as_ref()
                .is_none_or(|e| e.start < r.first_event + r.n_events && r.first_event < e.end);
            if !(meets_time && meets_events) {
                continue;
            }
            let leaf = self.reader.leaf(number)?;
            let mut chunks = 0..leaf.entries.len();
            if let Some(time) = &self.selection.time {
                chunks = leaf.chunks_at(time);
            }
            if let Some(events) = &self.selection.events {
                let of = leaf.chunks_of(events);
                chunks = chunks.start.max(of.start)..chunks.end.min(of.end);
            }
            if !chunks.is_empty() {
                return Ok(Some((leaf, chunks)));
            }
        }
        Ok(None)
    }

    /// The piece of a chunk that the selection takes; empty if the index rules all of it out.
    fn piece(&self, leaf: Arc<Leaf>, index: usize) -> Result<Piece> {
        let Selection {
            time,
            events,
            roi,
            polarity,
            ..
        } = &self.selection;
        let e = &leaf.entries[index];
        let n = e.n_events as usize;
        let mut range = 0..n;
        let mut filter_time = false;
        if let Some(events) = events {
            let local = |number: u64| {
                usize::try_from(number.saturating_sub(e.first_event))
                    .unwrap_or(n)
                    .min(n)
            };
            range = local(events.start)..local(events.end);
        }
        let ruled_out = roi.is_some_and(|r| !r.meets(e.x_min, e.x_max, e.y_min, e.y_max))
            || match polarity {
                Some(Polarity::On) => e.n_on == 0,
                Some(Polarity::Off) => e.n_on == e.n_events,
                None => false,
            }
            || time
                .as_ref()
                .is_some_and(|t| t.is_empty() || e.t_max < t.start || t.end <= e.t_min);
        if ruled_out {
            range = 0..0;
        }
        if let Some(t) = time
            && !range.is_empty()
            && !(t.start <= e.t_min && e.t_max < t.end)
        {
            if e.sorted() {
                let view = ChunkView::new(&self.reader, e, leaf.first_chunk + index as u64)?;
                let whole = 0..e.n_events as usize;
                let found = match (e.t_min < t.start, t.end <= e.t_max) {
                    (true, true) => view.window(t.clone())?,
                    (true, false) => view.lower_bound(t.start)?..whole.end,
                    (false, true) => 0..view.lower_bound(t.end)?,
                    (false, false) => whole,
                };
                range = range.start.max(found.start)..range.end.min(found.end);
                range.end = range.end.max(range.start);
            } else {
                filter_time = true;
            }
        }
        Ok(Piece {
            leaf,
            index,
            range,
            filter_time,
        })
    }
}

impl Iterator for Plan {
    type Item = Result<Piece>;

    fn next(&mut self) -> Option<Result<Piece>> {
        loop {
            let Some((leaf, mut chunks)) = self.leaf.take() else {
                match self.advance() {
                    Ok(Some(leaf)) => self.leaf = Some(leaf),
                    Ok(None) => return None,
                    Err(e) => return Some(Err(self.reader.blame(e))),
                }
                continue;
            };
            let Some(index) = chunks.next() else { continue };
            self.leaf = Some((leaf.clone(), chunks));
            match self.piece(leaf, index) {
                Ok(piece) if piece.range.is_empty() => {}
                other => return Some(other.map_err(|e| self.reader.blame(e))),
            }
        }
    }
}
