//! Metadata as JSON.

use evz::{Metadata, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// As a text of several lines.
pub(crate) fn metadata_as_json(metadata: &Metadata) -> serde_json::Result<String> {
    struct All<'a>(&'a Metadata);
    impl Serialize for All<'_> {
        fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            as_json(self.0, out)
        }
    }
    serde_json::to_string_pretty(&All(metadata))
}

/// One object: text, numbers and truth values as they are, bytes as text where they are text and
/// as `{"hex": …}` where not.
pub(super) fn as_json<S: Serializer>(metadata: &Metadata, out: S) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(metadata.len()))?;
    for (key, value) in metadata {
        map.serialize_entry(key, &Shown(value))?;
    }
    map.end()
}

struct Shown<'a>(&'a Value);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(v) => out.serialize_str(v),
            Value::Json(v) => match serde_json::from_str::<serde_json::Value>(v) {
                Ok(value) => value.serialize(out),
                Err(_) => out.serialize_str(v),
            },
            Value::Int(v) => out.serialize_i64(*v),
            Value::Float(v) => out.serialize_f64(*v),
            Value::Bool(v) => out.serialize_bool(*v),
            Value::Bytes(v) => match std::str::from_utf8(v) {
                Ok(text) => out.serialize_str(text),
                Err(_) => {
                    let hex: String = v.iter().map(|byte| format!("{byte:02x}")).collect();
                    let mut map = out.serialize_map(Some(1))?;
                    map.serialize_entry("hex", &hex)?;
                    map.end()
                }
            },
        }
    }
}
