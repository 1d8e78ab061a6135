//! zstd, in which index leaves and side batches stand: the C library, and where there is no C
//! compiler for the target, as in a browser, one in Rust.

use std::io;

/// Packs bytes in one frame.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(bytes, 3).expect("zstd compresses a buffer in memory")
}

/// The bytes in a frame, at most `max_len`.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn unpack(packed: &[u8], max_len: usize) -> io::Result<Vec<u8>> {
    zstd::bulk::decompress(packed, max_len)
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[cfg(target_arch = "wasm32")]
pub(crate) fn unpack(mut packed: &[u8], max_len: usize) -> io::Result<Vec<u8>> {
    use std::io::Read;
    let mut frame =
        ruzstd::decoding::StreamingDecoder::new(&mut packed).map_err(io::Error::other)?;
    let mut bytes = Vec::with_capacity(max_len.min(1 << 20));
    // One more tells a frame that is too long.
    (&mut frame)
        .take(max_len as u64 + 1)
        .read_to_end(&mut bytes)?;
    match bytes.len() > max_len {
        true => Err(io::ErrorKind::InvalidData.into()),
        false => Ok(bytes),
    }
}
