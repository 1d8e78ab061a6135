//! What damaged files get: the events before the damage and what is lost, or an error of one line;
//! never a panic, and never memory that is only claimed.

mod common;

use std::sync::Arc;

use arrow_array::{BooleanArray, DurationMicrosecondArray, RecordBatch, UInt16Array};
use common::{KINDS, Kind, batches, error, info, open_bytes, read, write};
use evz_arrow::FORMATS;
use evz_core::{
    Clues, ErrorKind, Event, EventBatch, EventSource, Input, LossKind, Metadata, OpenOptions,
    Question, TimeBase, TimeUnit,
};

fn events(n: i64) -> EventBatch {
    (0..n)
        .map(|i| Event {
            t: i * 7 + 3,
            x: (i * 31 % 640) as u16,
            y: (i * 17 % 480) as u16,
            p: (i % 3 == 0).into(),
        })
        .collect()
}

fn small(kind: Kind) -> Vec<u8> {
    let us = info(TimeBase::MICROSECONDS);
    write(kind, &us, &events(40), &Metadata::new(), 40).unwrap()
}

/// Batches of a hundred events each.
fn several(kind: Kind, n: i64) -> Vec<u8> {
    let batch = |i: i64| {
        let EventBatch { t, x, y, p, .. } = events(100);
        let t: Vec<i64> = t.into_iter().map(|t| t + i * 1_000).collect();
        RecordBatch::try_from_iter([
            ("t", Arc::new(DurationMicrosecondArray::from(t)) as _),
            ("x", Arc::new(UInt16Array::from(x)) as _),
            ("y", Arc::new(UInt16Array::from(y)) as _),
            (
                "p",
                Arc::new(BooleanArray::from_iter(p.iter().map(|p| Some(*p == 1)))) as _,
            ),
        ])
        .unwrap()
    };
    batches(kind, &(0..n).map(batch).collect::<Vec<_>>())
}

fn probe(head: &[u8]) {
    for format in FORMATS {
        let len = Some(head.len() as u64);
        let name = "events";
        let _ = (format.probe)(&Clues { head, len, name });
    }
}

#[test]
fn cut_anywhere() {
    let options = OpenOptions::default();
    for kind in KINDS {
        let whole = small(kind);
        for len in 0..whole.len() {
            let cut = &whole[..len];
            probe(cut);
            let Ok(source) = open_bytes(cut, &options) else {
                continue;
            };
            assert_ne!(kind, Kind::Parquet);
            let found = read(source);
            let all = found.events == events(40);
            assert!(all || found.events.is_empty());
            // All events without their end: the stream was whole or says that it may not be.
            assert!(
                !all || len >= whole.len() - 8
                    || !found.report.losses.is_empty()
                    || !found.report.notes.is_empty(),
                "{kind:?} {len}"
            );
        }
    }
}

#[test]
fn every_bit_flipped() {
    let options = OpenOptions::default().with_time_unit(TimeUnit::Microseconds);
    for kind in KINDS {
        let whole = small(kind);
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            probe(&flipped);
            if let Ok(source) = open_bytes(flipped, &options) {
                let _ = read(source);
            }
        }
        for byte in 0..whole.len() {
            for value in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[byte] = value;
                if let Ok(source) = open_bytes(changed, &options) {
                    let _ = read(source);
                }
            }
        }
    }
}

#[test]
fn batches_before_a_cut_are_kept() {
    for kind in [Kind::File, Kind::Stream] {
        let whole = several(kind, 5);
        let cut = &whole[..whole.len() * 3 / 5];
        let found = read(open_bytes(cut, &OpenOptions::default()).unwrap());
        assert!(found.error.is_none(), "{:?}", found.error);
        let n = found.events.len();
        assert!(n > 0 && n.is_multiple_of(100) && n < 500, "{kind:?} {n}");
        assert_eq!(found.events.t[..100], events(100).t[..]);
        let losses = &found.report.losses;
        assert_eq!(losses.len(), 1);
        assert_eq!(losses[0].kind, LossKind::CutOff);
        assert_eq!(losses[0].what, "record batches, and whatever follows them");
        let example = &losses[0].examples[0];
        assert!(
            example.contains("the file is cut off in a message"),
            "{example}"
        );
    }
}

