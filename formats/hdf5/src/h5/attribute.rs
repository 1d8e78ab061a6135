//! Attributes: small values with a name beside an object. File format specification, IV.A.2.m.

use evz_core::Result;

use super::datatype::{Kind, Scalar, Type};
use super::fields::Fields;
use super::heap;
use super::space::Space;
use super::store::Store;

/// What an attribute, or a small dataset, says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    Text(String),
    Whole(Vec<i64>),
    Real(Vec<f64>),
}

/// Values of one attribute, and bytes of a text, that are looked at, at most: texts may be the same bytes.
const MAX_VALUES: usize = 1 << 16;
const MAX_TEXT: usize = 4096;

/// The name of an attribute and what it says; none if it is of a type that is not read.
pub(crate) fn read(store: &Store, mut fields: Fields<'_>) -> Result<(String, Option<Said>)> {
    let version = fields.u8()?;
    let flags = fields.u8()?;
    let lens = [fields.size(2)?, fields.size(2)?, fields.size(2)?];
    match version {
        1 | 2 => {}
        3 => fields.skip(1)?,
        _ => return Err(fields.corrupt(format!("an attribute of version {version}"))),
    }
    let mut part = |len: usize| {
        let here = fields;
        let bytes = fields.take(len)?;
        if version == 1 {
            fields.skip(len.next_multiple_of(8) - len)?;
        }
        Ok::<_, evz_core::Error>((bytes, here))
    };
    let [name_len, type_len, space_len] = lens;
    let (name, _) = part(name_len)?;
    let name = Fields::text(name);
    let (_, mut of) = part(type_len)?;
    let (_, mut space) = part(space_len)?;
    if flags & 3 != 0 {
        // A type or a shape that stands elsewhere.
        return Ok((name, None));
    }
    let of = Type::read(&mut of)?;
    let space = Space::read(&mut space)?;
    let n = space.values().and_then(|n| usize::try_from(n).ok());
    let len = n.and_then(|n| n.checked_mul(of.size()));
    let (Some(n), Some(len)) = (n.filter(|n| *n <= MAX_VALUES), len) else {
        return Ok((name, None));
    };
    let values = fields.take(len)?;
    Ok((name, said(store, &of, values, n)))
}

/// What some values say; none if they are of a type that is not read.
pub(crate) fn said(store: &Store, of: &Type, values: &[u8], n: usize) -> Option<Said> {
    let text = |text: String| (text.len() <= MAX_TEXT).then_some(Said::Text(text));
    match of {
        Type::Text(size) => text(Fields::text(values.get(..*size).filter(|_| n == 1)?)),
        Type::LongText if n == 1 => text(heap::long_text(store, values).ok()?),
        Type::Number(scalar) => {
            let values = values.chunks_exact(scalar.size).take(n);
            Some(match scalar.kind {
                Kind::Float => Said::Real(values.map(|v| real(*scalar, v)).collect()),
                _ => Said::Whole(values.map(|v| whole(*scalar, v)).collect::<Option<_>>()?),
            })
        }
        _ => None,
    }
}

/// The bytes of a number in the order of this format.
fn little(scalar: Scalar, value: &[u8]) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes[..value.len()].copy_from_slice(value);
    if scalar.big_endian {
        bytes[..value.len()].reverse();
    }
    bytes
}

fn whole(scalar: Scalar, value: &[u8]) -> Option<i64> {
    let n = u64::from_le_bytes(little(scalar, value));
    let unused = 64 - 8 * scalar.size as u32;
    match scalar.kind {
        Kind::Int => Some((n << unused) as i64 >> unused),
        _ => i64::try_from(n).ok(),
    }
}

fn real(scalar: Scalar, value: &[u8]) -> f64 {
    let bytes = little(scalar, value);
    match scalar.size {
        4 => f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).into(),
        _ => f64::from_le_bytes(bytes),
    }
}

impl Said {
    /// The only number, if it is whole.
    pub(crate) fn one_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(values) => match values[..] {
                [n] => Some(n),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use evz_core::Watched;

    use super::*;
    use crate::h5::fields::Sizes;

    /// Thousands of attributes may be one text.
    #[test]
    fn a_long_text_is_not_held() {
        let said_of = |len: usize| {
            let mut heap = b"GCOL\x01\0\0\0".to_vec();
            heap.extend((32 + len as u64).to_le_bytes());
            heap.extend([1, 0, 1, 0, 0, 0, 0, 0]);
            heap.extend((len as u64).to_le_bytes());
            heap.extend(vec![b'a'; len]);
            let store = Store {
                bytes: Arc::new(Watched::new(Arc::new(heap))),
                base: 0,
                sizes: Sizes {
                    address: 8,
                    length: 8,
                },
            };
            let mut value = (len as u32).to_le_bytes().to_vec();
            value.extend([0; 8]);
            value.extend(1u32.to_le_bytes());
            said(&store, &Type::LongText, &value, 1)
        };
        assert_eq!(said_of(4096), Some(Said::Text("a".repeat(4096))));
        assert_eq!(said_of(4097), None);
    }
}
