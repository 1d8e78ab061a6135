//! A rate as a plot: events a second against the time since the first event.

use evz::RateBin;
use evz::picture::{LineColor, Plot, PlotLine};

use super::Timed;

pub(super) fn of(timed: &Timed<'_>) -> Plot {
    let rate = timed.rate;
    let line = |name, color, of: fn(&RateBin) -> u64| PlotLine {
        name,
        color,
        values: rate
            .bins
            .iter()
            .map(|bin| rate.per_second(of(bin)))
            .collect(),
    };
    Plot {
        value_label: "events/s",
        start: match rate.bins.is_empty() {
            true => 0.0,
            false => timed.since_zero(0) as f64 / 1e9,
        },
        step: rate.width as f64 * rate.time_base.approximate_nanoseconds() / 1e9,
        lines: vec![
            line("sum", LineColor::Ink, |bin| bin.sum()),
            line("OFF", LineColor::Off, |bin| bin.off),
            line("ON", LineColor::On, |bin| bin.on),
        ],
    }
}
