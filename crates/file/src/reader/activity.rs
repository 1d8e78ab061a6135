//! How many events there are when, from the index alone.

use evz_core::Result;

use super::Reader;

impl Reader {
    /// How many events fall into each of `bins` equal parts of the time from the earliest to the
    /// latest event; within a 32nd of a chunk they count as evenly spread.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        let head = &self.root().head;
        let mut counts = vec![0.0; bins];
        if head.n_events == 0 || bins == 0 {
            return Ok(counts);
        }
        let span = (i128::from(head.t_max) - i128::from(head.t_min) + 1) as f64;
        for leaf in self.leaves() {
            for e in &leaf?.entries {
                let start = (i128::from(e.t_min) - i128::from(head.t_min)) as f64;
                let step = (i128::from(e.t_max) - i128::from(e.t_min) + 1) as f64
                    / e.activity.len() as f64;
                for (i, n) in e.activity.iter().enumerate().filter(|(_, n)| **n > 0) {
                    let from = (start + i as f64 * step) / span * bins as f64;
                    let to = (start + (i + 1) as f64 * step) / span * bins as f64;
                    spread(&mut counts, from, to, f64::from(*n));
                }
            }
        }
        Ok(counts)
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
