//! From a selection to the pieces of chunks that hold it, by the index and the tables of contents
//! alone; of a chunk in order that a window cuts, the bytes at the cut are read.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{Place, Polarity, Result, Selection};

use super::chunk::Part;
use super::{ChunkSteps, DEFAULT_GAP, Machine, Piece, RecordSteps, Step, Wanted};
use crate::index::{Index, Leaf};
use crate::wire::Kind;

/// Finds the pieces of a selection, in the order of the recording, one after the other; done with
/// none behind the last. Holds one leaf of the index at a time.
pub struct SelectSteps {
    index: Arc<Index>,
    selection: Selection,
    gap: u64,
    /// Whether of a chunk that a window cuts the cuts alone are read.
    at_cuts: bool,
    next_leaf: usize,
    /// The leaf, and those of its chunks that are left.
    leaf: Option<(Arc<Leaf>, Range<usize>)>,
    reading: Reading,
}

enum Reading {
    Nothing,
    /// The leaf of this number.
    Leaf(usize, RecordSteps),
    /// The chunk of a piece that a window of times cuts.
    Chunk(Box<(Piece, ChunkSteps)>),
}

impl SelectSteps {
    /// Of a file with this index.
    pub fn new(index: Arc<Index>, selection: Selection) -> Self {
        Self {
            index,
            selection,
            gap: DEFAULT_GAP,
            at_cuts: false,
            next_leaf: 0,
            leaf: None,
            reading: Reading::Nothing,
        }
    }

    /// Reads up to so many bytes between two ranges rather than ask for them apart; unless told,
    /// [`DEFAULT_GAP`].
    pub fn with_gap(mut self, gap: u64) -> Self {
        self.gap = gap;
        self
    }

    /// Reads of a chunk that a window cuts no more than finds the cuts: where bytes are near, who
    /// decodes what lies between reads it.
    pub(crate) fn at_cuts(mut self) -> Self {
        self.at_cuts = true;
        self
    }

    /// Goes on.
    ///
    /// # Errors
    /// If a part of the index or a chunk is damaged. The next step goes on behind it.
    pub fn step(&mut self) -> Result<Step<Option<Piece>>> {
        Machine::step(self)
    }

    /// Takes bytes of the file.
    pub fn give(&mut self, offset: u64, bytes: &[u8]) {
        Machine::give(self, offset, bytes);
    }

    /// Ends: after damage nothing more is read.
    pub(crate) fn stop(&mut self) {
        self.leaf = None;
        self.reading = Reading::Nothing;
        self.next_leaf = self.index.root.leaves.len();
    }

