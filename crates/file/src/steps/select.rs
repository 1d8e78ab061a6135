//! From a selection to the pieces of chunks that hold it, by the index and the tables of contents
//! alone; of a chunk in order that a window cuts, the bytes at the cut are read.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use evz_core::{ColumnSet, ColumnType, Error, Place, Result, Selection, window_holds};

use super::chunk::Part;
use super::walk::Walk;
use super::{ChunkSteps, DEFAULT_GAP, Machine, Piece, Step, Wanted};
use crate::index::{Index, Leaf, Sought, Stem};
use crate::wire::ChunkEntry;

/// Finds the pieces of a selection, in the order of the recording, one after the other; done with
/// none behind the last. Holds one leaf of the index at a time, and one chunk that a window cuts.
pub struct SelectSteps {
    selection: Selection,
    gap: u64,
    /// Whether of a chunk that a window cuts the cuts alone are read.
    at_cuts: bool,
    /// Chunks, and records of the index, that are read at once.
    ahead: usize,
    sought: Sought,
    /// The types of the further columns.
    types: Arc<[ColumnType]>,
    leaves: Walk<ChunkEntry>,
    /// The leaf, and those of its chunks that are left.
    leaf: Option<(Arc<Leaf<ChunkEntry>>, Range<usize>)>,
    /// What was found and is on its way, or waits for what stands before it.
    found: VecDeque<Found>,
}

enum Found {
    /// A piece whose chunk is being read.
    Reading(Piece, Box<ChunkSteps>),
    /// A piece whose chunk is opened.
    Read(Piece),
    Failed(Error),
}

impl SelectSteps {
    /// Of event stream 0 of a file with this index.
    pub fn new(index: Arc<Index>, selection: Selection) -> Self {
        Self::of(index.streams[0].clone(), selection)
    }

    pub(crate) fn of(stem: Arc<Stem<ChunkEntry>>, selection: Selection) -> Self {
        let sought = Sought::new(selection.time.as_ref(), selection.events.as_ref());
        Self {
            selection,
            gap: DEFAULT_GAP,
            at_cuts: false,
            ahead: 1,
            types: stem.types.clone(),
            leaves: Walk::new(stem, sought.clone()),
            sought,
            leaf: None,
            found: VecDeque::new(),
        }
    }

    /// Reads up to so many bytes between two ranges rather than ask for them apart; unless told,
    /// [`DEFAULT_GAP`].
    pub fn with_gap(mut self, gap: u64) -> Self {
        self.gap = gap;
        self
    }

    /// Reads so many chunks at once, or records of the index, where the next so many are known; and chunks
    /// of which all is wanted too. Unless told, one: over a network a window takes as long as one waits for
    /// answers, and those about several chunks can be waited for together.
    pub fn with_ahead(mut self, ahead: usize) -> Self {
        self.ahead = ahead.max(1);
        self.leaves = self.leaves.with_ahead(self.ahead);
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
        self.found.clear();
        self.leaves.stop();
    }

    /// The piece of a chunk that the selection takes, as far as the index tells; none if it rules all
    /// of it out. One without events is to be asked whether the index lies.
    fn piece(&self, leaf: Arc<Leaf<ChunkEntry>>, index: usize) -> Option<Piece> {
        let Selection { time, events, .. } = &self.selection;
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
        let filter_time = time.as_ref().is_some_and(|t| cuts(t, e)) && !e.sorted();
        if range.is_empty() || !leaf.wants(&self.sought, e) {
            return None;
        }
        if !self.sought.meets((e.t_min, e.t_max)) {
            range = 0..0;
        }
        Some(Piece {
            leaf,
            index,
            range,
            types: self.types.clone(),
            extra: self.extra(),
            filter_time,
            opened: None,
        })
    }

    /// The further columns that are wanted and there.
    fn extra(&self) -> ColumnSet {
        let there = ColumnSet::first(self.types.len());
        self.selection.columns.extra.and(there)
    }

    /// The window of times that cuts the chunk of a piece, if one does and the chunk is in order.
    fn window(&self, piece: &Piece) -> Option<Range<i64>> {
        let e = piece.entry();
        let time = self.selection.time.as_ref().filter(|t| cuts(t, e))?;
        e.sorted().then(|| time.clone())
    }

