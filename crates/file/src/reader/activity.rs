//! How many events there are when, from the index alone.

use evz_core::{Columns, EventBatch, Result, Selection};

use super::Reader;
use crate::limits::ACTIVITY_BINS;
use crate::wire::{Bins, ChunkEntry};
use crate::writer::activity;

impl Reader {
    /// How many events fall into each of `bins` equal parts of the time from the earliest to the
    /// latest event; within a 32nd of a chunk they count as evenly spread.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        let span = self.summary().span;
        let mut counts = vec![0.0; bins];
        if span.n_rows == 0 || bins == 0 {
            return Ok(counts);
        }
        let len = (i128::from(span.t_max) - i128::from(span.t_min) + 1) as f64;
        let mut batch = EventBatch::default();
        for leaf in self.leaves() {
            let leaf = leaf?;
            let known = self.activity_of(&leaf).map_err(|e| self.blame(e))?;
            for (k, e) in leaf.entries.iter().enumerate() {
                let chunk = match &known {
                    Some(chunks) => chunks[k],
                    None => self.counted(e, &mut batch)?,
                };
                let start = (i128::from(e.t_min) - i128::from(span.t_min)) as f64;
                let step = (i128::from(e.t_max) - i128::from(e.t_min) + 1) as f64
                    / f64::from(ACTIVITY_BINS);
                for (i, n) in chunk.iter().enumerate().filter(|(_, n)| **n > 0) {
                    let from = (start + i as f64 * step) / len * bins as f64;
                    let to = (start + (i + 1) as f64 * step) / len * bins as f64;
                    spread(&mut counts, from, to, f64::from(*n));
                }
            }
        }
        Ok(counts)
    }

    /// The activity of a chunk of which the file has none.
    fn counted(&self, e: &ChunkEntry, batch: &mut EventBatch) -> Result<Bins> {
        let events = e.first_event..e.first_event + u64::from(e.n_events);
        let selection = Selection::default()
            .with_events(events)
            .with_columns(Columns::T);
        self.read(&selection, batch)?;
        Ok(activity(&batch.t, e.sorted(), e.t_min, e.t_max))
    }
}

/// Adds `n` to the bins between `from` and `to`, in proportion to what each covers.
fn spread(counts: &mut [f64], from: f64, to: f64, n: f64) {
    let last = counts.len() - 1;
    let (first_bin, last_bin) = ((from as usize).min(last), (to as usize).min(last));
    if first_bin == last_bin {
        counts[first_bin] += n;
        return;
    }
    let bins = counts.iter_mut().enumerate();
    for (b, count) in bins.take(last_bin + 1).skip(first_bin) {
        let covered = (to.min((b + 1) as f64) - from.max(b as f64)).max(0.0);
        *count += n * covered / (to - from);
    }
}
