//! What a recording says of itself as the metadata of a table, and back.
//!
//! `evz.time_base_ns` is the unit of `t` in nanoseconds (or `evz.tick` a fraction of a second, which is
//! read and not written); `evz.clock` is the kind of the clock and `evz.epoch` what `t` counts from on
//! it, in the unit of `t`; `evz.t_first` is the `t` of the first row, from which relative times count,
//! and `evz.time` says all that in words; `evz.width` and `evz.height` are the sensor, `evz.meta.KEY` is
//! any other metadata: text as it is, the rest with its type behind the key
//! (`evz.meta.source.header#bytes`, in base64).
//!
//! What is known of a further column stands at its field: `evz.unit` and `evz.description`.

use base64::{Engine, prelude::BASE64_STANDARD};
use evz_core::{Clock, ClockKind, ExtraColumn, Metadata, Result, SensorSize, TimeBase, Value};
use evz_table::{TICK, TIME_BASE, tick_pair};

use crate::rows::Pairs;
use crate::written_times::WrittenTimes;

const CLOCK: &str = "evz.clock";
const EPOCH: &str = "evz.epoch";
const T_FIRST: &str = "evz.t_first";
const TIME: &str = "evz.time";
const WIDTH: &str = "evz.width";
const HEIGHT: &str = "evz.height";
const META: &str = "evz.meta.";
const UNIT: &str = "evz.unit";
const DESCRIPTION: &str = "evz.description";

/// The pairs of the times, of which the first is `first`, and the sensor.
///
/// # Errors
/// If that time does not fit the table.
pub(crate) fn stream_pairs(
    times: WrittenTimes,
    first: Option<i64>,
    size: Option<SensorSize>,
) -> Result<Pairs> {
    let clock = times.clock();
    let mut pairs = Pairs::from([
        tick_pair(times.base()),
        (CLOCK.to_owned(), clock.kind.name().to_owned()),
        (EPOCH.to_owned(), clock.epoch.to_string()),
        (TIME.to_owned(), time_in_words(clock, times.base())),
    ]);
    if let Some(first) = first {
        pairs.insert(T_FIRST.to_owned(), times.tick(first)?.to_string());
    }
    if let Some(size) = size {
        pairs.insert(WIDTH.to_owned(), size.width.to_string());
        pairs.insert(HEIGHT.to_owned(), size.height.to_string());
    }
    Ok(pairs)
}

/// What a timestamp of the table is the time of.
fn time_in_words(clock: Clock, base: TimeBase) -> String {
    let zero = match clock.kind {
        ClockKind::Unknown => "0 of a clock of which nothing is known",
        ClockKind::Sensor => "0 of the clock of the sensor",
        ClockKind::Unix => "1970-01-01 00:00:00 UTC",
        ClockKind::Gps => "1980-01-06 00:00:00 UTC, with all leap seconds since",
        ClockKind::Monotonic => "0 of a clock that started before the recording",
    };
    let from = match clock.epoch {
        0 => zero.to_owned(),
        epoch => format!("{epoch} {base} after {zero}"),
    };
    match (clock.kind, clock.epoch) {
        (ClockKind::Unix, 0) => format!("t is the time since {zero}"),
        _ => format!("t counts from {from}, as if that were 1970-01-01 00:00:00"),
    }
}

/// The pairs of metadata.
pub(crate) fn metadata_pairs(metadata: &Metadata) -> Pairs {
    let pair = |(key, value): (&String, &Value)| {
        let (kind, text) = match value {
            Value::Text(text) if key.contains('#') => ("#text", text.clone()),
            Value::Text(text) => ("", text.clone()),
            Value::Bytes(bytes) => ("#bytes", BASE64_STANDARD.encode(bytes)),
            Value::Int(n) => ("#int", n.to_string()),
            Value::Float(x) => ("#float", x.to_string()),
            Value::Bool(b) => ("#bool", b.to_string()),
            Value::Json(text) => ("#json", text.clone()),
        };
        (format!("{META}{key}{kind}"), text)
    };
    metadata.iter().map(pair).collect()
}

