//! Chunks packed with Blosc 1: bytes in order, then Zstandard in one block.

use crate::filter::shuffle;

/// Versions of Blosc's format and of its Zstandard.
const VERSION: [u8; 2] = [2, 1];

/// Flags: bytes in order, one stream a block, Zstandard.
const FLAGS: u8 = 1 | 16 | 4 << 5;

/// The same for bytes that are as they were.
const STORED: u8 = FLAGS | 2;

/// What packs well and fast.
const LEVEL: i32 = 3;

/// Bytes before those of a block: Blosc's head, where the block begins, and its length.
const HEAD: usize = 16;
const BEFORE: usize = HEAD + 4 + 4;

/// The parameters that HDF5 has of it: the version of the filter and of Blosc, the bytes of a value and of
/// a chunk, a level, that bytes are in order, Zstandard.
pub(super) fn parameters(size: usize, chunk: usize) -> [u32; 7] {
    [2, 2, size as u32, chunk as u32, 5, 1, 5]
}

/// A chunk of values of so many bytes.
pub(super) fn pack(chunk: &[u8], size: usize) -> std::io::Result<Vec<u8>> {
    let shuffled = shuffle::shuffle(size, chunk);
    let packed = zstd::bulk::compress(&shuffled, LEVEL)?;
    let len = (packed.len() + BEFORE).min(chunk.len() + HEAD);
    let is_stored = packed.len() + BEFORE > len;
    let flags = if is_stored { STORED } else { FLAGS };
    let mut out = Vec::with_capacity(len);
    out.extend([VERSION[0], VERSION[1], flags, size as u8]);
    for n in [chunk.len(), chunk.len(), len] {
        out.extend((n as u32).to_le_bytes());
    }
    if is_stored {
        out.extend_from_slice(chunk);
        return Ok(out);
    }
    out.extend((HEAD as u32 + 4).to_le_bytes());
    out.extend((packed.len() as u32).to_le_bytes());
    out.extend_from_slice(&packed);
    Ok(out)
}
