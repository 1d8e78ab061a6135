//! A rate as a table for people.

use std::io::{self, Write};

use super::Timed;
use crate::words::human::{bar, count, seconds, short};

/// Letters of the longest bar.
const BAR: usize = 30;

/// Lines of time since the first event in seconds, events of each polarity, rate, and its bar.
pub(super) fn write(timed: &Timed<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rate = timed.rate;
    let most = rate.bins.iter().map(|bin| bin.sum()).max().unwrap_or(0);
    if most == 0 {
        return Ok(());
    }
    let ends = [timed.since_zero(0), timed.since_zero(rate.bins.len() - 1)];
    let time = ends.map(|t| seconds(t).len()).into_iter().max();
    let (time, n) = (time.unwrap_or(0).max(6), count(most).len().max(3));
    writeln!(
        out,
        "{:>time$}  {:>n$}  {:>n$}  events/s",
        "time s", "ON", "OFF"
    )?;
    for (i, bin) in rate.bins.iter().enumerate() {
        let (on, off) = (count(bin.on), count(bin.off));
        let start = seconds(timed.since_zero(i));
        let per_second = short(rate.per_second(bin.sum()));
        let bar = bar(bin.sum() as f64 / most as f64, BAR);
        let part = match timed.covered_in_part(i) {
            Some(part) => format!(" (events in {:.0} % of its time)", 100.0 * part),
            None => String::new(),
        };
        let line = format!("{start:>time$}  {on:>n$}  {off:>n$}  {per_second:>8}  {bar}{part}");
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
