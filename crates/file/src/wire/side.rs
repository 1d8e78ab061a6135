//! Side streams: triggers, IMU, frames; tables with a time column.

use binrw::{BinRead, BinWrite};
use evz_core::{Error, Result};
use serde::Serialize;

use super::{from_bytes, to_bytes};

/// Names a side stream; stands before its first batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideStream {
    /// Number that its batches carry.
    pub id: u32,
    /// Name by which users ask for it: `triggers`, `imu`, `frames`.
    pub name: String,
}

impl SideStream {
    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        let mut out = self.id.to_le_bytes().to_vec();
        out.extend_from_slice(&(self.name.len() as u32).to_le_bytes());
        out.extend_from_slice(self.name.as_bytes());
        out
    }

    /// The stream named in a body.
    ///
    /// # Errors
    /// Where the body is too short or its name is not UTF-8.
    pub fn read_from(body: &[u8]) -> Result<Self> {
        let field = |at: usize| {
            body.get(at..at + 4)
                .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        };
        let name = || {
            let len = usize::try_from(field(4)?).ok()?;
            String::from_utf8(body.get(8..8usize.checked_add(len)?)?.to_vec()).ok()
        };
        match (field(0), name()) {
            (Some(id), Some(name)) => Ok(Self { id, name }),
            _ => Err(Error::corrupt("", "a side stream without a readable name")),
        }
    }
}

/// Stands before the compressed rows of a side batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct SideBatchHead {
    /// Number of the stream.
    pub stream: u32,
    /// Zero.
    pub reserved: u32,
    /// Rows of the table.
    pub rows: u64,
    /// Earliest time of a row, in ticks.
    pub t_min: i64,
    /// Latest time of a row.
    pub t_max: i64,
    /// Bytes of the Arrow IPC stream once decompressed.
    pub raw_len: u64,
}

impl SideBatchHead {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 40;

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// The head at the start of a body.
    pub fn read_from(body: &[u8]) -> Option<Self> {
        from_bytes(body.get(..Self::ENCODED_SIZE)?)
    }
}
