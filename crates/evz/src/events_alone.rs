//! A recording without its side streams.

use std::collections::BTreeMap;
use std::ops::Range;

use evz_core::{EventBatch, EventSource, Loss, LossKind, Next, Report, Result, StreamInfo};

/// The events of a source, without the rows of side streams, which are counted as they come where they cannot
/// be left unread.
pub(crate) struct EventsAlone {
    source: Box<dyn EventSource>,
    left_out: BTreeMap<String, u64>,
}

impl EventsAlone {
    pub(crate) fn of(mut source: Box<dyn EventSource>) -> Box<dyn EventSource> {
        source.only_events();
        let left_out = BTreeMap::new();
        Box::new(Self { source, left_out })
    }
}

impl EventSource for EventsAlone {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        loop {
            match self.source.read_batch(batch)? {
                Next::Events(n) => return Ok(Next::Events(n)),
                Next::Rows(rows) => {
                    *self.left_out.entry(rows.stream).or_default() += rows.t.len() as u64;
                }
                Next::End(_) => return Ok(Next::End(self.report())),
            }
        }
    }

    fn side_streams(&self) -> Vec<String> {
        Vec::new()
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        let there = self.left_out.iter().filter(|(_, rows)| **rows > 0);
        let counted = there.map(|(name, rows)| (name.clone(), Some(*rows)));
        let unread = self.source.rows_unread().into_iter();
        let unread = unread.filter(|(name, _)| !self.left_out.contains_key(name));
        let left_out = counted.chain(unread).map(|(name, rows)| match rows {
            Some(rows) => format!("{name}: {rows} rows"),
            None => name,
        });
        let examples: Vec<String> = left_out.collect();
        if !examples.is_empty() {
            let n = examples.len() as u64;
            let loss = Loss::new(LossKind::SideStreams, "side streams", n);
            report.add_loss(loss.with_examples(examples).agreed());
        }
        report
    }

    fn only_within(&mut self, time: Range<i64>) {
        self.source.only_within(time);
    }

    wraps!(source);
}
