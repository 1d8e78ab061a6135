//! Taking events out of an open file.

use std::ops::Range;

use evz_core::{
    Columns, ColumnsMut, EventBatch, EventSource, InOrder, Progress, Result, Selection, StreamInfo,
};
use rayon::prelude::*;

use crate::plan::{Piece, Plan};
use crate::read::Reader;
use crate::view::ChunkView;

/// Fewer events than this are decoded on the calling thread: waking others would take longer.
const PARALLEL_EVENTS: usize = 32_768;

impl Reader {
    /// Replaces the contents of `batch` by the selected events, in the order of the recording.
    /// Memory grows with what is selected; [`Reader::batches`] streams.
    ///
    /// # Errors
    /// If a chunk that the selection needs is damaged; `batch` then holds nothing to rely on.
    pub fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()> {
        let pieces = Plan::new(self.clone(), selection.clone()).collect::<Result<Vec<_>>>()?;
        if pieces.iter().any(|p| must_look(selection, p)) {
            let parts: Vec<EventBatch> = pieces
                .par_iter()
                .map(|p| self.decoded(selection, p))
                .collect::<Result<_>>()?;
            batch.clear();
            parts.iter().for_each(|part| batch.extend(part.as_slice()));
            return Ok(());
        }
        let total = pieces.iter().map(|p| p.range.len()).sum();
        batch.resize(total, selection.columns);
        let mut jobs = Vec::with_capacity(pieces.len());
        let mut rest = columns_mut(batch, selection.columns);
        for piece in &pieces {
            let (head, tail) = split(rest, piece.range.len());
            jobs.push((piece, head));
            rest = tail;
        }
        if total < PARALLEL_EVENTS {
            jobs.into_iter()
                .try_for_each(|(piece, out)| self.decode_into(piece, out))
        } else {
            jobs.into_par_iter()
                .try_for_each(|(piece, out)| self.decode_into(piece, out))
        }
    }

    /// The selected events as a stream of batches, a chunk or less each, decoded ahead on all cores;
    /// memory is bounded by the chunks in flight.
    pub fn batches(&self, selection: &Selection) -> Batches {
        Batches {
            reader: self.clone(),
            selection: selection.clone(),
            plan: Plan::new(self.clone(), selection.clone()),
            ahead: InOrder::default(),
            failed: None,
            events_passed: 0,
        }
    }

    fn decode_into(&self, piece: &Piece, out: ColumnsMut<'_>) -> Result<()> {
        ChunkView::new(self, piece.entry(), piece.chunk())
            .and_then(|view| view.decode(piece.range.clone(), out))
            .map_err(|e| self.blame(e))
    }

    /// The selected events of a piece, the wanted columns alone.
    fn decoded(&self, selection: &Selection, piece: &Piece) -> Result<EventBatch> {
        let mut batch = EventBatch::default();
        let n = self.decode_piece(selection, piece, &mut batch, 0)?;
        batch.resize(n, selection.columns);
        Ok(batch)
    }

    /// Puts the selected events of a piece behind the first `before` events of a batch; returns how
    /// many events there are then. What stands in the wanted columns behind them is not taken away,
    /// and other columns hold nothing to rely on: filling memory anew would cost as much as decoding.
    pub(crate) fn decode_piece(
        &self,
        selection: &Selection,
        piece: &Piece,
        batch: &mut EventBatch,
        before: usize,
    ) -> Result<usize> {
        let wanted = selection.columns;
        let look = must_look(selection, piece);
        let needed = Columns {
            t: wanted.t || (look && piece.filter_time),
            x: wanted.x || (look && selection.roi.is_some()),
            y: wanted.y || (look && selection.roi.is_some()),
            p: wanted.p || (look && selection.polarity.is_some()),
        };
        let n = before + piece.range.len();
        make_room(&mut batch.t, n, needed.t);
        make_room(&mut batch.x, n, needed.x);
        make_room(&mut batch.y, n, needed.y);
        make_room(&mut batch.p, n, needed.p);
        self.decode_into(piece, part_mut(batch, before..n, needed))?;
        if !look {
            return Ok(n);
        }
        let time = selection.time.as_ref().filter(|_| piece.filter_time);
        let keep: Vec<bool> = (before..n)
            .map(|i| {
                time.is_none_or(|r| r.contains(&batch.t[i]))
                    && selection
                        .roi
                        .is_none_or(|r| r.contains(batch.x[i], batch.y[i]))
                    && selection.polarity.is_none_or(|p| p.bit() == batch.p[i])
            })
            .collect();
        let part = part_mut(batch, before..n, wanted);
        retain(part.t, &keep);
        retain(part.x, &keep);
        retain(part.y, &keep);
        retain(part.p, &keep);
        Ok(before + keep.iter().filter(|k| **k).count())
    }
}