/// The pairs of a further column, where there is something to say.
pub(crate) fn column_pairs(column: &ExtraColumn) -> Pairs {
    let pairs = [(UNIT, &column.unit), (DESCRIPTION, &column.description)];
    let said = pairs.into_iter().filter(|(_, text)| !text.is_empty());
    said.map(|(key, text)| (key.to_owned(), text.clone()))
        .collect()
}

/// The unit and the description of a further column.
pub(crate) fn column_words(pairs: &Pairs) -> (String, String) {
    let text = |key| pairs.get(key).cloned().unwrap_or_default();
    (text(UNIT), text(DESCRIPTION))
}

/// The metadata in pairs; what makes no sense is kept as text.
pub(crate) fn metadata(pairs: &Pairs) -> Metadata {
    let entry = |(key, text): (&String, &String)| {
        let key = key.strip_prefix(META)?;
        let typed = key.rsplit_once('#').and_then(|(key, kind)| {
            let value = match kind {
                "text" => Value::Text(text.clone()),
                "bytes" => Value::Bytes(BASE64_STANDARD.decode(text).ok()?),
                "int" => Value::Int(text.parse().ok()?),
                "float" => Value::Float(text.parse().ok()?),
                "bool" => Value::Bool(text.parse().ok()?),
                "json" => Value::Json(text.clone()),
                _ => return None,
            };
            Some((key.to_owned(), value))
        });
        Some(typed.unwrap_or_else(|| (key.to_owned(), Value::Text(text.clone()))))
    };
    pairs.iter().filter_map(entry).collect()
}

/// The unit of times that are plain numbers.
pub(crate) fn time_base(pairs: &Pairs) -> Option<TimeBase> {
    match pairs.get(TICK) {
        Some(fraction) => TimeBase::from_fraction(fraction),
        None => TimeBase::from_nanoseconds(pairs.get(TIME_BASE)?.parse().ok()?),
    }
}

/// The clock, if the pairs tell of one.
pub(crate) fn clock(pairs: &Pairs) -> Option<Clock> {
    let (kind, epoch) = (pairs.get(CLOCK), pairs.get(EPOCH));
    (kind.is_some() || epoch.is_some()).then(|| Clock {
        kind: kind
            .and_then(|name| ClockKind::from_name(name))
            .unwrap_or_default(),
        epoch: epoch.and_then(|epoch| epoch.parse().ok()).unwrap_or(0),
    })
}

/// The sensor.
pub(crate) fn sensor_size(pairs: &Pairs) -> Option<SensorSize> {
    let side = |key| pairs.get(key)?.parse().ok().filter(|n| *n > 0);
    Some(SensorSize {
        width: side(WIDTH)?,
        height: side(HEIGHT)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back() {
        let expected: Metadata = [
            ("source.file", Value::from("a.raw")),
            ("source.header", Value::Bytes(vec![0, 255, 10])),
            ("n#int", Value::from("no number")),
            ("b", Value::Bool(true)),
            ("i", Value::Int(i64::MIN)),
            ("f", Value::Float(0.1)),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        assert_eq!(metadata(&metadata_pairs(&expected)), expected);
    }

    #[test]
    fn nonsense_is_text_or_nothing() {
        let pairs: Pairs = [
            ("evz.width", "0"),
            ("evz.height", "3"),
            ("evz.time_base_ns", "-1"),
            ("evz.clock", "of the church"),
            ("evz.epoch", "1e9"),
            ("evz.meta.a#int", "x"),
            ("pandas", "{}"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        assert_eq!(sensor_size(&pairs), None);
        assert_eq!(time_base(&pairs), None);
        assert_eq!(clock(&pairs), Some(Clock::default()));
        let expected = Metadata::from([("a#int".to_owned(), Value::from("x"))]);
        assert_eq!(metadata(&pairs), expected);
    }
}
