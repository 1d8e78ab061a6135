//! A source that stops where time runs backwards.

use evz::{
    Error, EventBatch, EventSource, Metadata, Progress, Report, Result, SideRows, StreamInfo,
};

use crate::human;

/// The events of a source as long as no time is earlier than the one before it.
pub(crate) struct InOrder {
    source: Box<dyn EventSource>,
    name: String,
    last: i64,
    events: u64,
}

impl InOrder {
    /// `name` is what the recording is called in the error.
    pub(crate) fn new(source: Box<dyn EventSource>, name: String) -> Self {
        Self {
            source,
            name,
            last: i64::MIN,
            events: 0,
        }
    }
}

impl EventSource for InOrder {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        let n = self.source.read_batch(batch)?;
        for (i, &t) in batch.t.iter().enumerate() {
            if t < self.last {
                let ns = |t| self.info().time_base.to_nanoseconds(t);
                let back = human::duration((ns(self.last) - ns(t)).unsigned_abs());
                return Err(Error::corrupt(
                    format!("{}: event {}", self.name, self.events + i as u64),
                    format!(
                        "its time lies {back} before the event ahead of it; \
                         pass --on-unsorted sort or --on-unsorted keep"
                    ),
                ));
            }
            self.last = t;
        }
        self.events += n as u64;
        Ok(n)
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.source.take_side_rows()
    }

    fn report(&self) -> Report {
        self.source.report()
    }

    fn closing_metadata(&self) -> Metadata {
        self.source.closing_metadata()
    }

    fn progress(&self) -> Option<Progress> {
        self.source.progress()
    }
}
