//! A damaged record of activity: it sums up events, so all that reads, shows or copies these does without, and
//! says so.

mod common;
mod forger;

use std::io;
use std::ops::Range;
use std::sync::Arc;

use common::{Shared, Times, events, file, open, read, recovered};
use evz_core::{EventSink, Input, Metadata, Output, ReadAt, Selection};
use evz_file::wire::{FileHeader, Kind, RecordHeader};
use evz_file::{EvzSink, ReadOptions, WriteOptions, edit_metadata, join, verify};
use forger::made::of_all_kinds;
use forger::{Body, Forgery};

/// Where the records of activity stand.
fn records(bytes: &[u8]) -> Vec<Range<usize>> {
    let (mut at, mut found) = (FileHeader::ENCODED_SIZE, Vec::new());
    while let Some(header) = bytes.get(at..).and_then(RecordHeader::read_from) {
        if header.kind == Kind::Activity as u16 {
            found.push(at..at + RecordHeader::ENCODED_SIZE + header.body_len as usize);
        }
        at += header.record_len().unwrap() as usize;
    }
    found
}

/// The file with one of these records damaged in its body, in its header, or gone.
fn damaged(bytes: &[u8], record: &Range<usize>) -> [Vec<u8>; 3] {
    [
        |record: &mut [u8]| record[RecordHeader::ENCODED_SIZE + 5] ^= 1,
        |record: &mut [u8]| record[3] ^= 1,
        |record: &mut [u8]| record.fill(0),
    ]
    .map(|damage| {
        let mut bytes = bytes.to_vec();
        damage(&mut bytes[record.clone()]);
        bytes
    })
}

/// The file as it is, and with each of its records damaged or lying.
fn all_damaged() -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let mut all = Vec::new();
    for made in of_all_kinds(300) {
        let whole = made.forgery.write();
        let records = records(&whole);
        assert!(records.len() > 3);
        let mut cases: Vec<_> = records.iter().flat_map(|r| damaged(&whole, r)).collect();
        for at in 0..made.forgery.records.len() {
            let mut forgery: Forgery = made.forgery.clone();
            if let Body::Activity(_, bins) = &mut forgery.records[at].body {
                bins[0][3] += 1;
                cases.push(forgery.write());
            }
        }
        all.push((whole, cases));
    }
    all
}

#[test]
fn events_are_counted_that_a_damaged_record_tells_of() {
    for (whole, cases) in all_damaged() {
        let honest = open(whole).unwrap();
        for bytes in cases {
            assert!(verify(Input::from_bytes(bytes.clone(), "damaged.evz")).is_err());
            let mut lost = 0;
            for stream in 0..2 {
                let honest = honest.of_stream(stream).unwrap();
                let reader = open(bytes.clone()).unwrap().of_stream(stream).unwrap();
                let selection = Selection::default();
                let events = read(&reader, &selection).unwrap();
                assert_eq!(events, read(&honest, &selection).unwrap());
                assert_eq!(reader.lost_activity(), []);
                // However often it is asked.
                for bins in [16, 5] {
                    let counts = reader.activity(bins).unwrap();
                    assert_eq!(counts, honest.activity(bins).unwrap());
                }
                for loss in reader.lost_activity() {
                    lost += loss.count;
                    let why = &loss.examples[0];
                    assert!(why.contains(": activity at byte "), "{why}");
                    assert!(why.ends_with("; recovery saves what is whole"), "{why}");
                }
            }
            assert_eq!(lost, 1);
        }
    }
}

#[test]
fn a_joined_file_has_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let options = || WriteOptions::new().with_replace(true);
    for (whole, cases) in all_damaged() {
        let joined = |bytes: &[u8]| {
            std::fs::write(path("in.evz"), bytes).unwrap();
            let file = ReadOptions::new().open(path("in.evz")).unwrap();
            let joined = join(&[file.clone(), file], path("out.evz"), options()).unwrap();
            verify(Input::open(path("out.evz")).unwrap()).unwrap();
            (std::fs::read(path("out.evz")).unwrap(), joined.report)
        };
        let (wanted, report) = joined(&whole);
        assert!(!report.has_losses());
        for bytes in cases {
            let (found, report) = joined(&bytes);
            assert!(found == wanted);
            let [loss] = &report.losses[..] else {
                panic!("{report:?}");
            };
            assert!(
                loss.what
                    .starts_with("records of activity that are damaged")
            );
        }
    }
}

