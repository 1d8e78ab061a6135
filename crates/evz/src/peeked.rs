//! A source whose first batch has been read, for the time that it starts at.

use std::ops::Range;

use evz_core::{EventBatch, EventSource, Result, SideRows, StreamInfo};

pub(crate) struct Peeked {
    source: Box<dyn EventSource>,
    first: Option<EventBatch>,
    /// Rows that stood before the first event.
    side: Vec<SideRows>,
}

impl Peeked {
    pub(crate) fn new(mut source: Box<dyn EventSource>) -> Result<Self> {
        let (mut first, mut side) = (EventBatch::default(), Vec::new());
        // A batch without events is the end only where no rows come with it.
        while source.read_batch(&mut first)? == 0 {
            let rows = source.take_side_rows();
            if rows.is_empty() {
                break;
            }
            side.extend(rows);
        }
        Ok(Self {
            source,
            first: Some(first),
            side,
        })
    }

    /// Time of the first event, if there is one.
    pub(crate) fn first_time(&self) -> Option<i64> {
        self.first.as_ref()?.t.first().copied()
    }
}

impl EventSource for Peeked {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        match self.first.take() {
            Some(first) => *batch = first,
            None => return self.source.read_batch(batch),
        }
        Ok(batch.len())
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        let mut rows = std::mem::take(&mut self.side);
        rows.append(&mut self.source.take_side_rows());
        rows
    }

    fn only_within(&mut self, time: Range<i64>) {
        self.source.only_within(time);
    }

    wraps!(source);
}
