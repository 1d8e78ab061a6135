//! Right checksums over any bytes, so that what they claim reaches the reader.

use evz_file::wire::{ChunkHead, FileHeader, Kind, RecordHeader, table_len};

fn put_crc(bytes: &mut [u8], covered: std::ops::Range<usize>, at: usize) {
    let crc = crc32fast::hash(&bytes[covered]);
    bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
}

/// A record whose body lies in the file.
struct Found {
    start: usize,
    kind: u16,
    body: std::ops::Range<usize>,
}

/// Mends the checksums of the header, of all records and of the heads of chunks, and those that leaves,
/// nodes and roots have of what they refer to.
pub(crate) fn mend(bytes: &mut [u8]) {
    if bytes.len() < FileHeader::ENCODED_SIZE {
        return;
    }
    put_crc(bytes, 0..60, 60);
    let mut records = records(bytes);
    // What is referred to comes before what refers to it.
    records.sort_by_key(|r| match Kind::from_number(r.kind) {
        Some(Kind::Leaf) => (1, r.start),
        Some(Kind::Node) => (2, r.start),
        Some(Kind::Root) => (3, r.start),
        _ => (0, r.start),
    });
    for at in 0..records.len() {
        let Found { start, kind, body } = &records[at];
        let referring = records[at + 1..].iter().filter(|r| refers(r.kind));
        let referring: Vec<_> = referring.map(|r| r.body.clone()).collect();
        if *kind == Kind::Chunk as u16 && body.len() >= ChunkHead::ENCODED_SIZE {
            let head = body.start;
            let n_columns = u16::from_le_bytes([bytes[head + 10], bytes[head + 11]]);
            let toc_len = u32_at(bytes, head + 12);
            let front = ChunkHead::ENCODED_SIZE + table_len(n_columns);
            let front = front.saturating_add(toc_len as usize).min(body.len());
            let covered = [&bytes[head..head + 92], &bytes[head + 96..head + front.max(96)]];
            let crc = crc32fast::hash(&covered.concat());
            replace(bytes, head + 92, crc, &referring);
        }
        let crc = crc32fast::hash(&bytes[body.clone()]);
        replace(bytes, start + 16, crc, &referring);
        put_crc(bytes, *start..start + 28, start + 28);
    }
}

fn refers(kind: u16) -> bool {
    [Kind::Leaf as u16, Kind::Node as u16, Kind::Root as u16].contains(&kind)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn records(bytes: &[u8]) -> Vec<Found> {
    const HEAD: usize = RecordHeader::ENCODED_SIZE;
    let starts = (64..bytes.len().saturating_sub(HEAD - 1)).step_by(64);
    let magic = |start: &usize| bytes[*start..start + 4] == evz_file::forever::RECORD_MAGIC;
    starts
        .filter(magic)
        .filter_map(|start| {
            let body_len = u64::from_le_bytes(bytes[start + 8..start + 16].try_into().unwrap());
            let end = usize::try_from(body_len).ok()?.checked_add(start + HEAD)?;
            (end <= bytes.len()).then(|| Found {
                start,
                kind: u16::from_le_bytes([bytes[start + 4], bytes[start + 5]]),
                body: start + HEAD..end,
            })
        })
        .collect()
}

/// Puts a checksum where it belongs, and where these bodies have the one that stood there.
fn replace(bytes: &mut [u8], at: usize, crc: u32, bodies: &[std::ops::Range<usize>]) {
    let old = u32_at(bytes, at);
    bytes[at..at + 4].copy_from_slice(&crc.to_le_bytes());
    if old == crc {
        return;
    }
    for body in bodies {
        for place in body.start..body.end.saturating_sub(3) {
            if u32_at(bytes, place) == old {
                bytes[place..place + 4].copy_from_slice(&crc.to_le_bytes());
            }
        }
    }
}