#[test]
fn a_part_has_it_anew_and_metadata_are_edited_without() {
    let all = events(600, Times::Rising, 4);
    let whole = file(&all, 64);
    let copied = |bytes: &[u8]| {
        let (reader, out) = (open(bytes.to_vec()).unwrap(), Shared::default());
        let output = Output::from_writer(out.clone(), "out");
        let mut sink = EvzSink::create(output, reader.info(), WriteOptions::new()).unwrap();
        sink.copy(&reader, &Selection::default(), |_, _| {})
            .unwrap();
        let report = Box::new(sink).finish(&Metadata::new()).unwrap();
        assert!(!report.has_losses());
        let copy = std::mem::take(&mut *out.0.lock().unwrap());
        (
            copy,
            reader.lost_activity().iter().map(|loss| loss.count).sum(),
        )
    };
    let wanted = copied(&whole).0;
    let [record] = &records(&whole)[..] else {
        panic!("one record");
    };
    for bytes in damaged(&whole, record) {
        assert!(copied(&bytes) == (wanted.clone(), 1));
        let (saved, _) = recovered(bytes.clone());
        assert_eq!(
            open(saved).unwrap().activity(9).unwrap(),
            open(whole.clone()).unwrap().activity(9).unwrap()
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.evz");
        std::fs::write(&path, bytes).unwrap();
        edit_metadata(&path, |m| drop(m.insert("place".to_owned(), "here".into()))).unwrap();
        let reader = ReadOptions::new().open(&path).unwrap();
        assert_eq!(reader.info().metadata["place"], "here".into());
        let honest = open(whole.clone()).unwrap();
        assert_eq!(reader.activity(9).unwrap(), honest.activity(9).unwrap());
    }
}

/// Bytes of which none can be read from these places on.
struct Unreadable {
    bytes: Vec<u8>,
    unreadable: Range<usize>,
}

impl ReadAt for Unreadable {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if self.unreadable.contains(&(offset as usize)) {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.bytes.as_slice().read_exact_at(offset, buffer)
    }
}

#[test]
fn a_read_that_fails_is_an_error() {
    let bytes = file(&events(600, Times::Rising, 4), 64);
    let unreadable = records(&bytes)[0].clone();
    let bytes = Arc::new(Unreadable { bytes, unreadable });
    let input = Input::from_read_at(bytes, "failing.evz").unwrap();
    let reader = ReadOptions::new().open_input(input).unwrap();
    let error = reader.activity(9).unwrap_err();
    assert!(error.is_of_the_machine(), "{error}");
    assert_eq!(reader.lost_activity(), []);
}

#[test]
fn a_chunk_that_cannot_be_counted_is_spread_evenly() {
    let whole = file(&events(600, Times::Rising, 4), 64);
    let record = records(&whole)[0].clone();
    let entries = open(whole.clone()).unwrap().streams()[0]
        .tree
        .latest
        .entries
        .clone();
    let chunk = &entries[2];
    let (start, len) = (chunk.offset as usize, chunk.body_len as usize);
    let chunk = start..start + RecordHeader::ENCODED_SIZE + len;
    for mut bytes in damaged(&whole, &record) {
        // Where a read fails nothing is known to be damaged.
        let failing = Unreadable {
            bytes: bytes.clone(),
            unreadable: chunk.clone(),
        };
        let input = Input::from_read_at(Arc::new(failing), "failing.evz").unwrap();
        let reader = ReadOptions::new().open_input(input).unwrap();
        let error = reader.activity(9).unwrap_err();
        assert!(error.is_of_the_machine(), "{error}");

        bytes[chunk.end - len * 3 / 4..chunk.end].fill(0);
        let reader = open(bytes).unwrap();
        let counts = reader.activity(9).unwrap();
        assert_eq!(counts.iter().sum::<f64>().round(), 600.0);
        let lost: Vec<u64> = reader.lost_activity().iter().map(|l| l.count).collect();
        assert_eq!(lost, [1, 1]);
        let why = &reader.lost_activity()[1].examples[0];
        assert!(why.contains("chunk 2 at byte"), "{why}");
    }
}
