//! A root that is whole tells `recover` what is of the recording: nothing else is taken, nothing is missing
//! without a word, and what stands twice or elsewhere is where it belongs.

mod common;
mod forger;

use common::{Shared, Times, events, file_by, info, open, read, recovered};
use evz_codec::FAST;
use evz_core::{EventBatch, EventIndex, Metadata, Selection};
use evz_file::wire::{Kind, RecordHeader};
use evz_file::{Reader, RecoverReport, WriteOptions};
use forger::made::{Made, of_all_kinds};

struct Saved {
    streams: Vec<EventBatch>,
    /// Times of the rows of the side stream.
    rows: Vec<i64>,
    metadata: Metadata,
    report: RecoverReport,
}

impl Saved {
    fn of(bytes: &[u8]) -> Self {
        let (saved, report) = recovered(bytes.to_vec());
        let reader = open(saved).unwrap();
        let streams = 0..reader.streams().len();
        let of = |n| read(&reader.of_stream(n).unwrap(), &Selection::default()).unwrap();
        Self {
            streams: streams.map(of).collect(),
            rows: rows(&reader),
            metadata: reader.info().metadata.clone(),
            report,
        }
    }

    fn is_said(&self) -> bool {
        let Self { report, .. } = self;
        let missing = report.events_missing + report.rows_missing;
        !report.lost.is_empty() || !report.moved.is_empty() || missing > 0
    }

    fn says(&self, what: &str) -> bool {
        let RecoverReport { lost, moved, .. } = &self.report;
        lost.iter().chain(moved).any(|line| line.contains(what))
    }
}

fn rows(reader: &Reader) -> Vec<i64> {
    match reader.side_rows("imu", None) {
        Ok(parts) => parts.flat_map(|part| part.unwrap().t).collect(),
        Err(_) => Vec::new(),
    }
}

/// The records of a file: where each starts, its header, and its bytes with the padding.
fn records(bytes: &[u8]) -> Vec<(usize, RecordHeader, Vec<u8>)> {
    let (mut at, mut records) = (64, Vec::new());
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
        let len = header.record_len().unwrap() as usize;
        let record = &bytes[at..bytes.len().min(at + len)];
        records.push((at, header, record.to_vec()));
        at += len;
    }
    records
}

/// An activity that nothing refers to, as long as a record of `len` bytes.
fn activity(len: usize) -> Vec<u8> {
    let body = vec![0; len - 33];
    let crc = crc32fast::hash(&body);
    let mut record = RecordHeader::new(Kind::Activity, 0, body.len() as u64, crc).write_to();
    record.extend(body);
    record.resize(len, 0);
    record
}

/// All but the events of one chunk, the `k`th of so many.
fn without(all: &EventBatch, k: usize, chunk: usize) -> EventBatch {
    let kept = all.iter().enumerate().filter(|(i, _)| i / chunk != k);
    let numbers: Vec<usize> = kept.map(|(i, _)| i).collect();
    let mut out = all.clone();
    out.t = numbers.iter().map(|i| all.t[*i]).collect();
    out.x = numbers.iter().map(|i| all.x[*i]).collect();
    out.y = numbers.iter().map(|i| all.y[*i]).collect();
    out.p = numbers.iter().map(|i| all.p[*i]).collect();
    out
}

/// The t, x, y and p alone.
fn plain(batch: &EventBatch) -> EventBatch {
    EventBatch {
        extra: Vec::new(),
        ..batch.clone()
    }
}

const EVENTS: usize = 140;
const CHUNK: usize = 20;
/// Times of the rows of the files that are forged, three a batch.
const ROWS: [i64; 15] = [0, 3, 2, 10, 13, 12, 20, 23, 22, 30, 33, 32, 40, 43, 42];

/// What is to be saved of a file without this record, if that is not there any more.
fn expected(
    made: &Made,
    gone: Option<&RecordHeader>,
    stream: usize,
) -> (Vec<EventBatch>, Vec<i64>) {
    let mut streams: Vec<EventBatch> = made.streams.iter().map(plain).collect();
    let mut rows = ROWS.to_vec();
    match gone.and_then(|header| Kind::from_number(header.kind)) {
        Some(Kind::Chunk) => {
            let k = gone.unwrap().number as usize / CHUNK;
            streams[stream] = without(&streams[stream], k, CHUNK);
        }
        Some(Kind::SideBatch) => {
            let from = gone.unwrap().number as usize;
            rows.drain(from..from + 3);
        }
        Some(Kind::SideStream) => rows.clear(),
        _ => {}
    }
    (streams, rows)
}

