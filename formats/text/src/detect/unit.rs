//! What unit the times have. Whole numbers do not say it, so this takes evidence or asks.

use evz_core::{Error, Result};

use crate::{
    ColumnOrder, TextOptions, TimeUnit,
    columns::Column,
    detect::sample::{PICO, Sample},
    header::Header,
    line::Split,
};

/// Times since 1970 from 2001 to 2099, in microseconds and in nanoseconds.
const EPOCH_US: std::ops::RangeInclusive<i128> = 1_000_000_000_000_000..=4_100_000_000_000_000;
const EPOCH_NS: std::ops::RangeInclusive<i128> =
    1_000_000_000_000_000_000..=4_100_000_000_000_000_000;

/// No sensor gives more events a second.
const MAX_RATE: f64 = 2e9;

/// Fewer events a second make no recording.
const MIN_RATE: f64 = 1.0;

/// The unit and where it comes from, as a remark for people.
pub(crate) fn find(
    name: &str,
    sample: &Sample,
    header: &Header,
    options: &TextOptions,
    order: ColumnOrder,
) -> Result<(TimeUnit, &'static str)> {
    if let Some(unit) = options.time_unit {
        return Ok((unit, " (by --time-unit)"));
    }
    if let Some(unit) = header.unit {
        return Ok((unit, " (from the header)"));
    }
    if header.faery {
        return Ok((TimeUnit::Microseconds, " (header of faery CSV)"));
    }
    let times = &sample.columns[order.place(Column::T)];
    if times.fractional > 0 {
        return if seconds_are_plausible(sample, order) {
            Ok((TimeUnit::Seconds, ""))
        } else {
            Err(ambiguous(name, sample, order))
        };
    }
    if header.geometry || (order == ColumnOrder::XYPT && sample.split == Split::Byte(b',')) {
        return Ok((TimeUnit::Microseconds, " (layout of Metavision CSV)"));
    }
    let whole = (times.min.unwrap_or(0) / PICO, times.max.unwrap_or(0) / PICO);
    let within = |range: std::ops::RangeInclusive<i128>| {
        range.contains(&whole.0) && range.contains(&whole.1)
    };
    if within(EPOCH_US) {
        return Ok((TimeUnit::Microseconds, " since 1970"));
    }
    if within(EPOCH_NS) {
        return Ok((TimeUnit::Nanoseconds, " since 1970"));
    }
    Err(ambiguous(name, sample, order))
}

/// Whether the start of the text has events at a rate that some camera has, read as seconds.
fn seconds_are_plausible(sample: &Sample, order: ColumnOrder) -> bool {
    // A handful of lines may come from a quiet moment.
    sample.head_rows < 10 || reading(sample, order, TimeUnit::Seconds).1 >= MIN_RATE
}

/// Duration in seconds and events a second of the start of the text, in this unit.
fn reading(sample: &Sample, order: ColumnOrder, unit: TimeUnit) -> (f64, f64) {
    let times = &sample.head_columns[order.place(Column::T)];
    let span = times.max.unwrap_or(0) - times.min.unwrap_or(0);
    // For people and for plausibility only; no time of an event passes through it.
    let seconds = span as f64 / PICO as f64 * unit.nanoseconds() as f64 / 1e9;
    (seconds, sample.head_rows as f64 / seconds)
}

fn ambiguous(name: &str, sample: &Sample, order: ColumnOrder) -> Error {
    let plausible: Vec<TimeUnit> = TimeUnit::ALL
        .into_iter()
        .filter(|&unit| {
            let (seconds, rate) = reading(sample, order, unit);
            // Few text recordings have whole seconds or milliseconds, so those must look the part.
            let usual = match unit {
                TimeUnit::Seconds => sample.columns[order.place(Column::T)].fractional > 0,
                TimeUnit::Milliseconds => false,
                TimeUnit::Microseconds | TimeUnit::Nanoseconds => true,
            };
            seconds == 0.0 || (rate <= MAX_RATE && (usual || rate >= MIN_RATE))
        })
        .collect();
    // Microseconds first: they are what most recordings have.
    let mut units = if plausible.is_empty() {
        TimeUnit::ALL.to_vec()
    } else {
        plausible
    };
    units.sort_by_key(|&u| (u != TimeUnit::Microseconds, u != TimeUnit::Nanoseconds));
    let readings: Vec<String> = units
        .iter()
        .map(|&unit| {
            let (seconds, rate) = reading(sample, order, unit);
            if seconds == 0.0 {
                unit.name().to_owned()
            } else {
                format!(
                    "{} ({} at {} events/s)",
                    unit.name(),
                    duration(seconds),
                    count(rate)
                )
            }
        })
        .collect();
    let options: Vec<String> = units.iter().map(|u| format!("--time-unit {u}")).collect();
    Error::ambiguous(
        name,
        format!(
            "nothing says what unit its times have; the first {} events read as {}; pass {}",
            sample.head_rows,
            readings.join(" or as "),
            options.join(" or ")
        ),
    )
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.3} s"),
        s if s >= 1e-3 => format!("{:.3} ms", s * 1e3),
        s if s >= 1e-6 => format!("{:.3} us", s * 1e6),
        s => format!("{:.3} ns", s * 1e9),
    }
}

fn count(rate: f64) -> String {
    match rate {
        r if r >= 1e9 => format!("{:.1} G", r / 1e9),
        r if r >= 1e6 => format!("{:.1} M", r / 1e6),
        r if r >= 1e3 => format!("{:.1} k", r / 1e3),
        r => format!("{r:.1}"),
    }
}
