//! Damaged files: what was whole comes, and nothing panics.

mod common;

use common::{Failing, MARK, Row, cvpr2016, nmnist, open, probe, read, read_as, some};
use evz_core::{Input, OpenOptions};

/// Small files of both encodings, with the events in them.
fn files() -> [(&'static str, Vec<u8>, Vec<Row>); 2] {
    let rows = some(20, 34, 34);
    let later = |(t, x, y, p): Row| (t + 8_192, x, y, p);
    let (first, second) = rows.split_at(12);
    let marked: Vec<[u8; 5]> = (first.iter().copied().map(nmnist))
        .chain([MARK])
        .chain(second.iter().copied().map(nmnist))
        .collect();
    let seen = first
        .iter()
        .copied()
        .chain(second.iter().copied().map(later));
    [
        ("nmnist", marked.concat(), seen.collect()),
        (
            "cvpr2016",
            rows.iter().copied().flat_map(cvpr2016).collect(),
            rows,
        ),
    ]
}

#[test]
fn cut_anywhere() {
    for (encoding, whole, expected) in files() {
        let record = if encoding == "nmnist" { 5 } else { 8 };
        for len in 1..whole.len() {
            let cut = read_as(encoding, &whole[..len]);
            let n = cut.events.len();
            assert_eq!(cut.rows(), expected[..n]);
            let marks = cut.report.notes.len();
            assert_eq!(n + marks, len / record);
            let left = (len % record) as u64;
            let lost = [("bytes behind the last whole event", left)];
            assert_eq!(cut.losses(), lost[..usize::from(left > 0)], "{len}");
        }
    }
}

#[test]
fn every_byte_changed() {
    for (encoding, whole, expected) in files() {
        for at in 0..whole.len() {
            for flip in [
                1,
                2,
                4,
                8,
                16,
                32,
                64,
                128,
                whole[at],
                255 - whole[at],
                240 ^ whole[at],
            ] {
                let mut bytes = whole.clone();
                bytes[at] ^= flip;
                probe("a.bin", &bytes);
                let _ = open(bytes.clone()).map(read);
                let changed = read_as(encoding, bytes);
                assert!(changed.events.len().abs_diff(expected.len()) <= 1);
            }
        }
    }
}

#[test]
fn a_few_odd_records_leave_no_doubt() {
    let mut records: Vec<[u8; 5]> = some(700, 200, 170).into_iter().map(nmnist).collect();
    for at in [50, 300, 650] {
        records[at][2] |= 0x7f;
    }
    let recording = read(open(records.concat()).unwrap());
    assert_eq!(recording.events.len(), 700);
    let said = "times run backwards 3 times, first in event 51";
    assert_eq!(recording.notes(), [said]);
}

#[test]
fn what_was_read_before_an_error_comes_first() {
    let bytes: Vec<u8> = some(100_000, 200, 170)
        .into_iter()
        .flat_map(nmnist)
        .collect();
    let input = Input::from_reader(Failing(bytes), "a.bin").unwrap();
    let recording = read(evz_nmnist::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(recording.events.len(), 100_000);
    let error = recording.error.unwrap();
    assert_eq!(error.to_string(), "a.bin: cannot read");
}

#[test]
fn streams_end_where_they_end() {
    let rows = some(100_000, 200, 170);
    let bytes: Vec<u8> = rows
        .iter()
        .copied()
        .flat_map(nmnist)
        .chain([1, 2])
        .collect();
    let input = Input::from_reader(std::io::Cursor::new(bytes), "a.bin").unwrap();
    let recording = read(evz_nmnist::open(input, &OpenOptions::new()).unwrap());
    assert_eq!(recording.rows(), rows);
    assert_eq!(
        recording.losses(),
        [("bytes behind the last whole event", 2)]
    );
    assert_eq!(recording.report.losses[0].examples, ["a.bin: byte 500000"]);
}
