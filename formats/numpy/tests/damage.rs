//! Damaged files: events or an error of one line, never a panic, and nothing without a word.

mod common;

use common::{
    KINDS, Member, archive, columns_of, error, info, list, npy, open_bytes, probe, read, three, us,
    write,
};
use evz_core::{
    ColumnType, Event, EventBatch, ExtraColumn, Loss, Metadata, OpenOptions, Place, TimeBase,
    Values,
};

fn some(n: i64) -> EventBatch {
    (0..n)
        .map(|i| Event {
            t: i * 7 + 3,
            x: (i * 31 % 640) as u16,
            y: (i * 17 % 480) as u16,
            p: (i % 3 == 0).into(),
        })
        .collect()
}

/// Small files of every kind, with the events in them.
fn files() -> Vec<(Vec<u8>, EventBatch)> {
    let mut files: Vec<_> = KINDS
        .into_iter()
        .map(|kind| {
            let us = info(TimeBase::MICROSECONDS);
            let bytes = write(kind, &us, &some(20), &Metadata::new(), 20).unwrap();
            (bytes, some(20))
        })
        .collect();
    let names = ["t", "x", "y", "p"];
    for member in [Member::stored, Member::deflated] {
        files.push((archive(columns_of(&three(), names), member), three()));
    }
    let big = "[('t', '>i8'), ('x', '>u2'), ('y', '>u2'), ('', '|V2'), ('p', '|b1')]";
    files.push((list(big, 2, &[0; 30]), common::events(&[(0, 0, 0, 0); 2])));
    let numbers = npy(
        "'<i2'",
        "True",
        "(2, 4)",
        &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 1, 0, 0, 0],
    );
    files.push((numbers, common::events(&[(1, 3, 5, 1), (2, 4, 6, 0)])));
    files
}

/// The same with further columns.
fn wide_files() -> Vec<Vec<u8>> {
    let flag: Vec<bool> = (0..20).map(|i| i % 3 == 0).collect();
    let mut events = some(20);
    events.extra = vec![Values::from_slice(&flag), Values::from_slice(&[0.5f64; 20])];
    let [flag, depth] = [("flag", ColumnType::Bool), ("depth", ColumnType::F64)]
        .map(|(name, column_type)| ExtraColumn::new(name, column_type));
    let info = info(TimeBase::MICROSECONDS).with_columns(vec![flag, depth.with_unit("mm")]);
    let ours = KINDS.map(|kind| write(kind, &info, &events, &Metadata::new(), 20).unwrap());
    let numbers = npy("'<i2'", "True", "(2, 6)", &[1; 24]);
    ours.into_iter().chain([numbers]).collect()
}

fn try_all(bytes: Vec<u8>) {
    probe(&bytes);
    for told in ["txyp", "t,x,y,p,-,label:u8"] {
        let options = us().with_columns(told.parse().unwrap());
        if let Ok(source) = open_bytes(bytes.clone(), &options) {
            let found = read(source);
            assert!(found.events.as_slice().check().is_ok());
            assert_eq!(found.events.extra.len(), found.info.columns.len());
        }
    }
}

#[test]
fn cut_anywhere() {
    for (whole, expected) in files() {
        for len in 0..whole.len() {
            let Ok(source) = open_bytes(&whole[..len], &us().with_columns("txyp".parse().unwrap()))
            else {
                continue;
            };
            let found = read(source);
            let n = found.events.len();
            assert_eq!(found.events.as_slice(), expected.as_slice().slice(0..n));
            let told = found.error.is_some()
                || !found.report.losses.is_empty()
                || n == expected.len() && !found.report.notes.is_empty();
            assert!(told, "{len} of {}: {:?}", whole.len(), found.report);
            let rows = |loss: &&Loss| !loss.what.starts_with("ends of files");
            for loss in found.report.losses.iter().filter(rows) {
                assert_eq!(loss.count as usize, expected.len() - n);
            }
        }
    }
    for whole in wide_files() {
        (0..whole.len()).for_each(|len| try_all(whole[..len].to_vec()));
    }
}

