//! A forger changes one field of one record and mends all checksums: an error, or the right events.

mod common;

use common::{Times, events, info, read};
use evz_codec::{FAST, SMALL};
use evz_core::{EventBatch, Metadata, Polarity, Roi, Selection};
use evz_file::wire::{FileHeader, Kind, RecordHeader, SideDeclaration, StreamDeclaration, Tail};
use evz_file::{Reader, WriteOptions};

/// A file with all kinds of records, its body lengths as they are.
fn file(times: Times) -> (EventBatch, Vec<u8>) {
    let all = events(260, times, 5);
    let codec = if times == Times::Rising {
        &FAST
    } else {
        &SMALL as &dyn evz_codec::Codec
    };
    let options = WriteOptions::new().with_codec(codec).with_chunk_events(1);
    let mut writer = options.write_to(Vec::new(), &info()).unwrap();
    let right = StreamDeclaration {
        name: "right".to_owned(),
        ..StreamDeclaration::default()
    };
    let right = writer.add_stream(right).unwrap();
    let imu = SideDeclaration {
        name: "imu".to_owned(),
        ..SideDeclaration::default()
    };
    let imu = writer.add_side_stream(imu).unwrap();
    writer.write_side_batch(imu, b"rows", 3, (5, 9)).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    writer
        .write_events(right, all.as_slice().slice(0..3))
        .unwrap();
    (all, writer.finish_into(&Metadata::new()).unwrap().0)
}

/// Where records start, with their headers.
fn records(bytes: &[u8]) -> Vec<(usize, RecordHeader)> {
    let mut at = FileHeader::ENCODED_SIZE;
    let mut found = Vec::new();
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
        found.push((at, header));
        at += header.record_len().unwrap() as usize;
    }
    found
}

