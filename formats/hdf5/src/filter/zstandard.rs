//! Zstandard as a filter of its own: a frame.

pub(super) fn undo(_: &[u32], bytes: &[u8], len: usize) -> Result<Vec<u8>, String> {
    let mut out = vec![0; len];
    let n = zstd::bulk::decompress_to_buffer(bytes, &mut out);
    let n = n.map_err(|e| format!("its Zstandard bytes are damaged: {e}"))?;
    out.truncate(n);
    Ok(out)
}
