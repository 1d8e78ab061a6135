//! Parts of a file written to another one: the events are those of the part, and chunks that lie wholly in
//! it stand there byte for byte.

mod common;

use common::{Shared, Times, events, expected, file_by, info, read, side_rows};
use evz_codec::{Codec, FAST, SMALL};
use evz_core::{EventBatch, EventSink, EventSource, Input, Metadata, Next, Output, Roi, Selection};
use evz_file::wire::{ChunkHead, FileHeader, Kind, RecordHeader};
use evz_file::{EvzSink, ReadOptions, Reader, WriteOptions, verify};
use proptest::prelude::*;

fn open(bytes: &[u8]) -> Reader {
    let input = Input::from_bytes(bytes.to_vec(), "a.evz");
    ReadOptions::new().open_input(input).unwrap()
}

/// A part of a file as a file, and how many events were told of.
fn part(file: &Reader, selection: &Selection) -> (Vec<u8>, usize) {
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "out");
    let mut sink = EvzSink::create(output, file.info(), WriteOptions::new()).unwrap();
    let mut told = 0;
    sink.copy(file, selection, |n, _| told += n).unwrap();
    let mut source = evz_core::EventIndex::source(file, selection);
    let mut batch = EventBatch::default();
    while let Next::Events(_) = source.read_events(&mut batch).unwrap() {}
    assert_eq!(sink.report(file, selection), source.report());
    assert!(
        !Box::new(sink)
            .finish(&Metadata::new())
            .unwrap()
            .has_losses()
    );
    (std::mem::take(&mut out.0.lock().unwrap()), told)
}

/// The bodies of all chunks with their times and the numbers of their events.
fn chunks(bytes: &[u8]) -> Vec<(Vec<u8>, i64, i64, u64, u64)> {
    let (mut at, mut found) = (FileHeader::ENCODED_SIZE, Vec::new());
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
        if header.kind == Kind::Chunk as u16 {
            let body = &bytes[at + RecordHeader::ENCODED_SIZE..][..header.body_len as usize];
            let (head, _) = ChunkHead::read_from(body, header.body_len).unwrap();
            let end = header.number + u64::from(head.n_events);
            found.push((body.to_vec(), head.t_min, head.t_max, header.number, end));
        }
        at += header.record_len().unwrap() as usize;
    }
    found
}

fn check(all: &EventBatch, bytes: &[u8], selection: &Selection) {
    assert!(EvzSink::can_copy(&open(bytes), selection));
    let file = open(bytes);
    let (written, told) = part(&file, selection);
    let found = open(&written);
    let wanted = expected(all, selection);
    assert_eq!(read(&found, &Selection::default()).unwrap(), wanted);
    assert_eq!(
        (told, found.n_events()),
        (wanted.len(), wanted.len() as u64)
    );
    let input = Input::from_bytes(written.clone(), "out");
    assert_eq!(verify(input).unwrap().events, wanted.len() as u64);
    assert_eq!(found.info().metadata, file.info().metadata);
    let copied = chunks(&written);
    for (body, t_min, t_max, first, end) in chunks(bytes) {
        let in_time = (selection.time.as_ref()).is_none_or(|t| t.start <= t_min && t_max < t.end);
        let in_events =
            (selection.events.as_ref()).is_none_or(|e| e.start <= first && end <= e.end);
        if in_time && in_events {
            assert!(copied.iter().any(|(copy, ..)| *copy == body));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_part_is_that_slice_and_keeps_its_chunks(
        times in prop_oneof![
            Just(Times::Rising), Just(Times::Tied), Just(Times::Backwards), Just(Times::Scrambled)
        ],
        fast: bool,
        chunk_events in 1..90u32,
        seed in 0..1_000u64,
        (a, b) in (0..=100i64, 0..=100i64),
        (c, d) in (0..700u64, 0..700u64),
        which in 1..4u8,
    ) {
        let all = events(600, times, seed);
        let codec: &'static dyn Codec = if fast { &FAST } else { &SMALL };
        let bytes = file_by(codec, &all, chunk_events);
        let (min, max) = (*all.t.iter().min().unwrap(), *all.t.iter().max().unwrap());
        let at = |percent: i64| min + (max + 1 - min) * percent / 100;
        let mut selection = Selection::default();
        if which & 1 != 0 {
            selection = selection.with_time(at(a.min(b))..at(a.max(b)));
        }
        if which & 2 != 0 {
            selection = selection.with_events(c.min(d)..c.max(d));
        }
        check(&all, &bytes, &selection);
    }
}

#[test]
fn all_of_a_file_is_copied_chunk_by_chunk() {
    let all = events(600, Times::Scrambled, 4);
    let bytes = file_by(&FAST, &all, 64);
    check(&all, &bytes, &Selection::default());
    let (written, _) = part(&open(&bytes), &Selection::default());
    let bodies =
        |bytes: &[u8]| -> Vec<Vec<u8>> { chunks(bytes).into_iter().map(|c| c.0).collect() };
    assert_eq!(bodies(&written), bodies(&bytes));
    // How many events there are when is known of copied chunks as it was.
    let activity = |bytes: &[u8]| open(bytes).activity(16).unwrap();
    assert_eq!(activity(&written), activity(&bytes));
}

#[test]
fn what_looks_at_each_event_is_not_copied() {
    let file = open(&file_by(&FAST, &events(100, Times::Rising, 4), 64));
    let roi = Roi {
        x: 0,
        y: 0,
        width: 9,
        height: 9,
    };
    assert!(!EvzSink::can_copy(
        &file,
        &Selection::default().with_roi(roi)
    ));
}

#[test]
fn rows_of_the_time_come_along_and_damage_is_an_error() {
    let all = events(300, Times::Rising, 4);
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), "out");
    let options = WriteOptions::new().with_chunk_events(50);
    let mut sink = EvzSink::create(output, &info(), options).unwrap();
    sink.write_batch(all.as_slice()).unwrap();
    let t: Vec<i64> = (0..1_000).step_by(40).collect();
    sink.write_side(side_rows(&t)).unwrap();
    assert!(
        !Box::new(sink)
            .finish(&Metadata::new())
            .unwrap()
            .has_losses()
    );
    let bytes = std::mem::take(&mut *out.0.lock().unwrap());
    let file = open(&bytes);
    let window = Selection::default().with_time(100..500);
    let (written, _) = part(&file, &window);
    let found: Vec<i64> = {
        let reader = open(&written);
        let parts = evz_core::EventIndex::side_rows(&reader, "imu", None).unwrap();
        parts.flat_map(|rows| rows.unwrap().t).collect()
    };
    let expected: Vec<i64> = t.into_iter().filter(|t| (100..500).contains(t)).collect();
    assert_eq!(found, expected);

    let mut damaged = bytes.clone();
    let inside = (file.streams()[0].tree.latest.entries.iter())
        .find(|e| 100 <= e.t_min && e.t_max < 500)
        .unwrap();
    damaged[inside.offset as usize + 32 + 100] ^= 1;
    let output = Output::from_writer(Shared::default(), "out");
    let mut sink = EvzSink::create(output, file.info(), WriteOptions::new()).unwrap();
    let error = sink.copy(&open(&damaged), &window, |_, _| {}).unwrap_err();
    assert!(error.to_string().starts_with("a.evz: chunk "), "{error}");
}
