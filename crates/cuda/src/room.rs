//! What a chunk takes on the device.

use crate::job::Chunk;
use crate::layout::ChunkDesc;
use crate::scratch::{HEAD_LEN, head_at, scratch_len};

/// Codecs, by their numbers in the file.
pub(crate) const FAST: u16 = 1;
pub(crate) const SMALL: u16 = 2;

/// Bytes behind each payload that a kernel may read.
pub(crate) const PADDING: u64 = 64;

/// What a chunk takes on the device, besides columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Its payload and its descriptor.
    pub(crate) bytes: u64,
    /// Memory to work in.
    pub(crate) scratch: u64,
}

impl Room {
    pub(crate) fn of(chunk: &Chunk<'_>) -> Self {
        let payload = (chunk.payload.len() as u64 + PADDING).next_multiple_of(64);
        let head = chunk.payload.get(head_at(chunk.n_events)..);
        let scratch = match head.and_then(|h| h.first_chunk::<HEAD_LEN>()) {
            // Without a head, the kernels find the chunk damaged before they need any.
            Some(head) if chunk.codec == SMALL => scratch_len(head, chunk.n_events),
            _ => 0,
        };
        Self {
            bytes: payload + size_of::<ChunkDesc>() as u64,
            scratch,
        }
    }
}