#[test]
fn a_file_without_its_footer() {
    let whole = several(Kind::File, 3);
    let footer = i32::from_le_bytes(whole[whole.len() - 10..][..4].try_into().unwrap());
    let stream_end = whole.len() - 10 - footer as usize;
    let found = read(open_bytes(&whole[..stream_end], &OpenOptions::default()).unwrap());
    assert_eq!((found.events.len(), found.report.losses.len()), (300, 0));
    assert!(
        (found.report.notes[0].to_string()).contains("the footer behind byte"),
        "{:?}",
        found.report.notes
    );
    // Without the mark of the end there may have been more.
    let found = read(open_bytes(&whole[..stream_end - 8], &OpenOptions::default()).unwrap());
    assert_eq!((found.events.len(), found.report.losses.len()), (300, 1));
    assert_eq!(found.report.losses[0].kind, LossKind::CutOff);
}

#[test]
fn a_file_is_read_by_its_footer() {
    let whole = several(Kind::File, 3);
    // Polars does not repeat the schema where the format has it; here it is gone.
    let mut no_schema = whole.clone();
    no_schema[8..72].fill(0x41);
    let found = read(open_bytes(no_schema, &OpenOptions::default()).unwrap());
    assert_eq!((found.events.len(), found.error.is_none()), (300, true));
    assert_eq!(found.report.losses, []);
    // The second batch is damaged in its head: the others are read.
    let marks: Vec<usize> = (0..whole.len() - 4)
        .step_by(8)
        .filter(|at| whole[*at..*at + 4] == [0xff; 4])
        .collect();
    let mut damaged = whole.clone();
    // Schema, three batches, the mark of the end.
    assert_eq!(marks.len(), 5);
    damaged[marks[2] + 8..marks[2] + 16].fill(0xff);
    let found = read(open_bytes(damaged, &OpenOptions::default()).unwrap());
    assert_eq!((found.events.len(), found.error.is_none()), (200, true));
    assert_eq!(found.events.t[100], events(1).t[0] + 2_000);
    let loss = &found.report.losses[0];
    assert_eq!(
        (loss.what.as_str(), loss.count),
        ("record batches that cannot be read", 1)
    );
    let place = format!("events: byte {}: no Arrow message starts here", marks[2]);
    assert!(loss.examples[0].starts_with(&place), "{loss:?}");
}

#[test]
fn parquet_without_its_footer() {
    let whole = several(Kind::Parquet, 3);
    let found = error(&whole[..whole.len() - 1], &OpenOptions::default());
    assert_eq!(found.kind(), ErrorKind::InsufficientData);
    assert_eq!(
        found.to_string(),
        "events: it is cut off: it does not end in PAR1, and only the footer before that says \
         where its rows are; copy it again from where it came from"
    );
    let found = error(&whole[..3], &OpenOptions::default());
    assert_eq!(
        found.what(),
        "it is neither Parquet nor Arrow IPC by its first bytes"
    );
    assert_eq!(found.question(), Some(Question::Format));
    assert_eq!(
        error("PAR1", &OpenOptions::default()).to_string(),
        "events: its footer cannot be read (EOF: Parquet file too small. Size is 4 but need 8)"
    );
    assert_eq!(
        error("", &OpenOptions::default()).to_string(),
        "events: it is empty: there are no events"
    );
    // The length of the footer, before the magic: longer than the file, and than any file.
    for claim in [whole.len() as u32, u32::MAX, 0, 1] {
        let mut wild = whole.clone();
        let at = wild.len() - 8;
        wild[at..at + 4].copy_from_slice(&claim.to_le_bytes());
        let found = error(wild, &OpenOptions::default());
        assert!(
            found.what().starts_with("its footer cannot be read"),
            "{found}"
        );
    }
}

