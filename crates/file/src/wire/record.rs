//! What stands before every record.

use binrw::{BinRead, BinWrite};
use evz_core::{Error, Result};
use serde::Serialize;

use super::{crc, from_bytes, to_bytes};
use crate::forever::{ALIGNMENT, RECORD_MAGIC};

/// Bit 0 of a record's flags: a reader that does not know the kind refuses the file.
pub const CRITICAL: u16 = 1;

/// The kinds of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum Kind {
    /// Typed key/values.
    Metadata = 1,
    /// Declares an event stream.
    Stream = 2,
    /// Events.
    Chunk = 3,
    /// Declares a side stream.
    SideStream = 4,
    /// Rows of a side stream.
    SideBatch = 5,
    /// A leaf of the index.
    Leaf = 6,
    /// A node of the index, above leaves.
    Node = 7,
    /// How many events there are when, of the chunks of a leaf.
    Activity = 8,
    /// The root of the index; the last record of a whole file.
    Root = 9,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Metadata,
        Self::Stream,
        Self::Chunk,
        Self::SideStream,
        Self::SideBatch,
        Self::Leaf,
        Self::Node,
        Self::Activity,
        Self::Root,
    ];

    /// The kind with this number.
    pub fn from_number(n: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|k| *k as u16 == n)
    }

    /// The flags of its records: [`CRITICAL`] or 0.
    pub fn flags(self) -> u16 {
        match self {
            Self::Activity => 0,
            _ => CRITICAL,
        }
    }
}

/// The 32 bytes before every record's body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct RecordHeader {
    /// [`RECORD_MAGIC`].
    pub magic: [u8; 4],
    /// A [`Kind`], or one that a later version knows.
    pub kind: u16,
    /// [`CRITICAL`] or 0.
    pub flags: u16,
    /// Bytes of the body, padding not counted.
    pub body_len: u64,
    /// CRC of the body.
    pub body_crc: u32,
    /// Of a chunk the number of its first event in its stream, of a side batch of its first row; else 0.
    pub number: u64,
    /// CRC of the 28 bytes before.
    pub crc: u32,
}

impl RecordHeader {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 32;

    /// The header of a record with this body.
    pub fn new(kind: Kind, number: u64, body_len: u64, body_crc: u32) -> Self {
        Self {
            magic: RECORD_MAGIC,
            kind: kind as u16,
            flags: kind.flags(),
            body_len,
            body_crc,
            number,
            crc: 0,
        }
    }

    /// The bytes, with their checksum.
    pub fn write_to(&self) -> Vec<u8> {
        let mut bytes = to_bytes(self);
        let crc = crc(&bytes[..28]);
        bytes[28..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header in the first 32 of `bytes`; none if they are no whole record header.
    pub fn read_from(bytes: &[u8]) -> Option<Self> {
        let head = bytes.get(..Self::ENCODED_SIZE)?;
        if head[..4] != RECORD_MAGIC {
            return None;
        }
        let header: Self = from_bytes(head)?;
        (crc(&head[..28]) == header.crc).then_some(header)
    }

    /// Whether who does not know the kind of the record may not skip it.
    pub fn is_critical(&self) -> bool {
        self.flags & CRITICAL != 0 || self.kind == 0
    }

    /// Checks a body against its checksum.
    ///
    /// # Errors
    /// If it is not that of the body.
    pub fn check(&self, body: &[u8]) -> Result<()> {
        let found = crc(body);
        match found == self.body_crc {
            true => Ok(()),
            false => Err(Error::corrupt(
                "",
                format!("CRC {found:08x}, expected {:08x}", self.body_crc),
            )),
        }
    }

    /// Bytes from the start of the record to the start of the next; none if that is more than a
    /// file can hold.
    pub fn record_len(&self) -> Option<u64> {
        record_len(self.body_len)
    }
}

/// Bytes of a record with a body of this length: header, body and padding.
pub(crate) fn record_len(body_len: u64) -> Option<u64> {
    body_len
        .checked_add(RecordHeader::ENCODED_SIZE as u64)?
        .checked_next_multiple_of(ALIGNMENT)
        .filter(|n| *n <= i64::MAX as u64)
}
