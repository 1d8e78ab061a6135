//! What unit the times have. Numbers alone seldom say it, so this takes evidence or asks.

use evz_core::{Column, ColumnOrder, Error, OpenOptions, Question, Result, TimeBase, TimeUnit};

use crate::{
    detect::{
        pace::Pace,
        sample::{PICO, Sample},
    },
    header::Header,
    line::Split,
};

/// Times since 1970 from 2001 to 2099 in seconds and in nanoseconds, and from 2008 in microseconds.
const EPOCH_S: std::ops::RangeInclusive<i128> = 1_000_000_000..=4_100_000_000;
const EPOCH_US: std::ops::RangeInclusive<i128> = 1_200_000_000_000_000..=4_100_000_000_000_000;
const EPOCH_NS: std::ops::RangeInclusive<i128> =
    1_000_000_000_000_000_000..=4_100_000_000_000_000_000;

/// Microseconds have at most three decimals, down to the nanosecond: what has more is seconds.
const DECIMALS_OF_SECONDS: u32 = 4;

/// No sensor gives more events a second.
const MAX_RATE: f64 = 2e9;

/// Fewer events a second make no recording.
const MIN_RATE: f64 = 1.0;

/// The unit and where it comes from, as a remark for people.
pub(super) fn find(
    name: &str,
    sample: &Sample,
    header: &Header,
    options: &OpenOptions,
    order: ColumnOrder,
) -> Result<(TimeBase, &'static str)> {
    if let Some(unit) = options.time_unit {
        return Ok((unit.time_base(), " (as told)"));
    }
    if let Some(unit) = header.unit {
        return Ok((unit, " (from the header)"));
    }
    if header.faery {
        return Ok((TimeBase::MICROSECONDS, " (header of faery CSV)"));
    }
    let place = order.place(Column::T);
    if sample.nanoseconds() == Some(place) {
        return Ok((TimeBase::SECONDS, ""));
    }
    let pace = Pace::of(&sample.head_values[place]);
    let digits = sample.columns[place].fraction_digits;
    let fractional = sample.columns[place].fractional > 0;
    if is_metavision(sample, header, order)
        && digits < DECIMALS_OF_SECONDS
        && microseconds_are_plausible(&pace, fractional)
    {
        return Ok((TimeBase::MICROSECONDS, " (layout of Metavision CSV)"));
    }
    let within = |range: std::ops::RangeInclusive<i128>| {
        range.contains(&(pace.first / PICO)) && range.contains(&(pace.last / PICO))
    };
    let found = if fractional {
        seconds_are_meant(
            &pace,
            digits >= DECIMALS_OF_SECONDS,
            header,
            within(EPOCH_S),
        )
        .then_some((TimeBase::SECONDS, ""))
    } else if within(EPOCH_US) && (header.dv || pace.is_too_fast(TimeUnit::Nanoseconds)) {
        Some((TimeBase::MICROSECONDS, " since 1970"))
    } else if within(EPOCH_NS) {
        Some((TimeBase::NANOSECONDS, " since 1970"))
    } else {
        None
    };
    found.ok_or_else(|| ambiguous(name, &pace, fractional))
}

/// Whether times with a point are seconds; `fine` ones have more decimals than microseconds have.
/// Neither times since 1970 nor a first line `W H` say it alone: the same digits in microseconds
/// are half an hour.
fn seconds_are_meant(pace: &Pace, fine: bool, header: &Header, since_1970: bool) -> bool {
    let hint = header.size_is_first_line || since_1970;
    header.v2e
        || (fine && (hint || !pace.is_known()))
        || ((fine || hint) && pace.is_brisk(TimeUnit::Seconds))
}

/// `x,y,p,t` without names, or the header `%geometry`.
fn is_metavision(sample: &Sample, header: &Header, order: ColumnOrder) -> bool {
    let layout = order == ColumnOrder::XYPT && sample.split == Split::Byte(b',');
    header.geometry || (layout && header.columns.is_none())
}

/// Whether nothing speaks against microseconds, where the layout speaks for them.
fn microseconds_are_plausible(pace: &Pace, fractional: bool) -> bool {
    let unit = TimeUnit::Microseconds;
    if fractional || pace.is_known() {
        pace.is_brisk(unit) && !pace.is_too_fast(unit)
    } else {
        true
    }
}

fn ambiguous(name: &str, pace: &Pace, fractional: bool) -> Error {
    let plausible = |unit| {
        let (seconds, rate) = pace.reading(unit);
        // Few text recordings have whole seconds or milliseconds, so those must look the part.
        let usual = matches!(unit, TimeUnit::Microseconds | TimeUnit::Nanoseconds) && !fractional;
        seconds == 0.0 || (rate <= MAX_RATE && (usual || rate >= MIN_RATE))
    };
    // Microseconds first: they are what most recordings have.
    let candidates = if fractional {
        &[
            TimeUnit::Seconds,
            TimeUnit::Milliseconds,
            TimeUnit::Microseconds,
        ][..]
    } else {
        &[
            TimeUnit::Microseconds,
            TimeUnit::Nanoseconds,
            TimeUnit::Milliseconds,
            TimeUnit::Seconds,
        ][..]
    };
    let mut units: Vec<TimeUnit> = candidates
        .iter()
        .copied()
        .filter(|&u| plausible(u))
        .collect();
    if units.is_empty() {
        units = candidates.to_vec();
    }
    let readings: Vec<String> = units
        .iter()
        .map(|&unit| {
            let (seconds, rate) = pace.reading(unit);
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
    let what = format!(
        "nothing says what unit its times have; the first {} events read as {}",
        pace.rows,
        readings.join(" or as "),
    );
    Error::ambiguous(name, what).settled_by(Question::TimeUnit, units)
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
