//! A rate as a plot: events a second against the time since the first event. Bins at the ends that the
//! recording covers in part would show a drop that is none, and are left out.

use std::ops::Range;

use evz::RateBin;
use evz::picture::{LineColor, Plot, PlotLine};

use super::Timed;

pub(super) fn of(timed: &Timed<'_>) -> Plot {
    let rate = timed.rate;
    let whole = whole_bins(timed);
    let line = |name, color, of: fn(&RateBin) -> u64| PlotLine {
        name,
        color,
        values: rate.bins[whole.clone()]
            .iter()
            .map(|bin| rate.per_second(of(bin)))
            .collect(),
    };
    Plot {
        title: format!(
            "{}, bins of {}",
            timed.name,
            evz::every_text(rate.width, rate.time_base)
        ),
        value_label: "events/s",
        start: match rate.bins.is_empty() {
            true => 0.0,
            false => timed.since_zero(whole.start) as f64 / 1e9,
        },
        step: rate.width as f64 * rate.time_base.approximate_nanoseconds() / 1e9,
        lines: vec![
            line("sum", LineColor::Ink, |bin| bin.sum()),
            line("OFF", LineColor::Off, |bin| bin.off),
            line("ON", LineColor::On, |bin| bin.on),
        ],
    }
}

/// The bins without those at the ends that are covered in part; all of them, where nothing would be left.
fn whole_bins(timed: &Timed<'_>) -> Range<usize> {
    let n = timed.rate.bins.len();
    let part = |bin: usize| timed.covered_in_part(bin).is_some();
    match n {
        0..3 => 0..n,
        _ => usize::from(part(0))..n - usize::from(part(n - 1)),
    }
}
