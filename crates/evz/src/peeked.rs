//! A source whose first batch has been read, for the time that it starts at.

use std::ops::Range;

use evz_core::{EventBatch, EventSource, Next, Result, StreamInfo};

use crate::rows_before::RowsBefore;

pub(crate) struct Peeked {
    source: Box<dyn EventSource>,
    first: Option<EventBatch>,
    /// Rows that stood before the first event.
    before: RowsBefore,
}

impl Peeked {
    pub(crate) fn new(mut source: Box<dyn EventSource>) -> Result<Self> {
        let (mut batch, mut before) = (EventBatch::default(), RowsBefore::default());
        let first = loop {
            match source.read_batch(&mut batch)? {
                Next::Events(0) => {}
                Next::Events(_) => break Some(batch),
                Next::Rows(rows) => before.push(rows, source.info())?,
                // It comes again.
                Next::End(_) => break None,
            }
        };
        before.end()?;
        Ok(Self {
            source,
            first,
            before,
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

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(rows) = self.before.next_rows()? {
            return Ok(Next::Rows(rows));
        }
        match self.first.take() {
            Some(first) => {
                *batch = first;
                Ok(Next::Events(batch.len()))
            }
            None => self.source.read_batch(batch),
        }
    }

    fn only_within(&mut self, time: Range<i64>) {
        self.source.only_within(time);
    }

    wraps!(source);
}