fn stream_of(record: &[u8], header: &RecordHeader) -> usize {
    match header.kind == Kind::Chunk as u16 {
        true => usize::from(record[32 + 8]),
        false => 0,
    }
}

#[test]
fn no_record_is_missing_or_doubled_without_a_word() {
    for made in of_all_kinds(EVENTS) {
        let bytes = made.forgery.write();
        let whole = Saved::of(&bytes);
        assert!(!whole.is_said(), "{:?}", whole.report);
        assert_eq!(whole.rows, ROWS);
        let all = records(&bytes);
        for (at, header, record) in &all[..all.len() - 1] {
            let kind = Kind::from_number(header.kind).unwrap();
            let end = at + record.len();
            let stream = stream_of(record, header);
            let replaced = [&bytes[..*at], &activity(record.len()), &bytes[end..]].concat();
            let removed = [&bytes[..*at], &bytes[end..]].concat();
            let doubled = [&bytes[..end], &bytes[*at..]].concat();
            let ways = [
                ("replaced", replaced),
                ("removed", removed),
                ("doubled", doubled),
            ];
            for (way, damaged) in ways {
                let name = format!("{kind:?} record at byte {at}, {way}");
                let saved = Saved::of(&damaged);
                let gone = (way != "doubled").then_some(header);
                let (streams, rows) = expected(&made, gone, stream);
                let found: Vec<EventBatch> = saved.streams.iter().map(plain).collect();
                assert_eq!(found, streams, "{name}: {:?}", saved.report);
                assert_eq!(saved.rows, rows, "{name}: {:?}", saved.report);
                // The place of an activity is all that one can lack that is not said, for it says nothing.
                let told = saved.is_said() || kind == Kind::Activity && way == "replaced";
                assert!(told, "{name} without a word");
                let metadata = saved.metadata == whole.metadata;
                assert!(
                    metadata || kind == Kind::Metadata && gone.is_some(),
                    "{name}"
                );
                if way == "replaced" && kind == Kind::Metadata {
                    assert!(
                        saved.says(&format!("byte {at}: a metadata record")),
                        "{name}"
                    );
                }
                if way == "replaced" && [Kind::Chunk, Kind::SideBatch].contains(&kind) {
                    let place = format!("byte {at}: the ");
                    assert!(saved.says(&place), "{name}: {:?}", saved.report);
                }
            }
        }
    }
}

#[test]
fn batches_are_held_to_their_numbers_with_an_index_and_without() {
    let made = &of_all_kinds(EVENTS)[0];
    let bytes = made.forgery.write();
    let all = records(&bytes);
    let batches = all.iter().filter(|r| r.1.kind == Kind::SideBatch as u16);
    let batches: Vec<_> = batches.collect();
    let root = all.last().unwrap().0;
    let put = |bytes: &mut Vec<u8>, at: usize, record: &[u8]| {
        bytes[at..at + record.len()].copy_from_slice(record);
    };
    for (i, a) in batches.iter().enumerate() {
        for b in &batches[i + 1..] {
            assert_eq!(a.2.len(), b.2.len());
            let mut swapped = bytes.clone();
            put(&mut swapped, a.0, &b.2);
            put(&mut swapped, b.0, &a.2);
            let mut over = bytes.clone();
            put(&mut over, b.0, &a.2);
            for end in [bytes.len(), root] {
                let saved = Saved::of(&swapped[..end]);
                assert_eq!(saved.rows, ROWS, "{:?}", saved.report);
                assert!(saved.says("stands behind later ones"));
                let saved = Saved::of(&over[..end]);
                let mut rows = ROWS.to_vec();
                let from = b.1.number as usize;
                rows.drain(from..from + 3);
                assert_eq!(saved.rows, rows, "{:?}", saved.report);
                assert!(saved.says("it was taken once"));
                // What stood behind the last one that is there a root alone tells.
                let known = end == bytes.len() || from < 12;
                assert_eq!(saved.report.rows_missing, if known { 3 } else { 0 });
            }
        }
    }
}

/// The same events, each of the other polarity: chunks of the same length.
fn other(all: &EventBatch) -> EventBatch {
    let mut other = all.clone();
    other.p.iter_mut().for_each(|p| *p = 1 - *p);
    other
}

