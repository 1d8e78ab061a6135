//! Any part of an indexed recording as record batches, decoded ahead on all cores.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use evz_core::parallel::{self, InOrder};
use evz_core::{
    ColumnSet, Columns, Error, EventBatch, EventIndex, Result, Selection, alternatives,
};

use crate::table::EventTable;

/// Events that are looked at in one go: those of a chunk of the default length.
const PIECE: u64 = 1 << 16;

/// Rows below which the events of several pieces go into one batch.
const MIN_ROWS: usize = 1 << 15;

/// The selected events of a recording as record batches of its wanted columns; no other column is
/// decoded but those that the selection looks at. Batches are decoded as they are asked for, and
/// some ahead. `t` has the type that [`ParquetSink`](crate::ParquetSink) gives it.
///
/// # Errors
/// If no column is wanted, ticks are no whole nanoseconds, or the recording is damaged where its index is read.
pub fn record_batches(
    index: Arc<dyn EventIndex>,
    selection: &Selection,
) -> Result<impl RecordBatchReader + Send + use<>> {
    let further = &index.info().columns;
    let Columns { t, x, y, p, extra } = selection.columns;
    if !(t || x || y || p) && extra.and(ColumnSet::first(further.len())).is_empty() {
        let names = ["t", "x", "y", "p"].into_iter();
        let names = names.chain(further.iter().map(|column| &*column.name));
        let names = alternatives(&names.collect::<Vec<_>>());
        return Err(Error::invalid(format!(
            "a table without columns; ask for {names}, or several of them"
        )));
    }
    let extent = index.extent();
    let first = (extent.n_events > 0).then_some(extent.t_first);
    let table = EventTable::new(index.info(), first, selection.columns)?;
    let mut numbers = selection.events.clone().unwrap_or(0..extent.n_events);
    numbers.end = numbers.end.min(extent.n_events);
    if let Some(time) = &selection.time
        && extent.sorted
    {
        numbers.start = numbers.start.max(index.events_before(time.start)?);
        numbers.end = numbers.end.min(index.events_until(time.end)?);
    }
    Ok(Window {
        index,
        selection: selection.clone(),
        table,
        numbers,
        in_flight: InOrder::default(),
        ended: false,
    })
}

thread_local! {
    /// Where the pieces of a thread are decoded.
    static MEMORY: RefCell<EventBatch> = RefCell::default();
}

struct Window {
    index: Arc<dyn EventIndex>,
    selection: Selection,
    table: EventTable,
    /// Numbers of the events that were not looked at yet.
    numbers: Range<u64>,
    in_flight: InOrder<Result<EventBatch>>,
    ended: bool,
}

impl Window {
    /// Has pieces decoded, as far as memory may be used.
    fn read_ahead(&mut self) {
        let at_once = (2 * parallel::threads()).clamp(2, 32);
        while !self.numbers.is_empty() && self.in_flight.len() < at_once {
            let start = self.numbers.start;
            // Pieces start where chunks do.
            let end = (start / PIECE + 1)
                .saturating_mul(PIECE)
                .min(self.numbers.end);
            self.numbers.start = end;
            let selection = self.selection.clone().with_events(start..end);
            let index = self.index.clone();
            self.in_flight.push(move || {
                MEMORY.with_borrow_mut(|memory| {
                    let mut events = EventBatch::default();
                    events.extend(index.read_here(&selection, memory)?);
                    Ok(events)
                })
            });
        }
    }

    fn next_events(&mut self) -> Option<Result<EventBatch>> {
        let mut events = EventBatch::default();
        while events.len() < MIN_ROWS {
            self.read_ahead();
            match self.in_flight.pop() {
                None => break,
                Some(Ok(more)) if events.is_empty() => events = more,
                Some(Ok(more)) => events.extend(more.as_slice()),
                Some(Err(error)) => return Some(Err(error)),
            }
        }
        (!events.is_empty()).then_some(Ok(events))
    }
}

impl Iterator for Window {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self
            .next_events()
            .map(|events| self.table.record_batch(events?));
        self.ended = !matches!(batch, Some(Ok(_)));
        batch.map(|batch| batch.map_err(|e| ArrowError::ExternalError(Box::new(e))))
    }
}

impl RecordBatchReader for Window {
    fn schema(&self) -> SchemaRef {
        self.table.schema.clone()
    }
}