/// Makes a column long enough, if it is wanted.
fn make_room<T: Clone + Default>(column: &mut Vec<T>, n: usize, wanted: bool) {
    if wanted && column.len() < n {
        column.resize(n, T::default());
    }
}

/// Whether the events of a piece have to be looked at one by one.
fn must_look(selection: &Selection, piece: &Piece) -> bool {
    piece.filter_time || selection.roi.is_some() || selection.polarity.is_some()
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

/// These events of a batch, these columns alone.
fn part_mut(batch: &mut EventBatch, range: Range<usize>, columns: Columns) -> ColumnsMut<'_> {
    ColumnsMut {
        t: columns.t.then(|| &mut batch.t[range.clone()]),
        x: columns.x.then(|| &mut batch.x[range.clone()]),
        y: columns.y.then(|| &mut batch.y[range.clone()]),
        p: columns.p.then(|| &mut batch.p[range]),
    }
}

fn columns_mut(batch: &mut EventBatch, columns: Columns) -> ColumnsMut<'_> {
    ColumnsMut {
        t: columns.t.then_some(batch.t.as_mut_slice()),
        x: columns.x.then_some(batch.x.as_mut_slice()),
        y: columns.y.then_some(batch.y.as_mut_slice()),
        p: columns.p.then_some(batch.p.as_mut_slice()),
    }
}

fn split(columns: ColumnsMut<'_>, at: usize) -> (ColumnsMut<'_>, ColumnsMut<'_>) {
    fn halves<T>(column: Option<&mut [T]>, at: usize) -> (Option<&mut [T]>, Option<&mut [T]>) {
        column.map(|c| c.split_at_mut(at)).unzip()
    }
    let (t, t_rest) = halves(columns.t, at);
    let (x, x_rest) = halves(columns.x, at);
    let (y, y_rest) = halves(columns.y, at);
    let (p, p_rest) = halves(columns.p, at);
    (
        ColumnsMut { t, x, y, p },
        ColumnsMut {
            t: t_rest,
            x: x_rest,
            y: y_rest,
            p: p_rest,
        },
    )
}

/// A selection as a stream. An iterator of batches, or an [`EventSource`] where all four columns
/// are selected.
pub struct Batches {
    reader: Reader,
    selection: Selection,
    plan: Plan,
    ahead: InOrder<Part>,
    /// What ends the stream once the parts ahead are passed on.
    failed: Option<evz_core::Error>,
    events_passed: u64,
}

/// A part of a selection.
struct Part {
    batch: Result<EventBatch>,
    /// Events of the recording up to its end.
    end: u64,
}

impl Batches {
    /// Has parts decoded while others are passed on.
    fn decode_ahead(&mut self) {
        while self.failed.is_none() && self.ahead.len() < 2 * rayon::current_num_threads() {
            let piece = match self.plan.next() {
                None => return,
                Some(Ok(piece)) => piece,
                Some(Err(error)) => {
                    self.failed = Some(error);
                    return;
                }
            };
            let (reader, selection) = (self.reader.clone(), self.selection.clone());
            self.ahead.push(move || Part {
                batch: reader.decoded(&selection, &piece),
                end: piece.entry().first_event + piece.range.end as u64,
            });
        }
    }
}

impl Iterator for Batches {
    type Item = Result<EventBatch>;

    fn next(&mut self) -> Option<Result<EventBatch>> {
        loop {
            self.decode_ahead();
            let Some(part) = self.ahead.pop() else {
                return self.failed.take().map(Err);
            };
            self.events_passed = part.end;
            match part.batch {
                Ok(batch) if batch.is_empty() => {}
                Ok(batch) => return Some(Ok(batch)),
                Err(error) => {
                    self.plan.stop();
                    self.failed = None;
                    self.ahead = InOrder::default();
                    return Some(Err(error));
                }
            }
        }
    }
}

impl EventSource for Batches {
    fn info(&self) -> &StreamInfo {
        self.reader.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        match self.next().transpose()? {
            Some(next) => *batch = next,
            None => batch.clear(),
        }
        Ok(batch.len())
    }

    fn progress(&self) -> Option<Progress> {
        Some(Progress {
            done: self.events_passed,
            total: Some(self.reader.n_events()),
        })
    }
}
