//! By the C library.

use std::io;

/// Packs bytes in one frame.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("zstd compresses a buffer in memory")
}

/// The bytes in a frame, at most `max_len`.
pub(crate) fn unpack(packed: &[u8], max_len: usize) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(packed, max_len)
}
