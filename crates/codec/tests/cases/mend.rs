//! Right checksums for payloads that are damaged or made up, as far as these have room for them: so
//! that what checksums guard is reached.

/// Entries of 16 bytes: where a block starts, then its checksum.
pub(crate) fn fast(bytes: &mut [u8], toc_len: usize, _n_events: usize) {
    let (blocks, end) = (toc_len / 16, bytes.len());
    for b in 0..blocks {
        let offset = |b: usize| match bytes.get(16 * b..16 * b + 4) {
            Some(bytes) if b < blocks => u32::from_le_bytes(bytes.try_into().unwrap()) as usize,
            _ => end,
        };
        if let Some(block) = bytes.get(offset(b)..offset(b + 1)) {
            let crc = crc32fast::hash(block);
            if let Some(field) = bytes.get_mut(16 * b + 4..16 * b + 8) {
                field.copy_from_slice(&crc.to_le_bytes());
            }
        }
    }
}

/// Entries of 28 bytes: two checksums from byte 8 on, the lengths of their streams from byte 16 on,
/// in units of 4 bytes.
pub(crate) fn small(bytes: &mut [u8], toc_len: usize, n_events: usize) {
    let mut at = toc_len;
    for segment in 0..n_events.div_ceil(8_192) {
        for stream in 0..2 {
            let field = 28 * segment + 16 + 2 * stream;
            let Some(units) = bytes.get(field..field + 2) else {
                return;
            };
            let len = 4 * usize::from(u16::from_le_bytes(units.try_into().unwrap()));
            let Some(body) = bytes.get(at..at + len) else {
                return;
            };
            let crc = crc32fast::hash(body).to_le_bytes();
            bytes[28 * segment + 8 + 4 * stream..][..4].copy_from_slice(&crc);
            at += len;
        }
    }
}