#[test]
fn a_damaged_row_group_is_counted_and_the_others_are_read() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut whole = several(Kind::Parquet, 4);
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let column = reader.metadata().row_group(1).column(0);
    // The page header, a Thrift structure, comes first.
    let at = column.data_page_offset() as usize;
    whole[at..at + 8].fill(0xff);
    let found = read(open_bytes(whole, &OpenOptions::default()).unwrap());
    assert!(found.error.is_none(), "{:?}", found.error);
    assert_eq!(found.events.len(), 300);
    assert_eq!(found.events.t[100], events(1).t[0] + 2_000);
    let loss = &found.report.losses[0];
    assert_eq!(
        (loss.what.as_str(), loss.count),
        ("rows that cannot be read", 100)
    );
    assert!(
        loss.examples[0].starts_with("events: row group 1: row 100: "),
        "{loss:?}"
    );
}

/// A page header with an unknown field: a list of so many floats that skipping them, most of them
/// behind the end of the file, would take minutes.
#[test]
fn a_page_header_that_claims_much_is_an_error() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut whole = several(Kind::Parquet, 1);
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let at = reader.metadata().row_group(0).column(0).data_page_offset() as usize;
    let claim = [0xf9, 0xf7, 0xff, 0xff, 0xff, 0xff, 0x07];
    whole[at..at + claim.len()].copy_from_slice(&claim);
    let found = error(whole, &OpenOptions::default());
    assert_eq!(found.place().to_string(), "events: row group 0: row 0");
    assert!(
        found.what().starts_with("the row group cannot be read on"),
        "{found}"
    );
}

/// What a list claims at most, in Thrift's compact protocol.
const BILLIONS: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x07];

/// A Parquet file without rows: so many columns inside each other, their innermost, and further fields of the footer.
fn footer(depth: usize, inner: &[u8], rest: &[u8]) -> Vec<u8> {
    let group = [0x48, 1, b'g', 0x15, 2, 0];
    let number = [0x15, 4, 0x25, 0, 0x18, 1, b't', 0];
    let n = depth + 1 + usize::from(!inner.is_empty());
    let length = [n & 0x7f | 0x80, n >> 7 & 0x7f | 0x80, n >> 14].map(|byte| byte as u8);
    let schema = [
        &[0x15, 2, 0x19, 0xfc],
        &length[..],
        &group.repeat(depth),
        inner,
        &number,
    ]
    .concat();
    let footer = [&schema, &[0x16, 0][..], rest, &[0]].concat();
    let length = (footer.len() as u32).to_le_bytes();
    [b"PAR1", &footer[..], &length, b"PAR1"].concat()
}

/// The `parquet` crate takes memory for as many children and row groups as are claimed, 200 GB in a file of 43 bytes,
/// goes down a schema of any depth on its stack, and skips two billion values of nothing one by one.
#[test]
fn a_footer_that_claims_much_is_an_error() {
    let no_rows: &[u8] = &[0x19, 0x0c];
    let found = error(footer(1, &[], no_rows), &OpenOptions::default());
    assert!(found.what().starts_with("it has no column x"), "{found}");
    let claims = |field: &[u8]| [field, &BILLIONS].concat();
    for (file, why) in [
        (footer(100_000, &[], no_rows), "nested too deeply"),
        (
            footer(
                0,
                &[0x48, 1, b'g', 0x15, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0],
                no_rows,
            ),
            "other columns",
        ),
        (footer(1, &[], &claims(&[0x19, 0xfc])), "cut off"),
        (
            footer(1, &[], &[no_rows, &claims(&[0x79, 0xf1])].concat()),
            "or of nothing",
        ),
    ] {
        let found = error(file, &OpenOptions::default());
        assert_eq!(found.place().to_string(), "events: byte 4", "{found}");
        let what = found.what();
        assert!(
            what.starts_with("its footer cannot be read") && what.contains(why),
            "{found}"
        );
    }
}

