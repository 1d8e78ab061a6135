//! Thrift's compact protocol, as far as what is in a Parquet file has to be known before the `parquet` crate reads it:
//! <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>. What is gone over takes time
//! that the length of the bytes bounds: of lists whose values have no bytes the crate skips as many as they claim, two
//! billion of them.

use std::fmt;

/// Structures and lists inside each other.
const MAX_DEPTH: usize = 16;

/// Why bytes were not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// It goes on behind these bytes.
    Short,
    /// It is none.
    Bad(&'static str),
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Short => "it is cut off",
            Self::Bad(why) => why,
        })
    }
}

/// Types of fields.
pub(super) const TRUE: u8 = 1;
pub(super) const FALSE: u8 = 2;
pub(super) const BYTE: u8 = 3;
pub(super) const I16: u8 = 4;
pub(super) const I32: u8 = 5;
pub(super) const I64: u8 = 6;
pub(super) const DOUBLE: u8 = 7;
pub(super) const BINARY: u8 = 8;
pub(super) const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
pub(super) const STRUCT: u8 = 12;
const UUID: u8 = 13;

/// The fields of a structure, and what is in them.
#[derive(Clone)]
pub(super) struct Fields<'a> {
    left: &'a [u8],
}

impl<'a> Fields<'a> {
    /// Those at the start of these bytes.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    /// Bytes that are not read yet.
    pub(super) fn left(&self) -> usize {
        self.left.len()
    }

    /// The number and the type of the next field, behind one of this number; none at the end.
    pub(super) fn field(&mut self, last: i64) -> Result<Option<(i64, u8)>, Unread> {
        let head = self.byte()?;
        if head == 0 {
            return Ok(None);
        }
        let id = match head >> 4 {
            0 => self.signed()?,
            more => last.saturating_add(i64::from(more)),
        };
        // The crate takes it for its low 16 bits.
        if i16::try_from(id).is_err() {
            return Err(Unread::Bad("it has a field whose number is too large"));
        }
        Ok(Some((id, head & 15)))
    }

    /// Goes over a field of this type.
    pub(super) fn skip(&mut self, kind: u8) -> Result<(), Unread> {
        self.skip_within(kind, MAX_DEPTH)
    }

    /// The type and the number of the values of a list, which come next.
    pub(super) fn list(&mut self) -> Result<(u8, u64), Unread> {
        let head = self.byte()?;
        let n = match head >> 4 {
            15 => self.varint()?,
            few => few.into(),
        };
        Ok((head & 15, n))
    }

    fn skip_within(&mut self, kind: u8, depth: usize) -> Result<(), Unread> {
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
                let (kind, n) = self.list()?;
                self.values(n, &[kind], depth)
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
                    self.skip_within(kind, depth)?;
                }
                Ok(())
            }
            _ => Err(Unread::Bad("it has a field of no type")),
        }
    }

    /// Skips `n` values of each of these types, in turn.
    fn values(&mut self, n: u64, kinds: &[u8], depth: usize) -> Result<(), Unread> {
        if n > 0 && kinds.iter().any(|kind| [0, TRUE, FALSE].contains(kind)) {
            // Of booleans the crate takes none of the bytes that they have.
            return Err(Unread::Bad("it has a list of booleans, or of nothing"));
        }
        for _ in 0..n {
            kinds
                .iter()
                .try_for_each(|kind| self.skip_within(*kind, depth))?;
        }
        Ok(())
    }

    pub(super) fn signed(&mut self) -> Result<i64, Unread> {
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
