//! Damaged files: what was whole comes, what was not is counted, and nothing panics.

mod common;

use common::{
    Recording, expected, file, mcap, mcap_chunk, mcap_record, mcap_records, of_mcap_chunk, open_as,
    read,
};
use evz_core::{EventBatch, Note, OpenOptions};

fn try_read(bytes: &[u8]) -> Option<Recording> {
    try_topic(bytes, "/dvs/events")
}

fn try_topic(bytes: &[u8], topic: &str) -> Option<Recording> {
    let options = OpenOptions::new().with_stream(topic);
    open_as(bytes, &options).ok().map(read)
}

/// How many events there are, all of them the first of those that were written.
fn count(recording: &Recording, whole: &EventBatch) -> usize {
    assert!(recording.error.is_none());
    let n = recording.events.len();
    assert_eq!(recording.events.as_slice(), whole.as_slice().slice(0..n));
    n
}

fn says_so(recording: &Recording) -> bool {
    recording.report.has_losses() || recording.report.notes.contains(&Note::Unfinished)
}

/// The bytes of an event, in which its time and pixel stand.
fn bytes_of(whole: &EventBatch, i: usize, name: &str) -> Vec<u8> {
    let t = whole.t[i];
    let (seconds, nanoseconds) = ((t / 1_000_000_000) as u32, (t % 1_000_000_000) as u32);
    let mut bytes = [whole.x[i].to_le_bytes(), whole.y[i].to_le_bytes()].concat();
    if !name.ends_with("bag") {
        bytes.extend([0, 0]);
    }
    bytes.extend([seconds.to_le_bytes(), nanoseconds.to_le_bytes()].concat());
    bytes.push(whole.p[i]);
    bytes
}

/// Where nothing is packed, the events of a message are there once its last byte is.
#[test]
fn cut_at_every_byte_of_what_is_not_packed() {
    let whole = expected("dvs");
    for name in [
        "dvs.bag",
        "dvs_plain.mcap",
        "dvs_none.mcap",
        "dvs_bare.mcap",
    ] {
        let bytes = file(name);
        let mut before = 0;
        for len in 0..bytes.len() {
            let Some(recording) = try_read(&bytes[..len]) else {
                assert_eq!(before, 0, "{name} cut at {len}");
                continue;
            };
            let n = count(&recording, &whole);
            assert!(
                n >= before,
                "{name} cut at {len}: {n} events, and {before} before"
            );
            if n > before {
                let last = bytes_of(&whole, n - 1, name);
                assert!(
                    bytes[..len].ends_with(&last),
                    "{name} cut at {len}: {n} events"
                );
                before = n;
            }
            assert!(says_so(&recording), "{name} cut at {len}");
        }
        assert_eq!(before, whole.len(), "{name}");
    }
}

#[test]
fn cut_at_every_byte_of_what_is_packed() {
    let whole = expected("dvs");
    for name in [
        "dvs_lz4.bag",
        "dvs_bz2.bag",
        "dvs_zstd.mcap",
        "dvs_lz4.mcap",
    ] {
        let bytes = file(name);
        let mut before = 0;
        for len in 0..bytes.len() {
            if let Some(recording) = try_read(&bytes[..len]) {
                let n = count(&recording, &whole);
                assert!(
                    n >= before,
                    "{name} cut at {len}: {n} events, and {before} before"
                );
                before = n;
                assert!(says_so(&recording), "{name} cut at {len}");
            } else {
                assert_eq!(before, 0, "{name} cut at {len}");
            }
        }
        assert_eq!(before, whole.len(), "{name}");
    }
}

#[test]
fn every_byte_changed() {
    for (name, topic) in [
        ("dvs.bag", "/dvs/events"),
        ("dvs_zstd.mcap", "/dvs/events"),
        ("evt3.bag", "/camera/events"),
        ("mono.bag", "/camera/events"),
        ("libcaer.mcap", "/a/events"),
        ("libcaer.mcap", "/b/events"),
    ] {
        let bytes = file(name);
        let mut read = 0;
        for at in 0..bytes.len() {
            for other in [bytes[at] ^ 1 << (at % 8), 0x00, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = other;
                if let Some(recording) = try_topic(&damaged, topic) {
                    assert!(recording.events.len() < 10_000, "{name}, byte {at}");
                    read += 1;
                }
            }
        }
        assert!(read > bytes.len(), "{name}: {read}");
    }
}

