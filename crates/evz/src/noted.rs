//! A source of which there is more to say.

use std::ops::Range;

use evz_core::{EventBatch, EventSource, Next, Note, Report, Result, StreamInfo};

/// A source with one more note in its report.
pub(crate) struct Noted {
    source: Box<dyn EventSource>,
    note: Note,
}

impl Noted {
    pub(crate) fn of(source: Box<dyn EventSource>, note: Note) -> Box<dyn EventSource> {
        Box::new(Self { source, note })
    }
}

impl EventSource for Noted {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        Ok(match self.source.read_batch(batch)? {
            Next::End(_) => Next::End(self.report()),
            next => next,
        })
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        report.notes.insert(0, self.note.clone());
        report
    }

    fn only_within(&mut self, time: Range<i64>) {
        self.source.only_within(time);
    }

    wraps!(source);
}
