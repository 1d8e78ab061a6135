//! In Rust alone: some larger when packed, some slower when unpacked.

use std::io::{self, Read};

use ruzstd::decoding::StreamingDecoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

/// Packs bytes in one frame.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// The bytes in a frame, at most `max_len`.
pub(crate) fn unpack(mut packed: &[u8], max_len: usize) -> io::Result<Vec<u8>> {
    let frame = StreamingDecoder::new(&mut packed).map_err(io::Error::other)?;
    let mut bytes = Vec::new();
    // One more tells a frame that is too long.
    frame.take(max_len as u64 + 1).read_to_end(&mut bytes)?;
    match bytes.len() > max_len {
        true => Err(io::ErrorKind::InvalidData.into()),
        false => Ok(bytes),
    }
}
