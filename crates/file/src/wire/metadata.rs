//! Typed key/values.

use evz_core::{Error, Metadata, Result, Value};

use crate::limits::MAX_BODY_LEN;

const TEXT: u8 = 0;
const BYTES: u8 = 1;
const INT: u8 = 2;
const FLOAT: u8 = 3;
const BOOL: u8 = 4;

/// The body of a metadata record.
///
/// # Errors
/// If a key or the whole is longer than the format holds.
pub fn write_metadata(metadata: &Metadata) -> Result<Vec<u8>> {
    let mut out = (metadata.len() as u32).to_le_bytes().to_vec();
    for (key, value) in metadata {
        let (kind, bytes) = match value {
            Value::Text(v) => (TEXT, v.as_bytes().to_vec()),
            Value::Bytes(v) => (BYTES, v.clone()),
            Value::Int(v) => (INT, v.to_le_bytes().to_vec()),
            Value::Float(v) => (FLOAT, v.to_le_bytes().to_vec()),
            Value::Bool(v) => (BOOL, vec![u8::from(*v)]),
        };
        let key_len = u16::try_from(key.len()).map_err(|_| {
            Error::invalid(format!(
                "a metadata key of {} bytes; at most 65535",
                key.len()
            ))
        })?;
        let after = out.len() as u64 + 8 + key.len() as u64 + bytes.len() as u64;
        if after > MAX_BODY_LEN {
            return Err(Error::invalid(format!(
                "{after} bytes of metadata up to {key}; at most {MAX_BODY_LEN}"
            )));
        }
        out.extend_from_slice(&key_len.to_le_bytes());
        out.push(kind);
        out.push(0);
        out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(&bytes);
    }
    Ok(out)
}

/// The key/values of a metadata record; a value of an unknown type is skipped.
///
/// # Errors
/// Where a length leads beyond the body or a text is not UTF-8.
pub fn read_metadata(body: &[u8]) -> Result<Metadata> {
    let mut rest = body;
    let mut take = |n: usize| -> Result<&[u8]> {
        let (head, tail) = rest.split_at_checked(n).ok_or_else(|| {
            Error::corrupt(
                "",
                format!("{} bytes where {n} more are claimed", rest.len()),
            )
        })?;
        rest = tail;
        Ok(head)
    };
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).map_err(|_| Error::corrupt("", "text that is not UTF-8"))
    };
    let count = u32::from_le_bytes(take(4)?.try_into().expect("4 bytes"));
    let mut metadata = Metadata::new();
    for _ in 0..count {
        let head = take(8)?;
        let key_len = u16::from_le_bytes([head[0], head[1]]);
        let value_len = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let kind = head[2];
        let key = text(take(key_len.into())?)?;
        let bytes = take(value_len as usize)?;
        let eight = || {
            bytes
                .try_into()
                .map_err(|_| Error::corrupt("", format!("a number of {value_len} bytes")))
        };
        let value = match kind {
            TEXT => Value::Text(text(bytes)?),
            BYTES => Value::Bytes(bytes.to_vec()),
            INT => Value::Int(i64::from_le_bytes(eight()?)),
            FLOAT => Value::Float(f64::from_le_bytes(eight()?)),
            BOOL => Value::Bool(bytes.first().is_some_and(|b| *b != 0)),
            _ => continue,
        };
        metadata.insert(key, value);
    }
    Ok(metadata)
}