fn put_u32(bytes: &mut [u8], at: usize, value: u32) {
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// Replaces the checksum of a record wherever the index has it.
fn replace(bytes: &mut [u8], range: std::ops::Range<usize>, old: u32, new: u32) -> bool {
    let old = old.to_le_bytes();
    let mut replaced = false;
    for at in range.start..range.end.saturating_sub(3) {
        if bytes[at..at + 4] == old {
            put_u32(bytes, at, new);
            replaced = true;
        }
    }
    replaced
}

/// Mends every checksum, from the records that refer to nothing up to the root.
fn mend(bytes: &mut [u8], layout: &[(usize, RecordHeader)]) {
    let crc = crc32fast::hash(&bytes[..60]);
    put_u32(bytes, 60, crc);
    let order = |kind: u16| match Kind::from_number(kind) {
        Some(Kind::Leaf) => 1,
        Some(Kind::Node) => 2,
        Some(Kind::Root) => 3,
        _ => 0,
    };
    let mut sorted: Vec<_> = layout.to_vec();
    sorted.sort_by_key(|(_, header)| order(header.kind));
    for (start, header) in sorted {
        let body = start + 32..(start + 32 + header.body_len as usize).min(bytes.len());
        if header.kind == Kind::Chunk as u16 {
            let toc_len = u32::from_le_bytes(bytes[body.start + 12..][..4].try_into().unwrap());
            let front = (body.start + 96)
                .saturating_add(toc_len as usize)
                .min(body.end);
            let covered = [
                &bytes[body.start..body.start + 92],
                &bytes[body.start + 96..front],
            ];
            let old = u32::from_le_bytes(bytes[body.start + 92..][..4].try_into().unwrap());
            let new = crc32fast::hash(&covered.concat());
            put_u32(bytes, body.start + 92, new);
            if old != new {
                for (at, other) in layout.iter().filter(|(_, h)| order(h.kind) > 0) {
                    replace(bytes, at + 32..at + 32 + other.body_len as usize, old, new);
                }
            }
        }
        let new = crc32fast::hash(&bytes[body.clone()]);
        if new != header.body_crc {
            for (at, other) in layout.iter().filter(|(_, h)| order(h.kind) > 0) {
                let range = at + 32..at + 32 + other.body_len as usize;
                replace(bytes, range, header.body_crc, new);
            }
        }
        // The header as it is by now, with the checksums that fit.
        let body_crc = crc32fast::hash(&bytes[body]);
        put_u32(bytes, start + 16, body_crc);
        let header_crc = crc32fast::hash(&bytes[start..start + 28]);
        put_u32(bytes, start + 28, header_crc);
    }
}

/// Holds what a forged file gives against what it should; whether all of it was read.
fn check(bytes: Vec<u8>, all: &EventBatch, what: &str) -> bool {
    let Ok(reader) = common::open(bytes) else {
        return false;
    };
    let mut whole = true;
    let mut same = |reader: &Reader, all: &EventBatch, s: &Selection| match read(reader, s) {
        Ok(found) => assert_eq!(found, common::expected(all, s), "{what}: {s:?}"),
        Err(_) => whole = false,
    };
    let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
    let at = |i: i64| min + (max - min) * i / 8;
    let mut selections = vec![
        Selection::default(),
        Selection::default().with_events(250..258),
        Selection::default().with_polarity(Polarity::On),
        Selection::default().with_roi(Roi {
            x: 0,
            y: 0,
            width: 300,
            height: 100,
        }),
    ];
    selections.extend((0..4).map(|i| Selection::default().with_time(at(2 * i)..at(2 * i + 2) + 1)));
    // Around each of the last events: their chunks stand in the root.
    for i in [255, 256, 259] {
        selections.push(Selection::default().with_time(all.t[i]..all.t[i] + 1));
    }
    for s in &selections {
        same(&reader, all, s);
    }
    if let Some(right) = reader.of_stream(1) {
        same(&right, &all.iter().take(3).collect(), &Selection::default());
    }
    whole
}

/// Every byte of a short record and of the ends of a long one, set to some others.
fn forge(times: Times, stride: usize, of: impl Fn(&RecordHeader) -> bool) {
    let (all, bytes) = file(times);
    let layout = records(&bytes);
    let mut whole = bytes.clone();
    mend(&mut whole, &layout);
    assert!(whole == bytes, "mending changes nothing of a whole file");
    let (mut read_on, mut refused) = (0, 0);
    let mut change = |at: usize, what: &str| {
        for flip in [0x01, 0x02, 0x90] {
            let mut forged = bytes.clone();
            forged[at] ^= flip;
            mend(&mut forged, &layout);
            match check(forged, &all, &format!("byte {at} of {what} by {flip:#x}")) {
                true => read_on += 1,
                false => refused += 1,
            }
        }
    };
    for at in 0..FileHeader::ENCODED_SIZE {
        change(at, "the file header");
    }
    let mut seen = [0usize; 10];
    for (start, header) in &layout {
        // Of chunks a few are enough: their heads, not what their codec says.
        let n = &mut seen[usize::from(header.kind)];
        *n += 1;
        if !of(header) || header.kind == Kind::Chunk as u16 && ![1, 2, 256, 260].contains(n) {
            continue;
        }
        let (len, stride) = match Kind::from_number(header.kind) {
            Some(Kind::Chunk) => (96, 1),
            // No events are found by it.
            Some(Kind::Activity) => (header.body_len as usize, 101),
            _ => (header.body_len as usize, stride),
        };
        // Every field is among the first or the last bytes; entries in between are like those.
        let is_between = |at: &usize| (300..(32 + len).saturating_sub(300)).contains(at);
        for at in (0..32 + len).filter(|at| !is_between(at) || at % stride == 0) {
            change(start + at, &format!("a record of kind {}", header.kind));
        }
    }
    let tail = Tail::ENCODED_SIZE;
    for at in bytes.len() - tail..bytes.len() {
        change(at, "the tail");
    }
    // The file itself is read, and so are those in which a number that no event needs was changed.
    assert!(check(bytes.clone(), &all, "nothing"));
    assert!(
        read_on > 0 && refused > 100,
        "{read_on} read, {refused} refused"
    );
}

#[test]
fn no_field_lies_unnoticed_in_a_recording_in_order() {
    forge(Times::Rising, 7, |h| h.kind != Kind::Leaf as u16);
}

#[test]
fn no_field_lies_unnoticed_in_a_recording_out_of_order() {
    forge(Times::Scrambled, 7, |h| h.kind != Kind::Leaf as u16);
}

#[test]
fn no_field_of_a_leaf_lies_unnoticed() {
    forge(Times::Rising, 17, |h| h.kind == Kind::Leaf as u16);
    forge(Times::Scrambled, 17, |h| h.kind == Kind::Leaf as u16);
}