#[test]
fn every_bit_flipped() {
    let files = files().into_iter().map(|(whole, _)| whole);
    for whole in files.chain(wide_files()) {
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            try_all(flipped);
        }
        for byte in 0..whole.len() {
            for value in [0, 0xff] {
                let mut changed = whole.clone();
                changed[byte] = value;
                try_all(changed);
            }
        }
    }
}

#[test]
fn flipped_bits_of_packed_values_are_told() {
    let whole = archive(
        columns_of(&some(300), ["t", "x", "y", "p"]),
        Member::deflated,
    );
    let directory = whole.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    for byte in 0..directory {
        let mut flipped = whole.clone();
        flipped[byte] ^= 0x10;
        if let Ok(source) = open_bytes(flipped, &us()) {
            let found = read(source);
            let told = found.error.is_some() || !found.report.losses.is_empty();
            assert!(told || found.events == some(300), "{byte}");
        }
    }
}

#[test]
fn damage_before_the_first_row_is_an_error() {
    let mut columns =
        columns_of(&three(), ["t", "x", "y", "p"]).map(|(n, b)| Member::stored(&n, b));
    // The head and half a value.
    columns[0].packed.truncate(columns[0].packed.len() - 20);
    columns[0].len = columns[0].packed.len() as u64;
    columns[0].crc = common::crc32(&columns[0].packed);
    let found = error(common::zip(&columns), &us());
    let place = Place::file("events").with_part("member t.npy").with_row(0);
    assert_eq!((found.place(), found.what()), (&place, "it is cut off"));
}

/// Bytes of an array that its head does not claim are lost, and it is said where they begin.
#[test]
fn a_head_that_claims_fewer_rows() {
    let behind = |bytes: Vec<u8>, options: &OpenOptions| {
        let found = read(open_bytes(bytes, options).unwrap());
        assert!(found.error.is_none(), "{:?}", found.error);
        let [loss] = &found.report.losses[..] else {
            panic!("{:?}", found.report);
        };
        assert_eq!(loss.what, "bytes behind the array");
        assert!(!loss.agreed);
        (found.events.len(), loss.count, loss.examples[0].clone())
    };
    let records = "[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')]";
    for rows in [0, 2, 9] {
        let whole = list(records, rows, &[0; 13 * 10]);
        let len = whole.len();
        let (n, count, example) = behind(whole, &us());
        assert_eq!((n, count), (rows, 13 * (10 - rows as u64)));
        let place = format!("events: byte {}: its head says", len as u64 - count);
        assert!(example.starts_with(&place), "{example}");
    }
    // Two arrays in one file, as numpy.save into an open file puts them.
    let one = list(records, 3, &[0; 39]);
    let (n, count, _) = behind([&one[..], &one].concat(), &us());
    assert_eq!((n, count), (3, one.len() as u64));
    // Plain numbers, by rows and by columns.
    for fortran in ["True", "False"] {
        let numbers = npy("'<i2'", fortran, "(2, 4)", &[0; 16 + 6]);
        let told = us().with_columns("txyp".parse().unwrap());
        let (n, count, _) = behind(numbers, &told);
        assert_eq!((n, count), (2, 6));
    }
    // Members of an archive, whose checksums are right.
    let columns = columns_of(&some(10), ["t", "x", "y", "p"]).map(|(name, bytes)| {
        let head = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let text = String::from_utf8_lossy(&bytes[..head]).replace("(10,)", "(9,) ");
        (name, [text.as_bytes(), &bytes[head..]].concat())
    });
    // The magic is no UTF-8.
    let columns = columns.map(|(name, bytes)| {
        let text = bytes.iter().position(|byte| *byte == b'N').unwrap();
        (name, [&b"\x93"[..], &bytes[text..]].concat())
    });
    for member in [Member::stored, Member::deflated] {
        let (n, count, _) = behind(archive(columns.clone(), member), &us());
        assert_eq!((n, count), (9, 8 + 2 + 2 + 1));
    }
}
