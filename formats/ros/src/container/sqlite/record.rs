//! Section 2.1, "Record Format".

/// A value of a row that matters to anybody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Integer(i64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
    /// None, or a number with a fraction.
    Other,
}

impl<'a> Value<'a> {
    pub(crate) fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(value),
            _ => None,
        }
    }

    pub(crate) fn text(self) -> Option<&'a [u8]> {
        match self {
            Self::Text(value) => Some(value),
            _ => None,
        }
    }
}

/// Takes an integer of up to nine bytes: seven bits each, the highest first, and all eight of the
/// ninth.
pub(super) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for i in 0..9 {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if i == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(value)
}

/// The values of a row; none if it makes no sense. Rows have more columns than `columns` only in other
/// tables.
pub(crate) fn values(row: &[u8], columns: usize) -> Option<Vec<Value<'_>>> {
    let mut rest = row;
    let head_len = usize::try_from(varint(&mut rest)?).ok()?;
    let varint_len = row.len() - rest.len();
    let mut types = rest.get(..head_len.checked_sub(varint_len)?)?;
    let mut content = row.get(head_len..)?;
    let mut values = Vec::with_capacity(columns);
    while !types.is_empty() && values.len() < columns {
        let kind = varint(&mut types)?;
        let len = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            12.. => (kind - 12) / 2,
            _ => return None,
        };
        let bytes = content.split_off(..usize::try_from(len).ok()?)?;
        values.push(match kind {
            1..=6 => Value::Integer(integer(bytes)),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            12.. if kind % 2 == 1 => Value::Text(bytes),
            12.. => Value::Blob(bytes),
            _ => Value::Other,
        });
    }
    Some(values)
}

/// An integer with a sign, the highest byte first.
fn integer(bytes: &[u8]) -> i64 {
    let sign = bytes
        .first()
        .map_or(0, |first| i64::from(first.cast_signed() >> 7));
    bytes
        .iter()
        .fold(sign, |value, byte| value << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_any_length() {
        let of = |mut bytes: &[u8]| varint(&mut bytes);
        assert_eq!(of(&[0x7f]), Some(127));
        assert_eq!(of(&[0x81, 0x00]), Some(128));
        assert_eq!(of(&[0xff; 9]), Some(u64::MAX));
        assert_eq!(of(&[0x81]), None);
        assert_eq!(integer(&[0xff, 0xfe]), -2);
        assert_eq!(integer(&[0x01, 0x00, 0x00]), 65_536);
        assert_eq!(integer(&[]), 0);
    }

    #[test]
    fn rows() {
        // None, the integer 1, -2 in two bytes, a text and a blob.
        let row = [6, 0, 9, 2, 17, 16, 0xff, 0xfe, b'h', b'i', 7, 8];
        let expected = [
            Value::Other,
            Value::Integer(1),
            Value::Integer(-2),
            Value::Text(b"hi"),
            Value::Blob(&[7, 8]),
        ];
        assert_eq!(values(&row, 5).unwrap(), expected);
        assert_eq!(values(&row, 2).unwrap(), expected[..2]);
        for len in 0..row.len() {
            assert_eq!(values(&row[..len], 5), None, "{len}");
        }
    }
}
