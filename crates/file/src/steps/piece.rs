//! A run of events of one chunk, and the selected ones among them.

use std::ops::Range;
use std::sync::Arc;

use evz_core::{
    ColumnSet, ColumnType, Columns, EventBatch, ReadAt, Result, Selection, Values, window_holds,
};

use super::chunk::Part;
use super::{Chunk, ChunkSteps, Out, run};
use crate::index::Leaf;
use crate::wire::{ChunkEntry, RecordHeader};

/// Events of one chunk that a selection may take.
#[derive(Debug, Clone)]
pub struct Piece {
    pub(super) leaf: Arc<Leaf<ChunkEntry>>,
    pub(super) index: usize,
    pub(super) range: Range<usize>,
    /// Further columns: the types of all, and those that are wanted.
    pub(super) types: Arc<[ColumnType]>,
    pub(super) extra: ColumnSet,
    /// Whether the times still have to be looked at one by one: the chunk is not in order.
    pub(super) filter_time: bool,
    /// The chunk with these events, where it was read to find them; with those at the ends alone
    /// where [`SelectSteps::at_cuts`](super::SelectSteps::at_cuts) found it.
    pub(super) opened: Option<Box<Chunk>>,
}

impl Piece {
    /// What the index says of the chunk.
    pub fn entry(&self) -> &ChunkEntry {
        &self.leaf.entries[self.index]
    }

    /// Number of the chunk in the file.
    pub fn chunk(&self) -> u64 {
        self.leaf.first_item + self.index as u64
    }

    /// Positions of the events in the chunk.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The bytes of the file among which all that is read of the chunk lies.
    pub fn bytes(&self) -> Range<u64> {
        let entry = self.entry();
        let len = (entry.body_len).saturating_add(RecordHeader::ENCODED_SIZE as u64);
        entry.offset..entry.offset.saturating_add(len)
    }

    /// Takes these events.
    pub fn steps(&self) -> ChunkSteps {
        let (leaf, index) = (self.leaf.clone(), self.index);
        if let Some(chunk) = &self.opened {
            return ChunkSteps::given(leaf, index, (**chunk).clone());
        }
        let part = match self.range.len() == self.entry().n_events as usize {
            true => Part::Whole,
            false => Part::Events(self.range.clone()),
        };
        ChunkSteps::new(leaf, index, part).with_extra(self.extra)
    }
}

impl Piece {
    /// Acts on the chunk, which is taken unless it was already; where bytes are near, its front alone.
    pub(crate) fn with_chunk<R>(
        &self,
        bytes: &dyn ReadAt,
        act: impl FnOnce(&Chunk) -> Result<R>,
    ) -> Result<R> {
        match &self.opened {
            Some(chunk) => act(chunk),
            None => {
                let mut steps = match bytes.is_near() {
                    true => ChunkSteps::new(self.leaf.clone(), self.index, Part::Front),
                    false => self.steps(),
                };
                act(&run(&mut steps, bytes)?)
            }
        }
    }

    /// Gives away the chunk, to be taken again.
    pub(crate) fn forget_chunk(&mut self) {
        self.opened = None;
    }

    /// Takes all of the chunk.
    pub(crate) fn whole_steps(&self) -> ChunkSteps {
        let steps = ChunkSteps::new(self.leaf.clone(), self.index, Part::Whole);
        steps.with_extra(ColumnSet::ALL)
    }

    /// Whether all events of the chunk are selected, as far as times and numbers select.
    pub(crate) fn is_all(&self) -> bool {
        !self.filter_time && self.range.len() == self.entry().n_events as usize
    }

    /// The leaf of the index that lists the chunk, and where in it.
    pub(crate) fn place_in_leaf(&self) -> (&Arc<Leaf<ChunkEntry>>, usize) {
        (&self.leaf, self.index)
    }

