//! Windows of a file to four columns.

use std::ops::Range;

use anyhow::Result;
use evz::{EventBatch, EventIndex, Selection};

use super::{Figures, PLAIN_BYTES, median, seconds};

/// Takes the windows of `window_us` microseconds at these starts, each timed alone, after a pass
/// that warms the file's pages.
pub(crate) fn query(index: &dyn EventIndex, window_us: u64, starts_us: &[i64]) -> Result<Figures> {
    let base = index.info().time_base;
    let window = |start: i64| -> Range<i64> {
        let (from, len) = (i128::from(start), i128::from(window_us));
        base.tick_at_or_after(from * 1_000)..base.tick_at_or_after((from + len) * 1_000)
    };
    let selections: Vec<Selection> = starts_us
        .iter()
        .map(|s| Selection::default().with_time(window(*s)))
        .collect();
    let mut batch = EventBatch::default();
    let mut events = 0;
    for selection in &selections {
        index.read(selection, &mut batch)?;
        events += batch.len() as u64;
    }
    let runs = selections
        .iter()
        .map(|s| seconds(&mut || Ok(index.read(s, &mut batch)?)))
        .collect::<Result<Vec<f64>>>()?;
    let (total, n) = (runs.iter().sum::<f64>(), runs.len() as f64);
    let mut sorted = runs.clone();
    sorted.sort_by(f64::total_cmp);
    let mut figures = Figures::new("query", events, events * PLAIN_BYTES, runs);
    figures.events_per_s = events as f64 / total;
    figures.bytes_per_s = (events * PLAIN_BYTES) as f64 / total;
    figures.us_per_query = Some(median(&sorted) * 1e6);
    figures.mean_us_per_query = Some(total / n * 1e6);
    Ok(figures)
}

/// Starts of a hundred windows, as far apart as they can be; not one behind the other, which caches would
/// help.
pub(crate) fn spread(index: &dyn EventIndex, window_us: u64) -> Vec<i64> {
    const STARTS: i128 = 100;
    /// Has no divisor in common with 100.
    const STEP: i128 = 37;
    let (extent, base) = (index.extent(), index.info().time_base);
    let [first, last] = [extent.t_min, extent.t_max].map(|t| base.to_nanoseconds(t) / 1_000);
    let room = (last - first - i128::from(window_us)).max(0);
    let start = |k: i128| first + room * (k * STEP % STARTS) / (STARTS - 1);
    (0..STARTS).map(|k| start(k) as i64).collect()
}
