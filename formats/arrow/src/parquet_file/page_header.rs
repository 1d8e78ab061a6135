//! The header of a page, as far as it has to be known before the `parquet` crate reads it.
//!
//! Thrift's compact protocol, <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>,
//! and `PageHeader` of <https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift>.

/// Structures and lists inside each other.
const MAX_DEPTH: usize = 16;

const UNCOMPRESSED_PAGE_SIZE: i64 = 2;

/// Why a header was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It goes on behind these bytes.
    Short,
    /// It is none.
    Bad(&'static str),
}

/// Bytes that the page at the start of these takes once it is unpacked. What is skipped on the way is gone
/// over in time that the length of the header bounds: of lists whose values have no bytes the `parquet` crate
/// skips as many as they claim, two billion of them.
pub(super) fn unpacked_len(bytes: &[u8]) -> Result<u64, Unread> {
    let mut fields = Fields { left: bytes };
    let (mut id, mut len) = (0, None);
    while let Some((field, kind)) = fields.field(id)? {
        id = field;
        if field == UNCOMPRESSED_PAGE_SIZE && kind == I32 {
            len = Some(fields.signed()?);
        } else {
            fields.skip(kind, MAX_DEPTH)?;
        }
    }
    let len = len.ok_or(Unread::Bad("it says no length"))?;
    u64::try_from(len).map_err(|_| Unread::Bad("its length is negative"))
}

const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;
const UUID: u8 = 13;

struct Fields<'a> {
    left: &'a [u8],
}

impl Fields<'_> {
    /// The number and the type of the next field, behind one of this number; none at the end.
    fn field(&mut self, last: i64) -> Result<Option<(i64, u8)>, Unread> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let id = match head >> 4 {
            0 => self.signed()?,
            more => last.wrapping_add(i64::from(more)),
        };
        Ok(Some((id, head & 15)))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Result<(), Unread> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Unread::Bad("it is nested too deeply"));
        };
        match kind {
            TRUE | FALSE => Ok(()),
            BYTE => self.bytes(1),
            I16 | I32 | I64 => self.varint().map(drop),
            DOUBLE => self.bytes(8),
            UUID => self.bytes(16),
            BINARY => {
                let len = self.varint()?;
                self.bytes(len)
            }
            LIST | SET => {
                let head = self.byte()?;
                let n = match head >> 4 {
                    15 => self.varint()?,
                    few => few.into(),
                };
                self.values(n, &[head & 15], depth)
            }
            MAP => match self.varint()? {
                0 => Ok(()),
                n => {
                    let kinds = self.byte()?;
                    self.values(n, &[kinds >> 4, kinds & 15], depth)
                }
            },
            STRUCT => {
                while let Some((_, kind)) = self.field(0)? {
                    self.skip(kind, depth)?;
                }
                Ok(())
            }
            _ => Err(Unread::Bad("it has a field of no type")),
        }
    }

    /// Skips `n` values of each of these types, in turn.
    fn values(&mut self, n: u64, kinds: &[u8], depth: usize) -> Result<(), Unread> {
        if n > 0 && kinds.iter().any(|kind| [0, TRUE, FALSE].contains(kind)) {
            return Err(Unread::Bad("it has a list of what has no bytes"));
        }
        for _ in 0..n {
            kinds.iter().try_for_each(|kind| self.skip(*kind, depth))?;
        }
        Ok(())
    }

    fn signed(&mut self) -> Result<i64, Unread> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn varint(&mut self) -> Result<u64, Unread> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Unread::Bad("it has a number that is too long"))
    }

    fn byte(&mut self) -> Result<u8, Unread> {
        let (first, left) = self.left.split_first().ok_or(Unread::Short)?;
        self.left = left;
        Ok(*first)
    }

    fn bytes(&mut self, n: u64) -> Result<(), Unread> {
        let n = usize::try_from(n).map_err(|_| Unread::Short)?;
        self.left = self.left.get(n..).ok_or(Unread::Short)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A data page of 1,000 bytes that unpacks to 3,000: fields 1 to 3 and 5, a structure.
    const HEADER: [u8; 15] = [
        0x15, 0, 0x15, 0xf0, 0x2e, 0x15, 0xd0, 0x0f, 0x2c, 0x15, 2, 0x15, 0, 0, 0,
    ];

    #[test]
    fn the_length_of_a_page() {
        assert_eq!(unpacked_len(&HEADER), Ok(3_000));
        for cut in 0..HEADER.len() {
            assert_eq!(unpacked_len(&HEADER[..cut]), Err(Unread::Short), "{cut}");
        }
    }

    #[test]
    fn lists_of_nothing_are_no_work() {
        // An unknown field 9: a list of 2,147,483,647 booleans.
        let mut header = HEADER[..8].to_vec();
        header.extend([0x69, 0xf1, 0xff, 0xff, 0xff, 0xff, 7, 0]);
        let bad = Err(Unread::Bad("it has a list of what has no bytes"));
        assert_eq!(unpacked_len(&header), bad);
        // As many numbers take as many bytes.
        header[9] = 0xf5;
        assert_eq!(unpacked_len(&header), Err(Unread::Short));
        // Structures inside each other.
        let deep = [&HEADER[..8], &[0x6c], &[0x1c; 40], &[0; 42]].concat();
        assert!(matches!(unpacked_len(&deep), Err(Unread::Bad(_))));
    }
}
