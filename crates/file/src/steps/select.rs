//! From a selection to the pieces of chunks that hold it, by the index and the tables of contents
//! alone; of a chunk in order that a window cuts, the bytes at the cut are read.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{ColumnSet, ColumnType, Place, Result, Selection};

use super::chunk::Part;
use super::walk::Walk;
use super::{Chunk, ChunkSteps, DEFAULT_GAP, Machine, Piece, Step, Wanted};
use crate::index::{Index, Leaf, Sought, Stem};
use crate::wire::ChunkEntry;

/// Finds the pieces of a selection, in the order of the recording, one after the other; done with
/// none behind the last. Holds one leaf of the index at a time.
pub struct SelectSteps {
    selection: Selection,
    gap: u64,
    /// Whether of a chunk that a window cuts the cuts alone are read.
    at_cuts: bool,
    sought: Sought,
    /// The types of the further columns.
    types: Arc<[ColumnType]>,
    leaves: Walk<ChunkEntry>,
    /// The leaf, and those of its chunks that are left.
    leaf: Option<(Arc<Leaf<ChunkEntry>>, Range<usize>)>,
    /// The chunk of a piece that a window of times cuts.
    cut: Option<Box<(Piece, ChunkSteps)>>,
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
            types: stem.types.clone(),
            leaves: Walk::new(stem, sought.clone()),
            sought,
            leaf: None,
            cut: None,
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
        self.cut = None;
        self.leaves.stop();
    }

    /// The piece of a chunk that the selection takes, as far as the index tells; none if it rules all
    /// of it out.
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
        let cut = time
            .as_ref()
            .is_some_and(|t| !(t.start <= e.t_min && e.t_max < t.end));
        let filter_time = cut && !e.sorted();
        let meets = self.sought.meets((e.t_min, e.t_max));
        (meets && !range.is_empty()).then_some(Piece {
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
        let cuts = |t: &&Range<i64>| !(t.start <= e.t_min && e.t_max < t.end);
        let time = self.selection.time.as_ref().filter(cuts)?;
        e.sorted().then(|| time.clone())
    }

    /// Goes on with the chunk that is being read, which is done; the piece, unless nothing is left of it.
    fn cut_piece(&mut self, mut piece: Piece, chunk: Chunk) -> Result<Option<Piece>> {
        let window = self.window(&piece).unwrap_or_default();
        let found = chunk.window(&window)?;
        piece.range = piece.range.start.max(found.start)..piece.range.end.min(found.end);
        piece.opened = Some(chunk);
        Ok(Some(piece).filter(|piece| !piece.range.is_empty()))
    }
}

impl Machine for SelectSteps {
    type Output = Option<Piece>;

    fn advance(&mut self) -> Result<Option<Option<Piece>>> {
        loop {
            if let Some(mut cut) = self.cut.take() {
                let Some(chunk) = cut.1.advance()? else {
                    self.cut = Some(cut);
                    return Ok(None);
                };
                if let Some(piece) = self.cut_piece(cut.0, chunk)? {
                    return Ok(Some(Some(piece)));
                }
                continue;
            }
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
                    let steps = ChunkSteps::new(leaf, index, part).with_gap(self.gap);
                    let steps = match self.at_cuts {
                        true => steps,
                        false => steps.with_extra(self.extra()),
                    };
                    self.cut = Some(Box::new((piece, steps)));
                }
            }
        }
    }

    fn wanted(&mut self) -> &mut [Wanted] {
        match &mut self.cut {
            Some(cut) => cut.1.wanted(),
            None => self.leaves.wanted(),
        }
    }

    fn gap(&self) -> u64 {
        self.gap
    }

    fn place(&self) -> Place {
        self.cut
            .as_ref()
            .map_or_else(Place::default, |cut| cut.1.place())
    }
}
