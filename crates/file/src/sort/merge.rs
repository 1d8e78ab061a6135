//! Runs as one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use evz_core::{EventBatch, Result, StreamInfo};

use super::BATCH_EVENTS;
use super::run::Run;

/// The runs and the time that each comes to next; ties go to the earlier run.
pub(super) struct Merge {
    runs: Vec<Run>,
    next: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Merge {
    pub(super) fn new(mut runs: Vec<Run>) -> Result<Self> {
        let mut next = BinaryHeap::new();
        for (i, run) in runs.iter_mut().enumerate() {
            next.extend(run.peek()?.map(|t| Reverse((t, i))));
        }
        Ok(Self { runs, next })
    }

    pub(super) fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        while batch.len() < BATCH_EVENTS
            && let Some(Reverse((_, i))) = self.next.pop()
        {
            let limit = self.next.peek().map(|Reverse(first)| *first);
            let run = &mut self.runs[i];
            // All that this run has before any other's next event goes at once.
            let rest = &run.current.t[run.at..];
            let taken = match limit {
                Some((t, other)) if i < other => rest.partition_point(|own| *own <= t),
                Some((t, _)) => rest.partition_point(|own| *own < t),
                None => rest.len(),
            };
            let taken = taken.min(BATCH_EVENTS - batch.len());
            batch.extend(run.current.as_slice().slice(run.at..run.at + taken));
            run.at += taken;
            self.next.extend(run.peek()?.map(|t| Reverse((t, i))));
        }
        Ok(batch.len())
    }

    /// Makes one run of several.
    pub(super) fn into_run(mut self, info: &StreamInfo) -> Result<Run> {
        Run::write(info, |batch| self.read_batch(batch))
    }
}
