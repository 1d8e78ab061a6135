//! A rate as lines of comma-separated numbers.

use std::io::{self, Write};

use evz::Rate;

use super::Unit;

pub(super) fn write(rate: &Rate, out: &mut dyn Write) -> io::Result<()> {
    let unit = Unit::of(rate);
    writeln!(out, "t_{},on,off,events_per_s", unit.name)?;
    for (i, bin) in rate.bins.iter().enumerate() {
        let start = unit.of_ticks(rate.start_of(i));
        let per_second = rate.per_second(bin.sum());
        writeln!(out, "{start},{},{},{per_second}", bin.on, bin.off)?;
    }
    Ok(())
}