/// A page is looked at before it is unpacked by where its column is; one that is nowhere would not be.
#[test]
fn a_page_of_no_column_is_refused() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let whole = several(Kind::Parquet, 3);
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let column = reader.metadata().row_group(0).column(1);
    let at = column.offset_index_offset().unwrap() as usize;
    // A list of one place, which begins with where the page is, a number of two bytes.
    assert_eq!(
        (&whole[at..at + 3], whole[at + 4] >> 7),
        (&[0x19, 0x1c, 0x16][..], 0)
    );
    let mut wild = whole.clone();
    // To where the places stand, behind the columns.
    wild[at + 3] = ((2 * at) & 0x7f) as u8 | 0x80;
    wild[at + 4] = u8::try_from((2 * at) >> 7).unwrap();
    let parts = FORMATS.iter().find_map(|format| format.open_parts).unwrap();
    let options = OpenOptions::default();
    let mut source = open_bytes(whole, &options.clone().with_small_parts()).unwrap();
    let mut batch = EventBatch::default();
    let _ = source.read_events(&mut batch).unwrap();
    let part = source.part().unwrap();
    let parts = parts(Input::from_bytes(wild, "events"), &options).unwrap();
    let found = parts.read_part(&part, &mut batch).unwrap_err();
    assert!(
        found.what().contains("it is of none of the columns"),
        "{found}"
    );
}

#[test]
fn a_footer_that_is_encrypted_is_said_to_be() {
    let file = [&b"PARE"[..], &[7; 100], b"PARE"].concat();
    let head = Clues {
        head: &file,
        len: Some(file.len() as u64),
        name: "events",
    };
    assert!(FORMATS.iter().any(|format| (format.probe)(&head).is_some()));
    let found = error(file, &OpenOptions::default());
    assert_eq!(
        found.to_string(),
        "events: its footer is encrypted; write it again without encryption"
    );
}

/// Where rows of one column are also those of another, it is not known which header of a page was looked at.
#[test]
fn columns_of_the_same_bytes_are_refused() {
    use parquet::file::metadata::{ParquetMetaDataBuilder, ParquetMetaDataWriter};
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let whole = small(Kind::Parquet);
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let mut footer = ParquetMetaDataBuilder::new_from_metadata(reader.metadata().clone());
    let group = footer.take_row_groups().remove(0);
    let first = group.column(0).data_page_offset();
    let mut group = group.into_builder();
    let mut columns = group.take_columns();
    let x = columns.remove(1).into_builder();
    let x = x
        .set_data_page_offset(first + 20)
        .set_dictionary_page_offset(None);
    columns.insert(1, x.build().unwrap());
    let group = group.set_column_metadata(columns).build().unwrap();
    let footer = footer.add_row_group(group).build();
    let mut file = whole;
    let writer = ParquetMetaDataWriter::new(&mut file, &footer);
    writer.finish().unwrap();
    let found = error(file, &OpenOptions::default());
    assert!(
        found
            .what()
            .contains("\"t\" and \"x\" are of the same bytes"),
        "{found}"
    );
}

/// The same of the list of the pages of a column, which is read for parts of a file.
#[test]
fn places_of_pages_that_claim_much_are_an_error() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let whole = small(Kind::Parquet);
    let reader = SerializedFileReader::new(bytes::Bytes::from(whole.clone())).unwrap();
    let at = reader
        .metadata()
        .row_group(0)
        .column(1)
        .offset_index_offset()
        .unwrap() as usize;
    let parts = FORMATS.iter().find_map(|format| format.open_parts).unwrap();
    let open = |file: Vec<u8>| parts(Input::from_bytes(file, "events"), &OpenOptions::default());
    assert!(open(whole.clone()).is_ok());
    for list in [0xfc, 0xf1] {
        let mut wild = whole.clone();
        wild[at..at + 2].copy_from_slice(&[0x19, list]);
        wild[at + 2..at + 7].copy_from_slice(&BILLIONS);
        let found = open(wild).err().unwrap();
        assert_eq!(found.place().to_string(), format!("events: byte {at}"));
        assert!(
            found
                .what()
                .starts_with("where its pages are cannot be read"),
            "{found}"
        );
    }
}

/// An IPC stream by hand: the mark, a length of the head, and what follows.
fn framed(len: i32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xff; 4];
    bytes.extend(len.to_le_bytes());
    bytes.extend(rest);
    bytes
}

