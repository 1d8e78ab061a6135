//! The end of the root, and of a whole file: where the root stands.

use binrw::{BinRead, BinWrite};
use serde::Serialize;

use super::{from_bytes, to_bytes};
use crate::forever::TAIL_MAGIC;

/// The last 16 bytes of a whole file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct Tail {
    /// Where the record of the index root starts.
    pub root_offset: u64,
    /// [`TAIL_MAGIC`].
    pub magic: [u8; 8],
}

impl Tail {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 16;

    /// The tail of a root whose record starts there.
    pub fn new(root_offset: u64) -> Self {
        Self {
            root_offset,
            magic: TAIL_MAGIC,
        }
    }

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// The tail in these bytes, if it is one.
    pub fn read_from(body: &[u8]) -> Option<Self> {
        from_bytes::<Self>(body).filter(|t| t.magic == TAIL_MAGIC)
    }
}