/// A chunk that is damaged is left out, and those behind it come.
#[test]
fn a_damaged_chunk_is_counted() {
    let whole = expected("dvs");
    for name in [
        "dvs_lz4.bag",
        "dvs_bz2.bag",
        "dvs_zstd.mcap",
        "dvs_lz4.mcap",
        "dvs_none.mcap",
    ] {
        let mut bytes = file(name);
        let packing = name.split(['_', '.']).nth(1).unwrap().as_bytes();
        let inside = match packing {
            b"none" => {
                let event = bytes_of(&whole, 60, name);
                bytes.windows(event.len()).position(|w| w == event).unwrap()
            }
            _ => {
                let found = bytes.windows(packing.len()).enumerate();
                let mut found = found.filter(|(_, w)| *w == packing);
                found.nth(2).unwrap().0 + 100
            }
        };
        bytes[inside..inside + 4]
            .iter_mut()
            .for_each(|b| *b ^= 0x55);
        let recording = try_read(&bytes).unwrap();
        assert_eq!(recording.losses()[0], ("damaged chunks", 1), "{name}");
        let n = recording.events.len();
        assert!(n < whole.len() && n > 0, "{name}: {n}");
        assert_eq!(recording.events.t.last(), whole.t.last(), "{name}");
    }
}

/// Where a record makes no sense, the index says where the next chunk begins.
#[test]
fn behind_nonsense_reading_goes_on_by_the_index() {
    let whole = expected("dvs");
    for (name, chunk) in [("dvs_lz4.bag", &b"op=\x05"[..]), ("dvs_lz4.mcap", b"lz4")] {
        let mut bytes = file(name);
        let second = bytes
            .windows(chunk.len())
            .enumerate()
            .filter(|(_, w)| *w == chunk);
        let second = second.map(|(at, _)| at).nth(1).unwrap();
        // The length of the head, or of the record.
        let from = second - if name.ends_with("bag") { 60 } else { 40 };
        bytes[from..second].fill(0xee);
        let recording = try_read(&bytes).unwrap();
        let losses = recording.losses();
        assert!(
            losses
                .iter()
                .any(|(what, _)| *what == "bytes that are no records"),
            "{losses:?}"
        );
        assert_eq!(recording.events.t.last(), whole.t.last(), "{name}");
    }
}

/// Pages are read that are there, in whatever part of the file.
#[test]
fn a_database_is_cut() {
    for (name, events) in [("dvs.db3", "dvs"), ("long.db3", "long")] {
        let (bytes, whole) = (file(name), expected(events));
        let mut most = 0;
        for len in (0..bytes.len()).step_by(97) {
            if let Some(recording) = try_read(&bytes[..len]) {
                assert!(recording.error.is_none());
                let n = recording.events.len();
                assert!(
                    n < whole.len() || says_so(&recording),
                    "{name} cut at {len}"
                );
                if n < whole.len() {
                    assert!(recording.report.has_losses(), "{name} cut at {len}");
                }
                most = most.max(n);
            }
        }
        assert!(most > 0, "{name}");
    }
}

#[test]
fn bytes_of_a_database_changed() {
    for name in ["dvs_messages.db3", "long.db3"] {
        let bytes = file(name);
        for at in (0..bytes.len()).step_by(5) {
            for other in [bytes[at] ^ 1 << (at % 8), 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = other;
                if let Some(recording) = try_read(&damaged) {
                    assert!(recording.events.len() < 10_000, "{name}, byte {at}");
                }
            }
        }
    }
}

/// Claims of sizes are not believed.
#[test]
fn sizes_that_are_claimed() {
    let bytes = file("dvs_lz4.bag");
    let size = bytes.windows(5).position(|w| w == b"size=").unwrap() + 5;
    for claimed in [0, 1, 1 << 20, (256 << 20) + 1, u32::MAX] {
        let mut bytes = bytes.clone();
        bytes[size..size + 4].copy_from_slice(&claimed.to_le_bytes());
        let Some(recording) = try_read(&bytes) else {
            panic!("{claimed}");
        };
        assert!(recording.report.has_losses());
    }
    // A list of events that is longer than the message.
    let mut bytes = file("dvs_plain.mcap");
    let whole = expected("dvs");
    let first = bytes_of(&whole, 0, "mcap");
    // The first event has no padding before its time.
    let start = [&first[..4], &first[6..]].concat();
    let at = bytes.windows(start.len()).position(|w| w == start).unwrap() - 4;
    bytes[at..at + 4].fill(0xff);
    let recording = try_read(&bytes).unwrap();
    let what = "messages of /dvs/events that cannot be read";
    assert_eq!(recording.losses(), [(what, 1)]);
    assert_eq!(recording.events.len(), whole.len() - 23);
}