    /// The next piece that the index tells of, and none behind the last; nothing if bytes of the index are
    /// wanted.
    fn next_piece(&mut self) -> Result<Option<Option<Piece>>> {
        loop {
            let Some((leaf, chunks)) = &mut self.leaf else {
                match self.leaves.advance()? {
                    None => return Ok(None),
                    Some(None) => return Ok(Some(None)),
                    Some(Some(leaf)) => {
                        let chunks = leaf.at(&self.sought);
                        self.leaf = Some((leaf, chunks));
                    }
                }
                continue;
            };
            let Some(index) = chunks.next() else {
                self.leaf = None;
                continue;
            };
            let leaf = leaf.clone();
            if let Some(piece) = self.piece(leaf, index) {
                return Ok(Some(Some(piece)));
            }
        }
    }

    /// What reads the chunk of a piece, if that has to be read here.
    fn reading(&self, piece: &Piece) -> Option<ChunkSteps> {
        if piece.range.is_empty() {
            let front = ChunkSteps::new(piece.leaf.clone(), piece.index, Part::Front);
            return Some(front.with_gap(self.gap));
        }
        let Some(window) = self.window(piece) else {
            return (self.ahead > 1).then(|| piece.steps().with_gap(self.gap));
        };
        let part = match self.at_cuts {
            true => Part::Cuts(window),
            false => Part::Times(window),
        };
        let (leaf, index) = (piece.leaf.clone(), piece.index);
        let steps = ChunkSteps::new(leaf, index, part).with_gap(self.gap);
        Some(match self.at_cuts {
            true => steps,
            false => steps.with_extra(self.extra()),
        })
    }

    /// Finds pieces as far ahead as is read; one that need not be read here is given at once, and none
    /// behind the last.
    fn find(&mut self) -> Option<Option<Piece>> {
        while self.found.len() < self.ahead {
            let found = match self.next_piece() {
                Ok(Some(Some(piece))) => match self.reading(&piece) {
                    Some(steps) => Found::Reading(piece, Box::new(steps)),
                    None => return Some(Some(piece)),
                },
                Ok(none) => return none,
                Err(error) => Found::Failed(error),
            };
            self.found.push_back(found);
        }
        None
    }

    /// Goes on with all chunks that are being read.
    fn read(&mut self) {
        for found in &mut self.found {
            if let Found::Reading(piece, steps) = found {
                *found = match steps.advance() {
                    Ok(None) => continue,
                    Ok(Some(chunk)) => Found::Read(Piece {
                        opened: Some(Box::new(chunk)),
                        ..piece.clone()
                    }),
                    Err(error) => Found::Failed(error),
                };
            }
        }
    }

    /// The events of a chunk that was read, unless none is selected.
    fn cut(&self, mut piece: Piece) -> Result<Option<Piece>> {
        if piece.range.is_empty() {
            return Ok(None);
        }
        if let Some(window) = self.window(&piece)
            && let Some(chunk) = &piece.opened
        {
            let found = chunk.window(&window)?;
            piece.range = piece.range.start.max(found.start)..piece.range.end.min(found.end);
        }
        Ok(Some(piece).filter(|piece| !piece.range.is_empty()))
    }
}

/// Whether a window leaves out events of a chunk.
fn cuts(window: &Range<i64>, e: &ChunkEntry) -> bool {
    !(window_holds(window, e.t_min) && window_holds(window, e.t_max))
}

impl Machine for SelectSteps {
    type Output = Option<Piece>;

    fn advance(&mut self) -> Result<Option<Option<Piece>>> {
        loop {
            let found = self.find();
            if let Some(Some(_)) = found {
                return Ok(found);
            }
            self.read();
            match self.found.pop_front() {
                Some(Found::Read(piece)) => {
                    if let Some(piece) = self.cut(piece)? {
                        return Ok(Some(Some(piece)));
                    }
                }
                Some(Found::Failed(error)) => return Err(error),
                Some(reading) => {
                    self.found.push_front(reading);
                    return Ok(None);
                }
                None => return Ok(found),
            }
        }
    }

    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted)) {
        for found in &mut self.found {
            if let Found::Reading(_, steps) = found {
                steps.for_each_wanted(act);
            }
        }
        self.leaves.for_each_wanted(act);
    }

    fn gap(&self) -> u64 {
        self.gap
    }

    fn place(&self) -> Place {
        match self.found.front() {
            Some(Found::Reading(_, steps)) => steps.place(),
            _ => Place::default(),
        }
    }
}