    /// Whether the events have to be looked at one by one.
    pub(crate) fn must_look(&self, selection: &Selection) -> bool {
        self.filter_time || selection.roi.is_some() || selection.polarity.is_some()
    }

    /// Adds the events that are selected, the wanted columns alone, to a batch. The chunk is that of
    /// [`Piece::steps`], the selection that of [`SelectSteps`](super::SelectSteps).
    ///
    /// # Errors
    /// If the chunk is damaged; what was added is then nothing to rely on.
    pub fn read(&self, chunk: &Chunk, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        let decode = |out: Out<'_>| chunk.decode(self.range.clone(), out);
        let n = self.read_behind(selection, batch, batch.len(), decode)?;
        batch.resize(n, selection.columns);
        Ok(())
    }

    /// Puts the selected events behind the first `before` events of a batch; returns how many events
    /// there are then. What stands in the wanted columns behind them is not taken away, and other
    /// columns hold nothing to rely on: filling memory anew would cost as much as decoding.
    pub(crate) fn read_behind(
        &self,
        selection: &Selection,
        batch: &mut EventBatch,
        before: usize,
        decode: impl FnOnce(Out<'_>) -> Result<()>,
    ) -> Result<usize> {
        let wanted = selection.columns;
        let look = self.must_look(selection);
        let needed = Columns {
            t: wanted.t || (look && self.filter_time),
            x: wanted.x || (look && selection.roi.is_some()),
            y: wanted.y || (look && selection.roi.is_some()),
            p: wanted.p || (look && selection.polarity.is_some()),
            extra: self.extra,
        };
        let n = before + self.range.len();
        make_room(&mut batch.t, n, needed.t);
        make_room(&mut batch.x, n, needed.x);
        make_room(&mut batch.y, n, needed.y);
        make_room(&mut batch.p, n, needed.p);
        make_extra_room(batch, &self.types, n, needed.extra);
        decode(Out::of(batch, before..n, needed))?;
        if !look {
            return Ok(n);
        }
        let time = selection.time.as_ref().filter(|_| self.filter_time);
        let keep: Vec<bool> = (before..n)
            .map(|i| {
                time.is_none_or(|r| window_holds(r, batch.t[i]))
                    && selection
                        .roi
                        .is_none_or(|r| r.contains(batch.x[i], batch.y[i]))
                    && selection.polarity.is_none_or(|p| p.bit() == batch.p[i])
            })
            .collect();
        let Out { columns, mut extra } = Out::of(batch, before..n, needed);
        retain(columns.t, &keep);
        retain(columns.x, &keep);
        retain(columns.y, &keep);
        retain(columns.p, &keep);
        extra.iter_mut().flatten().for_each(|v| v.retain(&keep));
        Ok(before + keep.iter().filter(|k| **k).count())
    }
}

/// Makes a column long enough, if it is wanted.
fn make_room<T: Clone + Default>(column: &mut Vec<T>, n: usize, wanted: bool) {
    if wanted && column.len() < n {
        column.resize(n, T::default());
    }
}

/// Makes the wanted ones of the further columns long enough, and empties the others.
fn make_extra_room(batch: &mut EventBatch, types: &[ColumnType], n: usize, wanted: ColumnSet) {
    let here = batch.extra.iter().map(Values::column_type);
    if !here.eq(types.iter().copied()) {
        batch.extra = types.iter().copied().map(Values::new).collect();
    }
    for (i, values) in batch.extra.iter_mut().enumerate() {
        match wanted.contains(i) {
            true if values.len() < n => values.resize(n),
            true => {}
            false => values.clear(),
        }
    }
}

/// Moves those of the values that `keep` says to the front.
fn retain<T: Copy>(values: Option<&mut [T]>, keep: &[bool]) {
    let Some(values) = values else { return };
    let mut to = 0;
    for (i, keep) in keep.iter().enumerate() {
        values[to] = values[i];
        to += usize::from(*keep);
    }
}