/// Where the records of a file begin, what they are, and where they end, by the descriptions of their
/// layouts.
fn records(bytes: &[u8], name: &str) -> Vec<(usize, u8, usize)> {
    let u32_at = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let is_bag = name.ends_with("bag");
    let (mut at, end) = match is_bag {
        true => (13, bytes.len()),
        false => (8, bytes.len() - 8),
    };
    let mut records = Vec::new();
    while at < end {
        let (kind, len) = if is_bag {
            let head = u32_at(at);
            let fields = &bytes[at + 4..at + 4 + head];
            let op = fields.windows(3).position(|w| w == b"op=").unwrap();
            (fields[op + 3], 8 + head + u32_at(at + 4 + head))
        } else {
            let len = u64::from_le_bytes(bytes[at + 1..at + 9].try_into().unwrap());
            (bytes[at], 9 + len as usize)
        };
        records.push((at, kind, at + len));
        at += len;
    }
    records
}

/// A chunk, with the index behind it, or a message outside of chunks that has events.
fn removable(bytes: &[u8], name: &str) -> std::ops::Range<usize> {
    let records = records(bytes, name);
    let (chunk, index) = if name.ends_with("bag") {
        (5, 4)
    } else {
        (6, 7)
    };
    let chunks: Vec<usize> = (0..records.len())
        .filter(|i| records[*i].1 == chunk)
        .collect();
    // The first one declares what the others have.
    if let Some(&first) = chunks.last() {
        let behind = (first + 1..).find(|i| records[*i].1 != index).unwrap();
        return records[first].0..records[behind - 1].2;
    }
    let event = bytes_of(&expected("dvs"), 60, name);
    let at = bytes.windows(event.len()).position(|w| w == event).unwrap();
    let message = records.iter().find(|r| (r.0..r.2).contains(&at)).unwrap();
    message.0..message.2
}

const ALL: [&str; 7] = [
    "dvs.bag",
    "dvs_lz4.bag",
    "dvs_bz2.bag",
    "dvs_plain.mcap",
    "dvs_none.mcap",
    "dvs_zstd.mcap",
    "dvs_lz4.mcap",
];

/// The index still counts what is gone, wherever it begins now.
#[test]
fn what_is_gone_between_whole_records_is_told() {
    let whole = expected("dvs");
    for name in ALL {
        let mut bytes = file(name);
        let gone = removable(&bytes, name);
        bytes.drain(gone);
        let recording = try_read(&bytes).unwrap();
        assert!(recording.events.len() < whole.len(), "{name}");
        let losses = recording.losses();
        let what = "messages that the index counts and the file has not";
        assert!(
            losses.len() == 1 && losses[0].0 == what,
            "{name}: {losses:?}"
        );
        assert!(
            !recording.report.notes.contains(&Note::Unfinished),
            "{name}"
        );
    }
}

#[test]
fn what_is_there_twice_is_told() {
    let whole = expected("dvs");
    for name in ALL {
        let bytes = file(name);
        let twice = removable(&bytes, name);
        let bytes = [&bytes[..twice.end], &bytes[twice.start..]].concat();
        let recording = try_read(&bytes).unwrap();
        assert!(recording.events.len() > whole.len(), "{name}");
        let losses = recording.losses();
        let what = "messages that the file has and the index does not count, as where some are there twice";
        assert!(
            losses.len() == 1 && losses[0].0 == what,
            "{name}: {losses:?}"
        );
    }
}

/// The summary follows, though not where the footer says.
#[test]
fn data_that_ends_too_early_is_told() {
    for name in ["dvs_plain.mcap", "dvs_none.mcap", "dvs_zstd.mcap"] {
        let mut bytes = file(name);
        let records = records(&bytes, name);
        let end = records.iter().find(|record| record.1 == 0x0f).unwrap().0;
        let from = removable(&bytes, name).start;
        bytes.drain(from..end);
        let losses = try_read(&bytes).unwrap().report.losses;
        let what = "messages that the index counts and the file has not";
        assert_eq!(losses[0].what, what, "{name}");
    }
}

