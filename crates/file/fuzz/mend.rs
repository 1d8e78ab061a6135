//! Right checksums over any bytes, so that what they claim reaches the reader.

use evz_file::wire::{ChunkHead, FileHeader, Kind, RecordHeader, table_len};

fn put_crc(bytes: &mut [u8], covered: std::ops::Range<usize>, at: usize) {
    let crc = crc32fast::hash(&bytes[covered]);
    bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
}

/// Mends the checksums of the header, of all records and of the heads of chunks.
pub(crate) fn mend(bytes: &mut [u8]) {
    if bytes.len() < FileHeader::ENCODED_SIZE {
        return;
    }
    put_crc(bytes, 0..60, 60);
    const HEAD: usize = RecordHeader::ENCODED_SIZE;
    for start in (64..bytes.len().saturating_sub(HEAD - 1)).step_by(64) {
        if bytes[start..start + 4] != evz_file::forever::RECORD_MAGIC {
            continue;
        }
        let body_len = u64::from_le_bytes(bytes[start + 8..start + 16].try_into().unwrap());
        let kind = u16::from_le_bytes([bytes[start + 4], bytes[start + 5]]);
        let rest = &mut bytes[start + HEAD..];
        if let Some(body) = usize::try_from(body_len).ok().and_then(|n| rest.get_mut(..n)) {
            if kind == Kind::Chunk as u16 && body.len() >= ChunkHead::ENCODED_SIZE {
                let n_columns = u16::from_le_bytes([body[10], body[11]]);
                let toc_len = u32::from_le_bytes(body[12..16].try_into().unwrap());
                let front = ChunkHead::ENCODED_SIZE + table_len(n_columns);
                let front = front.saturating_add(toc_len as usize).min(body.len());
                let covered: Vec<u8> = [&body[..92], &body[96..front]].concat();
                body[92..96].copy_from_slice(&crc32fast::hash(&covered).to_le_bytes());
            }
            let crc = crc32fast::hash(body);
            bytes[start + 16..start + 20].copy_from_slice(&crc.to_le_bytes());
        }
        put_crc(bytes, start..start + 28, start + 28);
    }
}