#[test]
fn the_index_tells_which_chunks_are_of_the_recording() {
    let all = events(120, Times::Rising, 4);
    let bytes = file_by(&FAST, &all, CHUNK as u32);
    let foreign = records(&file_by(&FAST, &other(&all), CHUNK as u32));
    let own = records(&bytes);
    let is_chunk = |r: &&(usize, RecordHeader, Vec<u8>)| r.1.kind == Kind::Chunk as u16;
    let foreign: Vec<_> = foreign.iter().filter(is_chunk).collect();
    for (k, (at, _, record)) in own.iter().filter(is_chunk).enumerate() {
        let other = &foreign[k].2;
        assert_eq!(other.len(), record.len());
        let end = at + record.len();
        let in_place = [&bytes[..*at], other, &bytes[end..]].concat();
        let saved = Saved::of(&in_place);
        assert_eq!(saved.streams[0], without(&all, k, CHUNK), "{k} in place");
        assert_eq!(saved.report.events_missing, CHUNK as u64);
        assert!(saved.says(&format!("byte {at}: Chunk record: ")));
        for one in &foreign {
            let inserted = [&bytes[..*at], &one.2, &bytes[*at..]].concat();
            let saved = Saved::of(&inserted);
            assert_eq!(saved.streams[0], all, "before {k}");
            assert!(saved.says(&format!("byte {at}: Chunk record: ")));
            assert_eq!(saved.report.lost.len(), 1, "{:?}", saved.report);
        }
    }
}

#[test]
fn a_file_that_was_written_behind_another_without_its_header_is_not_taken_for_it() {
    let all = events(120, Times::Rising, 4);
    let own = file_by(&FAST, &all, CHUNK as u32);
    let other = file_by(&FAST, &other(&all), CHUNK as u32);
    let chunks = records(&own);
    let third = chunks.iter().find(|r| r.1.number == 60).unwrap().0;
    for (end, n) in [(own.len(), 120), (third, 60)] {
        let mut bytes = own[..end].to_vec();
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        bytes.extend(&other[64..]);
        let saved = Saved::of(&bytes);
        let first = Selection::default().with_events(0..n);
        let expected = common::expected(&all, &first);
        let found = common::expected(&saved.streams[0], &first);
        assert_eq!(found, expected, "{:?}", saved.report);
        assert!(saved.is_said());
    }
}

#[test]
fn a_length_that_reaches_beyond_the_file_costs_one_record() {
    let all = events(120, Times::Rising, 4);
    let bytes = file_by(&FAST, &all, CHUNK as u32);
    for (at, header, _) in records(&bytes) {
        if header.kind != Kind::Chunk as u16 {
            continue;
        }
        let lying = RecordHeader {
            body_len: 1 << 27,
            ..header
        };
        let mut damaged = bytes.clone();
        damaged[at..at + 32].copy_from_slice(&lying.write_to());
        let saved = Saved::of(&damaged);
        let k = header.number as usize / CHUNK;
        assert_eq!(saved.streams[0], without(&all, k, CHUNK));
        assert!(saved.says(&format!("byte {at}: ")), "{:?}", saved.report);
        assert_eq!(saved.report.events_missing, CHUNK as u64);
    }
}

#[test]
fn what_stands_behind_a_hole_in_the_last_chunk_is_saved() {
    let all = events(6000, Times::Rising, 4);
    let mut writer = WriteOptions::new()
        .with_chunk_events(2000)
        .write_to(Vec::new(), &info())
        .unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    let place = Metadata::from([("place".to_owned(), "here".into())]);
    let (bytes, _) = writer.finish_into(&place).unwrap();
    let all_records = records(&bytes);
    let last = all_records.iter().find(|r| r.1.number == 4000).unwrap();
    // As long as all that stands behind the chunk, which so reaches beyond the end.
    let hole = (bytes.len() - last.0 - last.2.len()).next_multiple_of(64) + 64;
    assert!(last.2.len() > hole + 64, "{} {hole}", last.2.len());
    let damaged = [&bytes[..last.0 + 64], &bytes[last.0 + 64 + hole..]].concat();
    let saved = Saved::of(&damaged);
    assert_eq!(saved.streams[0], without(&all, 2, 2000));
    assert_eq!(saved.metadata["place"], "here".into());
    assert_eq!(saved.report.events_missing, 2000);
    assert!(saved.says(&format!("byte {}: ", last.0)));
}

#[test]
fn a_file_that_ends_with_a_checkpoint_is_said_to_be_unfinished() {
    let out = Shared::default();
    let all = events(100, Times::Rising, 4);
    let mut writer = WriteOptions::new()
        .with_chunk_events(20)
        .write_to(out.clone(), &info())
        .unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    writer.checkpoint().unwrap();
    writer.flush().unwrap();
    let mut bytes = out.0.lock().unwrap().clone();
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    let saved = Saved::of(&bytes);
    assert_eq!(saved.streams[0], all);
    assert!(saved.says("ends with a checkpoint"), "{:?}", saved.report);
}