#[test]
fn a_chunk_whose_own_length_is_damaged_is_read() {
    let whole = expected("dvs");
    for name in ["dvs_none.mcap", "dvs_zstd.mcap", "dvs_lz4.mcap"] {
        let mut bytes = file(name);
        let at = removable(&bytes, name).start;
        bytes[at + 8] = 0x40;
        let recording = try_read(&bytes).unwrap();
        assert_eq!(recording.events.as_slice(), whole.as_slice(), "{name}");
        assert_eq!(recording.losses(), [("chunks whose length is damaged", 1)]);
    }
}

/// What stands where it is not looked for is not passed over.
#[test]
fn a_chunk_in_a_chunk_is_told() {
    let (bytes, whole) = (file("dvs_bare.mcap"), expected("dvs"));
    let chunks = mcap_records(&bytes[8..bytes.len() - 8]).into_iter();
    let chunks = chunks.filter(|(opcode, _)| *opcode == 6);
    let chunks: Vec<Vec<u8>> = chunks.map(|(_, chunk)| of_mcap_chunk(chunk)).collect();
    let (last, before) = chunks.split_last().unwrap();
    for (packing, has_crc) in [("zstd", true), ("", true), ("", false)] {
        let chunk = |records: &[u8]| mcap_chunk(records, packing, has_crc);
        let before: Vec<u8> = before.iter().flat_map(|records| chunk(records)).collect();
        let read = |last: &[u8]| try_read(&mcap(&[&before, last].concat())).unwrap();
        let damaged = [("damaged chunks", 1)];
        // All that its chunk has, and behind other messages.
        let recording = read(&chunk(&chunk(last)));
        assert!(
            count(&recording, &whole) < whole.len(),
            "{packing} {has_crc}"
        );
        assert_eq!(recording.losses(), damaged, "{packing} {has_crc}");
        let recording = read(&chunk(&[last, &*chunk(last)].concat()));
        assert_eq!(
            count(&recording, &whole),
            whole.len(),
            "{packing} {has_crc}"
        );
        assert_eq!(recording.losses(), damaged, "{packing} {has_crc}");
        // The end of the data stands in none either: what is behind that chunk is read.
        let end = mcap_record(15, &[0; 4]);
        let recording = read(&[chunk(&end), chunk(last)].concat());
        assert_eq!(
            count(&recording, &whole),
            whole.len(),
            "{packing} {has_crc}"
        );
        assert_eq!(recording.losses(), damaged, "{packing} {has_crc}");
    }
    // A bag without its index, whose last chunk stands in another one.
    let bytes = file("dvs_lz4.bag");
    let mut chunks = records(&bytes, "dvs_lz4.bag").into_iter();
    let (from, _, to) = chunks.rfind(|(_, op, _)| *op == 5).unwrap();
    let mut unfinished = bytes[..from].to_vec();
    let index = bytes.windows(10).position(|w| w == b"index_pos=").unwrap() + 10;
    unfinished[index..index + 8].fill(0);
    let size = ((to - from) as u32).to_le_bytes();
    let mut packed = lz4_flex::frame::FrameEncoder::new(Vec::new());
    std::io::Write::write_all(&mut packed, &bytes[from..to]).unwrap();
    let packed = packed.finish().unwrap();
    let fields = [
        &b"op=\x05"[..],
        b"compression=lz4",
        &[b"size=", &size[..]].concat(),
    ];
    let head = fields.map(common::sized).concat();
    unfinished.extend([common::sized(&head), common::sized(&packed)].concat());
    let recording = try_read(&unfinished).unwrap();
    assert!(count(&recording, &whole) < whole.len());
    assert_eq!(recording.losses(), [("damaged chunks", 1)]);
}

/// SQLite has in the log what was written last.
#[test]
fn a_log_beside_a_database_is_told() {
    let folder = std::env::temp_dir().join(format!("evz-ros-log-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (path, log) = (folder.join("a.db3"), folder.join("a.db3-wal"));
    let mut bytes = file("dvs.db3");
    // The versions of the format for who writes and who reads: 2 is that with a log.
    bytes[18..20].fill(2);
    std::fs::write(&path, &bytes).unwrap();
    let read = || {
        let input = evz_core::Input::open(&path).unwrap();
        let options = OpenOptions::new().with_stream("/dvs/events");
        read(evz_ros::open(input, &options).unwrap())
    };
    assert_eq!(read().losses(), []);
    std::fs::write(&log, b"").unwrap();
    assert_eq!(read().losses(), []);
    std::fs::write(&log, [7; 4_128]).unwrap();
    let what = "bytes of the log beside the database that are not read";
    assert_eq!(read().losses(), [(what, 4_128)]);
    std::fs::remove_dir_all(&folder).unwrap();
}
