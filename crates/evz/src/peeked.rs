//! A source whose first batch has been read, for the time that it starts at.

use std::collections::VecDeque;
use std::ops::Range;

use evz_core::{EventBatch, EventSource, Next, Result, SideRows, StreamInfo};

pub(crate) struct Peeked {
    source: Box<dyn EventSource>,
    first: Option<EventBatch>,
    /// Rows that stood before the first event.
    side: VecDeque<SideRows>,
}

impl Peeked {
    pub(crate) fn new(mut source: Box<dyn EventSource>) -> Result<Self> {
        let (mut batch, mut side) = (EventBatch::default(), VecDeque::new());
        let first = loop {
            match source.read_batch(&mut batch)? {
                Next::Events(0) => {}
                Next::Events(_) => break Some(batch),
                Next::Rows(rows) => side.push_back(rows),
                // It comes again.
                Next::End(_) => break None,
            }
        };
        Ok(Self {
            source,
            first,
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

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(rows) = self.side.pop_front() {
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