#[test]
fn lengths_that_are_only_claimed() {
    let found = error(framed(i32::MAX, b"abc"), &OpenOptions::default());
    assert_eq!(
        found.to_string(),
        "events: byte 0: the head of a message of 2147483647 bytes is claimed; the file is damaged"
    );
    let found = error(framed(1_000_000, b"abc"), &OpenOptions::default());
    assert_eq!(
        found.to_string(),
        "events: byte 0: the file is cut off in a message: 1000000 bytes were to come and 3 are there"
    );
    // The length of the body of the first batch is a 64-bit number in its head.
    let whole = small(Kind::Stream);
    let body_len = body_len(&whole);
    let at: Vec<usize> = whole
        .windows(8)
        .enumerate()
        .filter(|(_, w)| **w == body_len.to_le_bytes())
        .map(|(i, _)| i)
        .collect();
    assert_eq!(at.len(), 1, "the length stands once");
    for (claim, expected) in [
        (
            1i64 << 60,
            "a message of 1152921504606846976 bytes; at most 1073741824 are read at a time",
        ),
        (1 << 29, "the file is cut off in a message of 40 rows"),
        (-1, "a body of -1 bytes is claimed"),
    ] {
        let mut wild = whole.clone();
        wild[at[0]..at[0] + 8].copy_from_slice(&claim.to_le_bytes());
        let found = error(wild, &OpenOptions::default());
        assert!(found.what().contains(expected), "{found}");
    }
}

/// Bytes behind the head of the first batch, before the mark of the end.
fn body_len(stream: &[u8]) -> i64 {
    let head =
        |at: usize| 8 + i32::from_le_bytes(stream[at + 4..at + 8].try_into().unwrap()) as usize;
    let batch = head(0);
    (stream.len() - 8 - batch - head(batch)) as i64
}

/// Where the footer of a file lists its batches: 24 bytes for each of them, of which the first 8 are where it starts.
fn blocks(file: &[u8], batches: &[u64]) -> usize {
    let first: Vec<usize> = (0..file.len() - 24)
        .filter(|at| {
            let starts = |(i, start): (usize, &u64)| {
                file.get(at + 24 * i..at + 24 * i + 8) == Some(&start.to_le_bytes()[..])
            };
            batches.iter().enumerate().all(starts)
        })
        .collect();
    assert_eq!(first.len(), 1, "the list stands once");
    first[0]
}

/// A file of ten batches, where each of them starts, and where its footer lists them.
fn ten_batches() -> (Vec<u8>, Vec<u64>, usize) {
    let file = several(Kind::File, 10);
    let reader = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(&file), None).unwrap();
    assert_eq!(reader.num_batches(), 10);
    let marks: Vec<u64> = (0..file.len() - 4)
        .step_by(8)
        .filter(|at| file[*at..*at + 4] == [0xff; 4])
        .map(|at| at as u64)
        .collect();
    // Schema, ten batches, the mark of the end.
    assert_eq!(marks.len(), 12);
    let at = blocks(&file, &marks[1..11]);
    (file, marks[1..11].to_vec(), at)
}

/// What is lost, of all that is there.
fn lost(bytes: Vec<u8>) -> (usize, Vec<(String, u64, String)>) {
    let found = read(open_bytes(bytes, &OpenOptions::default()).unwrap());
    assert!(found.error.is_none(), "{:?}", found.error);
    let losses = found.report.losses.into_iter();
    let losses = losses.map(|loss| {
        assert!(!loss.agreed);
        (loss.what, loss.count, loss.examples[0].clone())
    });
    (found.events.len(), losses.collect())
}

#[test]
fn batches_that_the_footer_leaves_out_are_lost() {
    let (whole, starts, at) = ten_batches();
    for (n, first) in [(9u32, starts[9]), (3, starts[3])] {
        let mut less = whole.clone();
        less[at - 4..at].copy_from_slice(&n.to_le_bytes());
        let (events, lost) = lost(less);
        assert_eq!(events, 100 * n as usize);
        assert_eq!((lost.len(), lost[0].1), (1, u64::from(10 - n)), "{lost:?}");
        let place = format!("events: byte {first}: a record batch starts here that the footer");
        assert!(lost[0].2.starts_with(&place), "{lost:?}");
    }
    // None at all: nothing is left to be read, also where something else stands in place of the schema.
    for junk in [0..0, 8..72] {
        let mut none = whole.clone();
        none[at - 4..at].fill(0);
        none[junk].fill(0x41);
        let found = error(none, &OpenOptions::default());
        assert_eq!(
            found.to_string(),
            format!(
                "events: byte {}: a record batch starts here that the footer does not list; the file is damaged",
                starts[0]
            )
        );
    }
}

