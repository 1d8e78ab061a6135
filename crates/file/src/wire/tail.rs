//! The body of the last record: where the index stands.

use binrw::{BinRead, BinWrite};
use serde::Serialize;

use super::{from_bytes, to_bytes};
use crate::forever::TAIL_MAGIC;

/// The last 32 bytes of a whole file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct Tail {
    /// Where the record of the index root starts.
    pub root_offset: u64,
    /// Bytes of the root's body.
    pub root_len: u64,
    /// Bytes of the file, this record included.
    pub file_len: u64,
    /// [`TAIL_MAGIC`].
    pub magic: [u8; 8],
}

impl Tail {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 32;

    /// A tail for a root.
    pub fn new(root_offset: u64, root_len: u64, file_len: u64) -> Self {
        Self {
            root_offset,
            root_len,
            file_len,
            magic: TAIL_MAGIC,
        }
    }

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// The tail in a body that was found whole.
    pub fn read_from(body: &[u8]) -> Option<Self> {
        from_bytes::<Self>(body).filter(|t| t.magic == TAIL_MAGIC)
    }
}
