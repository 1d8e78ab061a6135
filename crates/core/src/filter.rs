//! A selection over any source, for recordings without an index.

use crate::{
    EventBatch, EventSource, Metadata, Progress, Report, Result, Selection, SideRows, StreamInfo,
};

/// The selected events of a source that can only be read from front to back.
pub struct Filtered<S> {
    source: S,
    selection: Selection,
    scratch: EventBatch,
    next_number: u64,
}

impl<S: EventSource> Filtered<S> {
    /// The events of `source` that `selection` keeps; all four columns are filled whatever it says.
    pub fn new(source: S, selection: Selection) -> Self {
        Self {
            source,
            selection,
            scratch: EventBatch::default(),
            next_number: 0,
        }
    }
}

impl<S: EventSource> EventSource for Filtered<S> {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        while batch.is_empty() {
            if self
                .selection
                .events
                .as_ref()
                .is_some_and(|r| self.next_number >= r.end)
            {
                return Ok(0);
            }
            let n = self.source.read_batch(&mut self.scratch)?;
            if n == 0 {
                return Ok(0);
            }
            let events = self.scratch.as_slice();
            for (i, event) in self.scratch.iter().enumerate() {
                if self.selection.keeps(events, i, self.next_number + i as u64) {
                    batch.push(event);
                }
            }
            self.next_number += n as u64;
        }
        Ok(batch.len())
    }

    /// Those of the selected time; the rest of the selection is about events.
    fn take_side_rows(&mut self) -> Vec<SideRows> {
        let mut tables = self.source.take_side_rows();
        if let Some(time) = &self.selection.time {
            tables
                .iter_mut()
                .for_each(|rows| rows.retain(|t| time.contains(&t)));
        }
        tables.retain(|rows| !rows.is_empty());
        tables
    }

    fn report(&self) -> Report {
        self.source.report()
    }

    fn side_streams(&self) -> Vec<String> {
        self.source.side_streams()
    }

    fn is_whole(&self) -> bool {
        false
    }

    fn closing_metadata(&self) -> Metadata {
        self.source.closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }
}
