//! A rate as one JSON object.

use std::io::{self, Write};

use evz::{Rate, RateBin};
use serde::{Serialize, Serializer};

use super::Unit;

/// An array of what is said of each bin.
struct OfEach<'a, T>(&'a [RateBin], &'a dyn Fn(&RateBin) -> T);

impl<T: Serialize> Serialize for OfEach<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(self.1))
    }
}

#[derive(Serialize)]
struct Json<'a> {
    /// None without events.
    start: Option<i128>,
    width: i128,
    unit: &'a str,
    /// What a unit is, in seconds, where that is a tick.
    #[serde(skip_serializing_if = "Option::is_none")]
    tick: Option<String>,
    events: u64,
    on: OfEach<'a, u64>,
    off: OfEach<'a, u64>,
    events_per_s: OfEach<'a, f64>,
}

pub(super) fn write(rate: &Rate, out: &mut dyn Write) -> io::Result<()> {
    let unit = Unit::of(rate);
    let base = rate.time_base;
    let json = Json {
        start: (!rate.bins.is_empty()).then(|| unit.of_ticks(rate.start)),
        width: unit.of_ticks(rate.width.into()),
        unit: unit.name,
        tick: base.whole_nanoseconds().is_none().then(|| base.fraction()),
        events: rate.n_events(),
        on: OfEach(&rate.bins, &|bin| bin.on),
        off: OfEach(&rate.bins, &|bin| bin.off),
        events_per_s: OfEach(&rate.bins, &|bin| rate.per_second(bin.sum())),
    };
    serde_json::to_writer(&mut *out, &json)?;
    writeln!(out)
}