    /// Wants the next leaf that may hold something, or takes it if it is kept; false if there is no
    /// more.
    fn next_leaf(&mut self) -> Result<bool> {
        while let Some(r) = self.index.root.leaves.get(self.next_leaf) {
            let number = self.next_leaf;
            self.next_leaf += 1;
            let time = self.selection.time.as_ref();
            let meets_time = time.is_none_or(|t| t.start <= r.t_max && r.t_min < t.end);
            let events = self.selection.events.as_ref();
            let meets_events = events
                .is_none_or(|e| e.start < r.first_event + r.n_events && r.first_event < e.end);
            if !(meets_time && meets_events) {
                continue;
            }
            if let Some(leaf) = self.index.leaves.get(number) {
                self.take_leaf(leaf);
            } else {
                let file_len = self.index.file_len;
                let record = RecordSteps::new(Kind::IndexLeaf, r.offset, r.body_len, file_len)?;
                self.reading = Reading::Leaf(number, record);
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn take_leaf(&mut self, leaf: Arc<Leaf>) {
        let mut chunks = 0..leaf.entries.len();
        if let Some(time) = &self.selection.time {
            chunks = leaf.chunks_at(time);
        }
        if let Some(events) = &self.selection.events {
            let of = leaf.chunks_of(events);
            chunks = chunks.start.max(of.start)..chunks.end.min(of.end);
        }
        self.leaf = Some((leaf, chunks));
    }

    /// The piece of a chunk that the selection takes, as far as the index tells; none if it rules all
    /// of it out.
    fn piece(&self, leaf: Arc<Leaf>, index: usize) -> Option<Piece> {
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
        let cut = time
            .as_ref()
            .is_some_and(|t| !(t.start <= e.t_min && e.t_max < t.end));
        let filter_time = cut && !e.sorted();
        (!ruled_out && !range.is_empty()).then_some(Piece {
            leaf,
            index,
            range,
            filter_time,
            opened: None,
        })
    }

    /// The window of times that cuts the chunk of a piece, if one does and the chunk is in order.
    fn window(&self, piece: &Piece) -> Option<Range<i64>> {
        let e = piece.entry();
        let cuts = |t: &&Range<i64>| !(t.start <= e.t_min && e.t_max < t.end);
        let time = self.selection.time.as_ref().filter(cuts)?;
        e.sorted().then(|| time.clone())
    }

    /// Goes on with what is being read; a piece if that was missing for it.
    fn go_on(&mut self) -> Result<Option<Piece>> {
        match std::mem::replace(&mut self.reading, Reading::Nothing) {
            Reading::Nothing => Ok(None),
            Reading::Leaf(number, mut record) => {
                if record.wanted_mut().is_missing() {
                    self.reading = Reading::Leaf(number, record);
                } else {
                    let leaf = self.index.keep_leaf(number, record.body()?)?;
                    self.take_leaf(leaf);
                }
                Ok(None)
            }
            Reading::Chunk(mut reading) => {
                let (piece, steps) = &mut *reading;
                let Some(chunk) = steps.advance()? else {
                    self.reading = Reading::Chunk(reading);
                    return Ok(None);
                };
                let window = self.window(piece).unwrap_or_default();
                let found = chunk.window(&window)?;
                let (mut piece, _) = *reading;
                piece.range = piece.range.start.max(found.start)..piece.range.end.min(found.end);
                piece.opened = Some(chunk);
                Ok(Some(piece).filter(|piece| !piece.range.is_empty()))
            }
        }
    }
}

impl Machine for SelectSteps {
    type Output = Option<Piece>;

    fn advance(&mut self) -> Result<Option<Option<Piece>>> {
        loop {
            if let Some(piece) = self.go_on()? {
                return Ok(Some(Some(piece)));
            }
            if !matches!(self.reading, Reading::Nothing) {
                return Ok(None);
            }
            let Some((leaf, chunks)) = &mut self.leaf else {
                if !self.next_leaf()? {
                    return Ok(Some(None));
                }
                continue;
            };
            let Some(index) = chunks.next() else {
                self.leaf = None;
                continue;
            };
            let leaf = leaf.clone();
            let Some(piece) = self.piece(leaf.clone(), index) else {
                continue;
            };
            match self.window(&piece) {
                None => return Ok(Some(Some(piece))),
                Some(window) => {
                    let part = match self.at_cuts {
                        true => Part::Cuts(window),
                        false => Part::Times(window),
                    };
                    let steps = ChunkSteps::new(leaf, index, part);
                    let steps = steps.with_gap(self.gap);
                    self.reading = Reading::Chunk(Box::new((piece, steps)));
                }
            }
        }
    }

    fn wanted(&mut self) -> &mut [Wanted] {
        match &mut self.reading {
            Reading::Nothing => &mut [],
            Reading::Leaf(_, record) => std::slice::from_mut(record.wanted_mut()),
            Reading::Chunk(reading) => reading.1.wanted(),
        }
    }

    fn gap(&self) -> u64 {
        self.gap
    }

    fn place(&self) -> Place {
        match &self.reading {
            Reading::Chunk(reading) => reading.1.place(),
            _ => Place::default(),
        }
    }
}
