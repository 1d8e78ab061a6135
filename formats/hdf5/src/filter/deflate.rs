//! Deflate, with a header and a checksum of zlib.

use flate2::{Decompress, FlushDecompress, Status};

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Result<(), String> {
    out.resize(len, 0);
    inflate(bytes, out)
}

/// Fills `out`, all of it.
pub(super) fn inflate(bytes: &[u8], out: &mut [u8]) -> Result<(), String> {
    let mut state = Decompress::new(true);
    let status = state.decompress(bytes, out, FlushDecompress::Finish);
    let status = status.map_err(|e| format!("its deflated bytes are damaged: {e}"))?;
    match (status, state.total_out() == out.len() as u64) {
        (Status::StreamEnd, true) => Ok(()),
        _ => Err("its deflated bytes are of another length".to_owned()),
    }
}