#[test]
fn batches_listed_twice_are_read_once() {
    let (whole, starts, at) = ten_batches();
    let mut twice = whole.clone();
    twice.copy_within(at + 24 * 4..at + 24 * 5, at + 24 * 5);
    let (events, found) = lost(twice);
    assert_eq!((events, found.len()), (900, 2), "{found:?}");
    assert_eq!(found[0].0, "record batches listed again");
    assert!(
        found[0]
            .2
            .starts_with(&format!("events: byte {}", starts[4]))
    );
    assert_eq!(found[1].0, "record batches that are not listed");
    assert!(
        found[1]
            .2
            .starts_with(&format!("events: byte {}", starts[5]))
    );
    // All of them one.
    let mut one = whole.clone();
    for i in 1..10 {
        one.copy_within(at..at + 24, at + 24 * i);
    }
    let (events, found) = lost(one);
    assert_eq!((events, found[0].1, found[1].1), (100, 9, 9), "{found:?}");
    // A batch within another.
    let mut within = whole.clone();
    let inner = starts[4] + 64;
    within[at + 24 * 5..at + 24 * 5 + 8].copy_from_slice(&inner.to_le_bytes());
    let (events, found) = lost(within);
    assert_eq!((events, found[0].1), (800, 2), "{found:?}");
    let overlap = format!("the record batch that starts here reaches beyond byte {inner}");
    assert!(found[0].2.contains(&overlap), "{found:?}");
    // In another order than in the file they are all there.
    let mut swapped = whole;
    let (a, b) = (at + 24 * 4, at + 24 * 5);
    for i in 0..24 {
        swapped.swap(a + i, b + i);
    }
    assert_eq!(lost(swapped), (1_000, vec![]));
}

#[test]
fn what_follows_the_end_is_lost() {
    let stream = several(Kind::Stream, 2);
    let file = several(Kind::File, 2);
    let mark = [&[0xff; 4][..], &[0; 4]].concat();
    let batches = &stream[..stream.len() - 8];
    // Padding and a second mark are nothing, also where the padding is not as long as a word.
    for rest in [&[0; 64][..], &mark, &[0; 3], &[&[0; 8][..], &mark].concat()] {
        assert_eq!(lost([&stream, rest].concat()), (200, vec![]));
        assert_eq!(lost([batches, &mark, rest].concat()), (200, vec![]));
    }
    let broken = &file[..file.len() - 3];
    let twice = |file: &[u8]| [file, broken].concat();
    for (bytes, at) in [
        // A stream behind another, also behind padding; batches behind the mark; a part of a word.
        ([&stream[..], &stream].concat(), stream.len()),
        ([&stream[..], &[0; 16], &stream].concat(), stream.len() + 16),
        ([&stream[..], b"x"].concat(), stream.len()),
        // Something behind a file, which has its footer before that.
        ([&file[..], b"junk"].concat(), file.len()),
        (twice(&file), file.len()),
        (
            [&file[..], &[0; 70_000], b"junk"].concat(),
            file.len() + 70_000,
        ),
    ] {
        let (events, found) = lost(bytes);
        assert_eq!((events, found.len()), (200, 1), "{found:?}");
        assert_eq!(found[0].0, "stretches behind its end that are not read");
        let place = format!("events: byte {at}: it has ended before this byte");
        assert!(found[0].2.starts_with(&place), "{found:?} {at}");
    }
    // Two files one behind the other: the footer of the second lists what is in the first.
    let (events, found) = lost([&file[..], &file].concat());
    assert_eq!((events, found.len()), (200, 1), "{found:?}");
    assert_eq!(found[0].0, "stretches between record batches");
}
