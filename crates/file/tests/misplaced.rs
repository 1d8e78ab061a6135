//! Chunks that stand twice, out of order, or are of another recording: `recover` goes by their numbers and says
//! so, and what an error of opening promises is what it saves.

mod common;
mod forger;

use common::{Times, events, file, open, read, recovered};
use evz_core::{EventBatch, Selection};
use evz_file::RecoverReport;
use evz_file::wire::{Kind, RecordHeader};
use forger::{Body, Forgery};

const CHUNK: u32 = 30;

/// The records of a file, each with its padding, and the bytes before them; the root is left out.
fn taken_apart(bytes: &[u8]) -> (Vec<u8>, Vec<(Kind, Vec<u8>)>) {
    let (mut at, mut records) = (64, Vec::new());
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
        let len = header.record_len().unwrap() as usize;
        let kind = Kind::from_number(header.kind).unwrap();
        let mut record = bytes[at..bytes.len().min(at + len)].to_vec();
        record.resize(len, 0);
        if kind != Kind::Root {
            records.push((kind, record));
        }
        at += len;
    }
    (bytes[..64].to_vec(), records)
}

/// A file with these chunks in place of its own.
fn with_chunks(bytes: &[u8], order: impl Fn(&[Vec<u8>]) -> Vec<Vec<u8>>) -> Vec<u8> {
    let (mut out, records) = taken_apart(bytes);
    let of = |wanted: bool| {
        records
            .iter()
            .filter(move |r| (r.0 == Kind::Chunk) == wanted)
    };
    of(false).for_each(|(_, record)| out.extend(record));
    let chunks: Vec<Vec<u8>> = of(true).map(|(_, record)| record.clone()).collect();
    order(&chunks).iter().for_each(|record| out.extend(record));
    out
}

/// What is saved, which is as much as the error of opening the damaged file promises.
fn saved(bytes: &[u8]) -> (EventBatch, RecoverReport) {
    let (saved, report) = recovered(bytes.to_vec());
    let error = open(bytes.to_vec()).err().unwrap().to_string();
    let promised = format!("; {} events in", report.saved.events);
    assert!(error.contains(&promised), "{error}");
    let events = read(&open(saved).unwrap(), &Selection::default()).unwrap();
    (events, report)
}

#[test]
fn a_chunk_that_stands_twice_is_taken_once() {
    let all = events(150, Times::Rising, 4);
    for again in 0..5 {
        for at in 0..=5 {
            let bytes = with_chunks(&file(&all, CHUNK), |chunks| {
                let mut chunks = chunks.to_vec();
                chunks.insert(at, chunks[again].clone());
                chunks
            });
            let (found, report) = saved(&bytes);
            assert_eq!(found, all, "{again} at {at}");
            assert_eq!(report.events_missing, 0);
            let said = report
                .moved
                .iter()
                .any(|line| line.contains("it was taken once"));
            assert!(said, "{again} at {at}: {:?}", report.moved);
        }
    }
}

#[test]
fn chunks_out_of_order_are_put_in_their_places() {
    let all = events(150, Times::Scrambled, 4);
    for (a, b) in [(0, 1), (1, 2), (3, 4), (0, 4), (1, 3)] {
        let bytes = with_chunks(&file(&all, CHUNK), |chunks| {
            let mut chunks = chunks.to_vec();
            chunks.swap(a, b);
            chunks
        });
        let (found, report) = saved(&bytes);
        assert_eq!(found, all, "{a} and {b}");
        assert_eq!(report.events_missing, 0);
        assert!(
            report
                .moved
                .iter()
                .any(|line| line.contains("behind later ones"))
        );
    }
}

#[test]
fn what_is_missing_is_counted_once_whatever_the_order() {
    let all = events(150, Times::Rising, 4);
    let bytes = with_chunks(&file(&all, CHUNK), |chunks| {
        [3, 0, 1].map(|k| chunks[k].clone()).to_vec()
    });
    let (found, report) = saved(&bytes);
    let kept = |i: usize| i < 60 || (90..120).contains(&i);
    let wanted: EventBatch = (all.iter().enumerate())
        .filter(|(i, _)| kept(*i))
        .map(|(_, e)| e)
        .collect();
    assert_eq!(found, wanted);
    assert_eq!(report.events_missing, 30);
}

#[test]
fn a_root_tells_of_chunks_that_are_gone_from_the_end() {
    let all = events(150, Times::Rising, 4);
    let mut bytes = file(&all, CHUNK);
    let entry = &open(bytes.clone()).unwrap().streams()[0]
        .tree
        .latest
        .entries[4]
        .clone();
    // The last chunk says that it is something else.
    let at = entry.offset as usize;
    let header = RecordHeader::read_from(&bytes[at..]).unwrap();
    let other = RecordHeader {
        kind: Kind::Leaf as u16,
        ..header
    };
    bytes[at..at + 32].copy_from_slice(&other.write_to());
    let (_, report) = recovered(bytes);
    assert_eq!((report.saved.events, report.events_missing), (120, 30));
}

/// Chunks of two recordings in one file, of which the first one stands first.
#[test]
fn chunks_of_another_recording_are_left() {
    let (all, other) = (events(150, Times::Rising, 4), events(170, Times::Rising, 9));
    let foreign = file(&other, 40);
    let (_, foreign) = taken_apart(&foreign);
    let foreign = foreign.into_iter().filter(|(kind, _)| *kind == Kind::Chunk);
    let foreign: Vec<Vec<u8>> = foreign.map(|(_, record)| record).collect();
    let bytes = with_chunks(&file(&all, CHUNK), |chunks| [chunks, &foreign].concat());
    let (found, report) = saved(&bytes);
    assert_eq!(found, all);
    let said = report
        .lost
        .iter()
        .filter(|line| line.contains("it is of another recording"));
    assert_eq!(said.count(), foreign.len());
}

/// A chunk whose head lies under right checksums is not saved, and not promised.
#[test]
fn what_is_not_as_its_head_says_is_not_promised() {
    let all = events(150, Times::Rising, 4);
    let mut forgery = Forgery::of(&file(&all, CHUNK));
    let mut head = forgery
        .records
        .iter_mut()
        .filter_map(|r| match &mut r.body {
            Body::Chunk(chunk) => Some(&mut chunk.head),
            _ => None,
        });
    head.nth(2).unwrap().n_on ^= 1;
    let bytes = with_chunks(&forgery.write(), <[Vec<u8>]>::to_vec);
    let (found, report) = saved(&bytes);
    assert_eq!((found.len(), report.events_missing), (120, 30));
}
