//! What a recording says of itself as the metadata of a table, and back.
//!
//! `evz.time_base_ns` is the unit of `t` in nanoseconds, `evz.width` and `evz.height` the sensor,
//! `evz.meta.KEY` any other metadata: text as it is, the rest with its type behind the key
//! (`evz.meta.source.header#bytes`, in base64).

use base64::{Engine, prelude::BASE64_STANDARD};
use evz_core::{Metadata, SensorSize, TimeBase, Value};
use evz_table::TIME_BASE;

use crate::rows::Pairs;

const WIDTH: &str = "evz.width";
const HEIGHT: &str = "evz.height";
const META: &str = "evz.meta.";

/// The pairs of the time base and the sensor.
pub(crate) fn stream_pairs(base: TimeBase, size: Option<SensorSize>) -> Pairs {
    let mut pairs = Pairs::from([(TIME_BASE.to_owned(), base.nanoseconds().to_string())]);
    if let Some(size) = size {
        pairs.insert(WIDTH.to_owned(), size.width.to_string());
        pairs.insert(HEIGHT.to_owned(), size.height.to_string());
    }
    pairs
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
        };
        (format!("{META}{key}{kind}"), text)
    };
    metadata.iter().map(pair).collect()
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
    TimeBase::from_nanoseconds(pairs.get(TIME_BASE)?.parse().ok()?)
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
            ("evz.meta.a#int", "x"),
            ("pandas", "{}"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        assert_eq!(sensor_size(&pairs), None);
        assert_eq!(time_base(&pairs), None);
        let expected = Metadata::from([("a#int".to_owned(), Value::from("x"))]);
        assert_eq!(metadata(&pairs), expected);
    }
}
