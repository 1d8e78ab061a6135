//! A recording without its side streams.

use std::collections::BTreeMap;
use std::ops::Range;

use evz_core::{EventBatch, EventSource, Loss, LossKind, Report, Result, SideRows, StreamInfo};

/// The events of a source, without the rows of side streams, which are counted.
pub(crate) struct EventsAlone {
    source: Box<dyn EventSource>,
    left_out: BTreeMap<String, u64>,
}

impl EventsAlone {
    pub(crate) fn of(source: Box<dyn EventSource>) -> Box<dyn EventSource> {
        let left_out = BTreeMap::new();
        Box::new(Self { source, left_out })
    }
}

impl EventSource for EventsAlone {
    fn info(&self) -> &StreamInfo {
        self.source.info()
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        loop {
            let n = self.source.read_batch(batch)?;
            let side = self.source.take_side_rows();
            for rows in &side {
                *self.left_out.entry(rows.stream.clone()).or_default() += rows.len() as u64;
            }
            if side.is_empty() || n > 0 {
                return Ok(n);
            }
        }
    }

    fn side_streams(&self) -> Vec<String> {
        Vec::new()
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        Vec::new()
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        let there = self.left_out.iter().filter(|(_, rows)| **rows > 0);
        let examples: Vec<String> = there
            .map(|(name, rows)| format!("{name}: {rows} rows"))
            .collect();
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
