//! What a recording says of itself as members of an archive, and back.
//!
//! `time_base_ns` is the unit of `t` in nanoseconds, or `tick` as a fraction of a second where they are
//! not whole; `clock` is the kind of the clock and `epoch` what `t` counts from on it, in the unit of
//! `t`; `width` and `height` are the sensor, `meta.KEY` is any other metadata: a single number, truth or text, or a list of bytes. `unit.NAME` and
//! `description.NAME` are texts of the further column of that name.

use std::io::Read;

use evz_core::npy::NpyHeader;
use evz_core::{Error, Result, Value, columns::Number};

use crate::array::{Array, cannot_unpack};
use crate::columns::{Column, numbers};
use crate::npy::{Dtype, Kind};

pub(crate) const TIME_BASE: &str = "time_base_ns";
pub(crate) const TICK: &str = "tick";
pub(crate) const CLOCK: &str = "clock";
pub(crate) const EPOCH: &str = "epoch";
pub(crate) const WIDTH: &str = "width";
pub(crate) const HEIGHT: &str = "height";
pub(crate) const META: &str = "meta.";
pub(crate) const UNIT: &str = "unit.";
pub(crate) const DESCRIPTION: &str = "description.";

/// Bytes of metadata that are read from an archive.
pub(crate) const MAX_LEN: u64 = 1 << 24;

/// A value of metadata as an array: its head and its bytes.
pub(crate) fn array_of(value: &Value) -> (Vec<u8>, Vec<u8>) {
    let scalar = |descr: &str| head(descr, &[]);
    match value {
        // JSON comes back as text: arrays have no such type.
        Value::Text(text) | Value::Json(text) => {
            let mut bytes: Vec<u8> = text
                .chars()
                .flat_map(|c| u32::from(c).to_le_bytes())
                .collect();
            // numpy has no text without a character.
            bytes.resize(bytes.len().max(4), 0);
            (scalar(&format!("'<U{}'", bytes.len() / 4)), bytes)
        }
        Value::Bytes(bytes) => {
            let shape = [bytes.len() as u64];
            (head("'|u1'", &shape), bytes.clone())
        }
        Value::Int(n) => (scalar("'<i8'"), n.to_le_bytes().to_vec()),
        Value::Float(x) => (scalar("'<f8'"), x.to_le_bytes().to_vec()),
        Value::Bool(b) => (scalar("'|b1'"), vec![u8::from(*b)]),
    }
}

/// The head of an array in C order.
pub(crate) fn head(descr: &str, shape: &[u64]) -> Vec<u8> {
    head_with(descr, shape, "")
}

/// The same with a remark.
pub(crate) fn head_with(descr: &str, shape: &[u64], remark: &str) -> Vec<u8> {
    let header = NpyHeader {
        descr,
        fortran_order: false,
        shape,
        remark,
    };
    header.to_bytes(0)
}

/// A value of metadata: a single number, truth or text, or a list of bytes. It takes its bytes from
/// `room`, and is none if that has fewer.
pub(crate) fn read_value(array: &Array, room: &mut u64) -> Result<Option<Value>> {
    let Some(len) = len_of_value(array) else {
        return Ok(None);
    };
    let Some(left) = room.checked_sub(len) else {
        return Ok(None);
    };
    *room = left;
    let failed = |e| cannot_unpack(&array.place, e);
    let mut bytes = Vec::new();
    let mut reader = array.read_from(0).map_err(failed)?;
    let read = (&mut reader).take(len).read_to_end(&mut bytes);
    read.map_err(failed)?;
    // At the end of the member, for the checksum.
    let behind = reader.read(&mut [0]).map_err(failed)?;
    if bytes.len() as u64 != len {
        return Err(Error::insufficient(&array.place, "it is cut off"));
    }
    Ok(value_of(array, bytes).filter(|_| behind == 0))
}

/// Bytes of the values of an array that may be metadata.
fn len_of_value(array: &Array) -> Option<u64> {
    let header = &array.header;
    let size = match &header.dtype {
        Dtype::Scalar(scalar) => scalar.size as u64,
        Dtype::Other(_) => chars_of(&header.dtype)?.checked_mul(4)?,
        Dtype::Record { .. } => return None,
    };
    let count = match header.shape.is_empty() {
        true => 1,
        false => header.rows()?,
    };
    count.checked_mul(size)
}

/// Characters of a text of this type.
fn chars_of(dtype: &Dtype) -> Option<u64> {
    match dtype {
        Dtype::Other(spelled) => spelled.strip_prefix("<U")?.parse().ok(),
        _ => None,
    }
}

fn value_of(array: &Array, bytes: Vec<u8>) -> Option<Value> {
    let header = &array.header;
    if chars_of(&header.dtype).is_some() && header.shape.is_empty() {
        let chars = bytes.as_chunks::<4>().0.iter();
        let chars = chars.map(|c| char::from_u32(u32::from_le_bytes(*c)));
        let text = chars.collect::<Option<String>>()?;
        // Python pads with these.
        return Some(Value::Text(text.trim_end_matches('\0').to_owned()));
    }
    let Dtype::Scalar(scalar) = &header.dtype else {
        return None;
    };
    let is_bytes = scalar.kind == Kind::Uint && scalar.size == 1 && header.shape.len() == 1;
    if is_bytes {
        return Some(Value::Bytes(bytes));
    }
    if !header.shape.is_empty() {
        return None;
    }
    let column = Column {
        bytes: &bytes,
        stride: scalar.size,
        offset: 0,
        scalar,
    };
    match scalar.kind {
        Kind::Bool => Some(Value::Bool(bytes != [0])),
        Kind::Float => {
            numbers!(column, values => values.map(Number::float).next()).map(Value::Float)
        }
        _ => numbers!(column, values => values.map(Number::whole).next())?.map(Value::Int),
    }
}
