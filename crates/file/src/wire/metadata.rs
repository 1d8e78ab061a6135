//! Typed key/values.

use std::collections::BTreeSet;

use evz_core::{Error, Metadata, Result, Value};

use super::fields::{Fields, Put};
use crate::limits::{MAX_BODY_LEN, MAX_METADATA, MAX_TEXT_LEN};

const TEXT: u64 = 0;
const BYTES: u64 = 1;
const INT: u64 = 2;
const FLOAT: u64 = 3;
const BOOL: u64 = 4;
const JSON: u64 = 5;
const REMOVED: u64 = 6;

/// The body of a metadata record.
///
/// # Errors
/// If a key or the whole is longer than the format holds.
pub fn write_metadata(metadata: &Metadata) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    if metadata.len() > MAX_METADATA {
        let what = format!(
            "{} entries of metadata; at most {MAX_METADATA}",
            metadata.len()
        );
        return Err(Error::invalid(what));
    }
    out.put_uint(metadata.len() as u64);
    for (key, value) in metadata {
        if key.is_empty() || key.len() > MAX_TEXT_LEN {
            let what = format!("a metadata key of {} bytes; 1 to {MAX_TEXT_LEN}", key.len());
            return Err(Error::invalid(what));
        }
        out.put_bytes(key.as_bytes());
        let mut put = |kind: u64, bytes: &[u8]| {
            out.put_uint(kind);
            out.put_bytes(bytes);
        };
        match value {
            Value::Text(v) => put(TEXT, v.as_bytes()),
            Value::Bytes(v) => put(BYTES, v),
            Value::Int(v) => put(INT, &v.to_le_bytes()),
            Value::Float(v) => put(FLOAT, &v.to_le_bytes()),
            Value::Bool(v) => put(BOOL, &[u8::from(*v)]),
            Value::Json(v) => put(JSON, v.as_bytes()),
        }
        if out.len() as u64 > MAX_BODY_LEN {
            let what = format!(
                "{} bytes of metadata up to {key}; at most {MAX_BODY_LEN}",
                out.len()
            );
            return Err(Error::invalid(what));
        }
    }
    Ok(out)
}

/// Applies the metadata record with this body; returns how many entries of unknown types were skipped.
///
/// # Errors
/// Where the body is damaged.
pub fn read_metadata(body: &[u8], metadata: &mut Metadata) -> Result<usize> {
    let mut fields = Fields::new(body);
    let taken = take_metadata(&mut fields, metadata)?;
    fields.end().map(|()| taken.skipped)
}

/// What was taken beside values.
pub(super) struct Taken {
    /// Entries of unknown types.
    pub(super) skipped: usize,
    /// Keys that were taken away.
    pub(super) removed: Vec<String>,
}

/// The same of fields behind which others may follow.
pub(super) fn take_metadata(fields: &mut Fields<'_>, metadata: &mut Metadata) -> Result<Taken> {
    let (mut skipped, mut removed) = (0, Vec::new());
    let n = fields.count(MAX_METADATA, 3, "entries of metadata")?;
    let mut keys = BTreeSet::new();
    for _ in 0..n {
        let key = fields.text("key of metadata")?;
        let kind = fields.uint()?;
        let bytes = fields.bytes()?;
        if key.is_empty() || !keys.insert(key.clone()) {
            return Err(Error::corrupt(
                "",
                format!("the key {key:?} twice or empty"),
            ));
        }
        let value = value(kind, bytes)
            .map_err(|what| Error::corrupt("", format!("{what} as the value of {key:?}")))?;
        match value {
            Entry::Is(value) => drop(metadata.insert(key, value)),
            Entry::Removed => {
                metadata.remove(&key);
                removed.push(key);
            }
            Entry::Unknown => skipped += 1,
        }
    }
    Ok(Taken { skipped, removed })
}

enum Entry {
    Is(Value),
    Removed,
    Unknown,
}

fn value(kind: u64, bytes: &[u8]) -> std::result::Result<Entry, String> {
    let text = || match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err("text that is not UTF-8".to_owned()),
    };
    let eight = || {
        let number = bytes.try_into();
        number.map_err(|_| format!("a number of {} bytes", bytes.len()))
    };
    Ok(Entry::Is(match kind {
        TEXT => Value::Text(text()?),
        BYTES => Value::Bytes(bytes.to_vec()),
        INT => Value::Int(i64::from_le_bytes(eight()?)),
        FLOAT => Value::Float(f64::from_le_bytes(eight()?)),
        BOOL => match bytes {
            [bit @ (0 | 1)] => Value::Bool(*bit == 1),
            other => return Err(format!("the bytes {other:?} where there is yes or no")),
        },
        JSON => Value::Json(text()?),
        REMOVED if bytes.is_empty() => return Ok(Entry::Removed),
        REMOVED => return Err(format!("{} bytes of nothing", bytes.len())),
        _ => return Ok(Entry::Unknown),
    }))
}
