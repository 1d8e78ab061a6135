//! A chunk: a head of 96 bytes, then the payload of its codec.

use binrw::{BinRead, BinWrite};
use evz_codec::ChunkTime;
use evz_core::{Error, Result};
use serde::Serialize;

use super::{from_bytes, to_bytes};
use crate::limits::MAX_CHUNK_EVENTS;

/// Bit 0 of a chunk's flags: its times never decrease.
pub const CHUNK_SORTED: u16 = 1;

/// What a chunk says of its events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct ChunkHead {
    /// Number of the first event in the recording.
    pub first_event: u64,
    /// Number of events, at least 1.
    pub n_events: u32,
    /// Number of the codec.
    pub codec: u16,
    /// [`CHUNK_SORTED`] or 0.
    pub flags: u16,
    /// Time of the first event, in ticks.
    pub t_first: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Every time is `t_first` plus a multiple of this; at least 1.
    pub t_divisor: u64,
    /// Number of ON events.
    pub n_on: u32,
    /// Bounding box: smallest x.
    pub x_min: u16,
    /// Largest x.
    pub x_max: u16,
    /// Smallest y.
    pub y_min: u16,
    /// Largest y.
    pub y_max: u16,
    /// Bytes at the start of the payload that `head_crc` covers too.
    pub toc_len: u32,
    /// Bytes of the payload.
    pub payload_len: u64,
    /// Bytes of the payload spent on t, x, y, p.
    pub column_bytes: [u32; 4],
    /// Zero.
    pub reserved: u32,
    /// CRC of the 92 bytes before and of the first `toc_len` bytes of the payload.
    pub head_crc: u32,
}

impl ChunkHead {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 96;

    /// The bytes, with the checksum over them and the payload's first `toc_len` bytes.
    pub fn write_to(&self, payload: &[u8]) -> Vec<u8> {
        let mut bytes = to_bytes(self);
        let crc = Self::crc(&bytes, &payload[..self.toc_len as usize]);
        bytes[92..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The head of the chunk whose body is `body`, checked against its checksum and in itself.
    ///
    /// # Errors
    /// Where the bytes are damaged or contradict each other.
    pub fn read_from(body: &[u8]) -> Result<Self> {
        let corrupt = |what: String| Error::corrupt("", what);
        let head: Self = body
            .get(..Self::ENCODED_SIZE)
            .and_then(from_bytes)
            .ok_or_else(|| corrupt(format!("a body of {} bytes, less than a head", body.len())))?;
        let payload = &body[Self::ENCODED_SIZE..];
        let toc = payload.get(..head.toc_len as usize).ok_or_else(|| {
            corrupt(format!(
                "a table of {} bytes in {} of payload",
                head.toc_len,
                payload.len()
            ))
        })?;
        let found = Self::crc(&body[..Self::ENCODED_SIZE], toc);
        if found != head.head_crc {
            return Err(corrupt(format!(
                "head CRC {found:08x}, expected {:08x}",
                head.head_crc
            )));
        }
        if head.payload_len != payload.len() as u64 {
            return Err(corrupt(format!(
                "its head says {} bytes of payload, its record {}",
                head.payload_len,
                payload.len()
            )));
        }
        if head.n_events == 0 || head.n_events > MAX_CHUNK_EVENTS {
            return Err(Error::limit(
                "",
                format!(
                    "{} events; a chunk holds 1 to {MAX_CHUNK_EVENTS}",
                    head.n_events
                ),
            ));
        }
        if head.t_divisor == 0 || head.n_on > head.n_events {
            return Err(corrupt(format!(
                "divisor {}, {} ON of {} events",
                head.t_divisor, head.n_on, head.n_events
            )));
        }
        Ok(head)
    }

    /// Bytes of the body that its checksum covers, as the head at its start claims; the table of
    /// contents is the end of them.
    pub fn front_len(body: &[u8]) -> usize {
        let field = body.get(60..64).and_then(|b| b.try_into().ok());
        let toc_len = u32::from_le_bytes(field.unwrap_or_default());
        Self::ENCODED_SIZE.saturating_add(toc_len as usize)
    }

    /// Whether the times never decrease.
    pub fn sorted(&self) -> bool {
        self.flags & CHUNK_SORTED != 0
    }

    /// How the codec's numbers become ticks.
    pub fn time(&self) -> ChunkTime {
        ChunkTime {
            first: self.t_first,
            divisor: self.t_divisor,
        }
    }

    fn crc(head: &[u8], toc: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&head[..92]);
        hasher.update(toc);
        hasher.finalize()
    }
}
