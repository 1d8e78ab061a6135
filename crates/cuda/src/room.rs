//! What a chunk takes on the device.

use crate::chunk::Chunk;
use crate::layout::ChunkDesc;
use crate::scratch::{HEAD_LEN, by_cells, head_at, scratch_len};

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
        // Without a head, the kernels find the chunk damaged before they need any.
        let scratch = small_head(chunk).map_or(0, |head| scratch_len(head, chunk.n_events));
        Self {
            bytes: payload + size_of::<ChunkDesc>() as u64,
            scratch,
        }
    }
}

/// The head of a chunk of `small`, if there is one.
fn small_head<'a>(chunk: &Chunk<'a>) -> Option<&'a [u8; HEAD_LEN]> {
    let head = chunk.payload.get(head_at(chunk.n_events)..)?;
    head.first_chunk().filter(|_| chunk.codec == SMALL)
}

/// Whether cells of pixels tell the polarities of a chunk of `small`.
pub(crate) fn has_cells(chunk: &Chunk<'_>) -> bool {
    small_head(chunk).is_some_and(by_cells)
}
