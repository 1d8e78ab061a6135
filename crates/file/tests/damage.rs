//! Damaged files: an error or the right answer, never a panic; `recover` saves what is whole.

mod common;

use std::path::{Path, PathBuf};

use common::{Times, events, expected, file, info, open, read, side, side_messages, with_extra};
use evz_core::{ColumnType, EventBatch, Input, Metadata, Selection, StreamInfo, TimeBase};
use evz_file::wire::{
    ChunkHead, FileHeader, Kind, NodeRef, RecordHeader, Root, Span, StreamDeclaration, Tail,
};
use evz_file::{ReadOptions, VerifyReport, WriteOptions, recover};

fn verify(path: impl AsRef<Path>) -> evz_core::Result<VerifyReport> {
    evz_file::verify(Input::open(path)?)
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join("in.evz");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Recovers `bytes`; the events saved and whether something was lost.
    fn recover(&self, bytes: &[u8]) -> evz_core::Result<(EventBatch, bool)> {
        let out = self.0.path().join("out.evz");
        let options = WriteOptions::new().with_replace(true);
        let if_lost = Metadata::from([("whole".to_owned(), false.into())]);
        let report = recover(Input::open(self.write(bytes))?, &out, options, &if_lost)?;
        assert_eq!(verify(&out)?.events, report.saved.events);
        let reader = ReadOptions::new().with_map(false).open(&out)?;
        let told = reader.info().metadata.contains_key("whole");
        assert_eq!(told, !report.lost.is_empty());
        Ok((
            read(&reader, &Selection::default())?,
            !report.lost.is_empty(),
        ))
    }
}

/// Everything a user can ask of a file.
fn full(bytes: Vec<u8>) -> evz_core::Result<EventBatch> {
    let reader = open(bytes)?;
    reader.activity(16)?;
    read(&reader, &Selection::default())
}

/// The ends of the chunk records of a whole file.
fn chunk_ends(bytes: &[u8]) -> Vec<usize> {
    let mut at = FileHeader::ENCODED_SIZE;
    let mut ends = Vec::new();
    while let Some(header) = RecordHeader::read_from(&bytes[at..]) {
        if header.kind == Kind::Chunk as u16 {
            ends.push(at + RecordHeader::ENCODED_SIZE + header.body_len as usize);
        }
        at += header.record_len().unwrap() as usize;
        if at >= bytes.len() {
            break;
        }
    }
    ends
}

#[test]
fn every_truncation_is_an_error_and_recover_saves_the_whole_chunks() {
    let plain = events(60, Times::Tied, 1);
    let mut labelled = plain.clone();
    with_extra(&mut labelled, &LABELS, 1);
    for all in [plain, labelled] {
        every_truncation(all);
    }
}

/// What events have beside t, x, y and p in the files that are damaged.
const LABELS: [ColumnType; 3] = [ColumnType::U16, ColumnType::F64, ColumnType::Bool];

fn every_truncation(all: EventBatch) {
    let bytes = file(&all, 13);
    let ends = chunk_ends(&bytes);
    assert_eq!(ends.len(), 5);
    let folder = Folder::new();
    for cut in 0..bytes.len() {
        let part = &bytes[..cut];
        let error = full(part.to_vec()).expect_err("a cut file is not whole");
        assert!(!error.to_string().contains('\n'), "{error}");
        if cut < FileHeader::ENCODED_SIZE {
            assert!(folder.recover(part).is_err());
            continue;
        }
        let (saved, lost) = folder.recover(part).unwrap();
        let whole = ends.iter().filter(|end| **end <= cut).count();
        let n = (whole * 13).min(60);
        let first = Selection::default().with_events(0..n as u64);
        if n > 0 {
            assert_eq!(saved, expected(&all, &first), "cut at {cut}");
        }
        assert_eq!(saved.len(), n, "cut at {cut}");
        assert!(lost, "cut at {cut}");
    }
    assert_eq!(folder.recover(&bytes).unwrap(), (all, false));
}

#[test]
fn every_flipped_bit_is_an_error_or_the_right_answer() {
    let plain = events(40, Times::Rising, 2);
    let mut labelled = plain.clone();
    with_extra(&mut labelled, &LABELS, 1);
    for all in [plain, labelled] {
        every_flipped_bit(all);
    }
}

fn every_flipped_bit(all: EventBatch) {
    let bytes = file(&all, 25);
    let folder = Folder::new();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        match full(damaged.clone()) {
            Ok(events) => assert_eq!(events, all, "bit {bit}"),
            Err(e) => assert!(!e.to_string().contains('\n'), "{e}"),
        }
        assert!(
            verify(folder.write(&damaged)).is_err(),
            "verify misses bit {bit}"
        );
        if bit % 3 == 0
            && let Ok((saved, _)) = folder.recover(&damaged)
        {
            // Chunks are saved whole or not at all.
            let part = |numbers| expected(&all, &Selection::default().with_events(numbers));
            let parts = [all.clone(), part(0..25), part(25..40)];
            assert!(
                saved.is_empty() || parts.contains(&saved),
                "bit {bit}: {} events",
                saved.len()
            );
        }
    }
}

#[test]
fn every_flipped_bit_of_two_streams_is_an_error_or_the_right_answer() {
    let all = [events(30, Times::Tied, 1), events(40, Times::Backwards, 2)];
    let mut writer = WriteOptions::new()
        .with_chunk_events(20)
        .write_to(Vec::new(), &info())
        .unwrap();
    let right = StreamDeclaration {
        name: "right".to_owned(),
        width: 640,
        height: 480,
        ..StreamDeclaration::default()
    };
    let right = writer.add_stream(right).unwrap();
    writer.write_batch(all[0].as_slice()).unwrap();
    writer.write_events(right, all[1].as_slice()).unwrap();
    let bytes = writer.finish_into(&Metadata::new()).unwrap().0;
    let whole = |bytes: Vec<u8>, stream: usize| {
        let reader = open(bytes)?;
        let reader = reader.of_stream(stream).expect("two streams");
        read(&reader, &Selection::default())
    };
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        for (stream, all) in all.iter().enumerate() {
            if let Ok(events) = whole(damaged.clone(), stream) {
                assert_eq!(&events, all, "bit {bit}, stream {stream}");
            }
        }
    }
    assert_eq!(whole(bytes, 1).unwrap(), all[1]);
}

#[test]
fn bytes_set_to_nothing_or_everything_never_panic() {
    let all = events(300, Times::Scrambled, 8);
    let bytes = file(&all, 120);
    for at in 0..bytes.len() {
        for value in [0x00, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            if let Ok(events) = full(damaged) {
                assert_eq!(events, all, "byte {at} set to {value}");
            }
        }
    }
}

/// A file whose root is replaced, with checksums that fit.
fn with_root(bytes: &[u8], change: impl FnOnce(&mut Root)) -> Vec<u8> {
    let tail = Tail::read_from(&bytes[bytes.len() - Tail::ENCODED_SIZE..]).unwrap();
    let root_at = tail.root_offset as usize;
    let mut root = Root::read_from(&bytes[root_at + 32..], tail.root_offset).unwrap();
    change(&mut root);
    let body = root.write_to(tail.root_offset).unwrap();
    let mut out = bytes[..root_at].to_vec();
    let crc = crc32fast::hash(&body);
    out.extend(RecordHeader::new(Kind::Root, 0, body.len() as u64, crc).write_to());
    out.extend(body);
    out
}

#[test]
fn claims_that_cannot_be_true_are_refused_before_memory_is_asked_for() {
    let bytes = file(&events(50, Times::Rising, 3), 20);
    let text = |bytes: Vec<u8>| full(bytes).expect_err("refused").to_string();

    let claim = with_root(&bytes, |r| r.streams[0].summary.span.n_rows = 1 << 60);
    assert!(text(claim).contains("it holds 50 events in 3 chunks"));
    let outside = with_root(&bytes, |r| {
        r.streams[0].tree.latest.entries[2].offset = 1 << 50;
    });
    assert!(text(outside).contains("bytes are claimed here and the file has"));
    let huge = with_root(&bytes, |r| {
        r.streams[0].tree.latest.entries[0].body_len = u64::MAX - 7;
    });
    assert!(text(huge).contains("at most 268435456"));
    let sums = with_root(&bytes, |r| {
        let huge = |first_row, n_rows| NodeRef {
            first_row,
            span: Span {
                n_items: 1,
                n_rows,
                ..Span::default()
            },
            ..NodeRef::default()
        };
        r.streams[0].tree.refs = vec![huge(0, u64::MAX), huge(u64::MAX, 1)];
    });
    assert!(text(sums).contains("more than 64 bits hold"));
}

#[test]
fn a_chunk_whose_sizes_do_not_add_up_is_refused() {
    let all = events(50, Times::Rising, 3);
    let bytes = file(&all, 50);
    let mut at = 64;
    let header = loop {
        let header = RecordHeader::read_from(&bytes[at..]).unwrap();
        if header.kind == Kind::Chunk as u16 {
            break header;
        }
        at += header.record_len().unwrap() as usize;
    };
    let body = at + 32..at + 32 + header.body_len as usize;
    let (head, _) = ChunkHead::read_from(&bytes[body.clone()], header.body_len).unwrap();
    type Change = fn(&mut ChunkHead);
    let changes: [(Change, &str); 9] = [
        (|h| h.n_events = 1 << 30, "a chunk holds 1 to 1048576"),
        (|h| h.n_events = 0, "a chunk holds 1 to 1048576"),
        (|h| h.payload_len += 1, "its parts take"),
        (|h| h.n_columns = 1, "its parts take"),
        (|h| h.flags |= 2, "flags 0x2 are unknown"),
        (|h| h.n_on = 51, "51 ON of 50 events"),
        (|h| h.t_divisor = 0, "divisor 0"),
        (|h| h.codec = 77, "the index describes another chunk"),
        (|h| h.t_max += 5, "the index describes another chunk"),
    ];
    for (change, expected) in changes {
        let mut changed = head;
        change(&mut changed);
        let mut bytes = bytes.clone();
        changed.write_to(&mut bytes[body.clone()]);
        let error = full(bytes).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("chunk 0 at byte"), "{error}");
    }
}

#[test]
fn a_file_that_is_something_else_is_named_so() {
    let error = full(b"0.003811000 96 133 0\n".repeat(20))
        .unwrap_err()
        .to_string();
    assert!(error.contains("not an evz file"), "{error}");
    let empty = full(Vec::new()).unwrap_err().to_string();
    assert!(empty.contains("it is empty"), "{empty}");
    let newer = FileHeader {
        version_major: 9,
        ..FileHeader::default()
    };
    let mut bytes = newer.write_to();
    bytes.extend_from_slice(&file(&EventBatch::default(), 10)[64..]);
    let error = full(bytes).unwrap_err().to_string();
    assert!(
        error.contains("format version 9.2; this evz reads 0.2"),
        "{error}"
    );
}

#[test]
fn a_cut_file_says_what_recover_will_save() {
    let bytes = file(&events(100, Times::Rising, 6), 30);
    let cut = chunk_ends(&bytes)[2] + 10;
    let error = full(bytes[..cut].to_vec()).unwrap_err().to_string();
    assert!(
        error.ends_with(
            "; 90 events in 3 chunks have checksums that hold; recovery saves what is whole"
        ),
        "{error}"
    );
}

#[test]
fn appending_changes_no_byte_that_was_there() {
    let folder = Folder::new();
    let all = events(100, Times::Rising, 7);
    let first: EventBatch = all.iter().take(33).collect();
    let second: EventBatch = all.iter().skip(33).collect();
    let before = file(&first, 20);
    let path = folder.write(&before);
    let options = || WriteOptions::new().with_chunk_events(20);
    let mut writer = options().append(&path, &info()).unwrap();
    writer.write_batch(second.as_slice()).unwrap();
    writer
        .finish_append(&Metadata::from([("more".to_owned(), true.into())]))
        .unwrap();

    let after = std::fs::read(&path).unwrap();
    assert_eq!(&after[..before.len()], &before);
    assert_eq!(verify(&path).unwrap().events, 100);
    let reader = ReadOptions::new().open(&path).unwrap();
    assert_eq!(read(&reader, &Selection::default()).unwrap(), all);
    assert_eq!(reader.info().metadata["more"], true.into());
    assert_eq!(reader.info().metadata["source.format"], "test".into());
    let s = Selection::default().with_events(30..36);
    assert_eq!(read(&reader, &s).unwrap(), common::expected(&all, &s));

    // A process that dies while it appends loses what it had not finished, and nothing else.
    for cut in before.len() + 1..after.len() {
        let saved = folder.recover(&after[..cut]).unwrap().0;
        assert!(saved.len() >= 33);
        assert_eq!(saved, all.iter().take(saved.len()).collect());
    }
    let other = evz_core::StreamInfo {
        time_base: evz_core::TimeBase::NANOSECONDS,
        ..info()
    };
    folder.write(&before);
    let error = options().append(&path, &other).err().unwrap().to_string();
    assert!(
        error.contains("counts microseconds, the events to append nanoseconds"),
        "{error}"
    );
}

#[test]
fn side_streams_travel_and_survive() {
    let folder = Folder::new();
    let all = events(30, Times::Rising, 7);
    let mut writer = WriteOptions::new().write_to(Vec::new(), &info()).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    let triggers = writer.add_side_stream(side("triggers")).unwrap();
    writer.add_side_stream(side("without rows")).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    let (early, late) = ([0, 4, 10], [11, 20, 14, 13]);
    for (stream, t, times) in [
        (imu, &early[..], (0, 10)),
        (triggers, &[5], (5, 5)),
        (imu, &late, (11, 20)),
    ] {
        let n = t.len() as u64;
        (writer.write_side_batch(stream, &side_messages(t), n, times)).unwrap();
    }
    assert!(writer.write_side_batch(9, b"", 0, (0, 0)).is_err());
    let bytes = writer.finish_into(&Metadata::new()).unwrap().0;

    let check = |reader: &evz_file::Reader| {
        let names: Vec<_> = reader
            .side_streams()
            .iter()
            .map(|s| (s.name.as_str(), s.span.n_rows))
            .collect();
        assert_eq!(names, [("imu", 7), ("triggers", 1), ("without rows", 0)]);
        let schema = side("imu").schema;
        let rows = |time| -> Vec<Vec<u8>> {
            reader
                .side_batches(imu.into(), time)
                .map(|b| b.unwrap().strip_prefix(&schema[..]).unwrap().to_vec())
                .collect()
        };
        let [early, late] = [&early[..], &late].map(side_messages);
        assert_eq!(rows(None), [early.clone(), late.clone()]);
        assert_eq!(rows(Some(11..12)), [late]);
        assert_eq!(rows(Some(10..11)), [early]);
    };
    check(&open(bytes.clone()).unwrap());
    let (saved, lost) = folder.recover(&bytes[..bytes.len() - 64]).unwrap();
    assert_eq!((saved, lost), (all, true));
    check(
        &ReadOptions::new()
            .open(folder.0.path().join("out.evz"))
            .unwrap(),
    );
}

#[test]
fn a_damaged_header_is_mended_from_the_index() {
    let folder = Folder::new();
    let all = events(30, Times::Rising, 7);
    let mut bytes = file(&all, 10);
    bytes[17] ^= 0x40;
    assert!(
        full(bytes.clone())
            .unwrap_err()
            .to_string()
            .contains("file header at byte 0: CRC")
    );
    assert_eq!(folder.recover(&bytes).unwrap(), (all, true));
    let reader = ReadOptions::new()
        .open(folder.0.path().join("out.evz"))
        .unwrap();
    assert_eq!(reader.info().time_base, info().time_base);
    assert_eq!(reader.info().size, info().size);
}

#[test]
fn an_unfinished_output_leaves_nothing_under_its_name() {
    let folder = Folder::new();
    let path = folder.0.path().join("out.evz");
    let mut writer = WriteOptions::new().create(&path, &info()).unwrap();
    writer
        .write_batch(events(10, Times::Rising, 1).as_slice())
        .unwrap();
    assert!(!path.exists());
    drop(writer);
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 0);

    std::fs::write(&path, "mine").unwrap();
    let error = WriteOptions::new()
        .create(&path, &info())
        .err()
        .unwrap()
        .to_string();
    assert!(error.ends_with("out.evz: exists; set replace"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[test]
fn two_writers_never_append_at_once() {
    let folder = Folder::new();
    let path = folder.write(&file(&events(10, Times::Rising, 1), 10));
    let first = WriteOptions::new().append(&path, &info()).unwrap();
    let error = WriteOptions::new().append(&path, &info()).err().unwrap();
    assert!(
        error.to_string().contains("another process appends to it"),
        "{error}"
    );
    first.finish_append(&Metadata::new()).unwrap();
    let again = WriteOptions::new().append(&path, &info()).unwrap();
    again.finish_append(&Metadata::new()).unwrap();
    assert_eq!(verify(&path).unwrap().events, 10);
}

#[test]
fn what_a_reader_would_refuse_is_not_written() {
    let mut writer = WriteOptions::new().write_to(Vec::new(), &info()).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    assert!(writer.write_side_batch(imu, b"", 1, (5, 4)).is_err());
    assert!(writer.write_side_batch(imu, b"", 0, (4, 5)).is_err());
    let closing = Metadata::from([("k".repeat(70_000), true.into())]);
    assert!(writer.finish_into(&closing).is_err());

    let mut writer = WriteOptions::new().write_to(Vec::new(), &info()).unwrap();
    let mut ragged = events(10, Times::Rising, 1);
    ragged.y.pop();
    assert!(writer.write_batch(ragged.as_slice()).is_err());
    let mut wrong = events(10, Times::Rising, 1);
    wrong.p[3] = 2;
    assert!(writer.write_batch(wrong.as_slice()).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_its_target_is_replaced() {
    let folder = Folder::new();
    let (target, link) = (
        folder.0.path().join("target.evz"),
        folder.0.path().join("link.evz"),
    );
    std::fs::write(&target, "old").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    assert!(WriteOptions::new().create(&link, &info()).is_err());
    let writer = WriteOptions::new()
        .with_replace(true)
        .create(&link, &info())
        .unwrap();
    writer.finish(&Metadata::new()).unwrap();
    assert!(link.symlink_metadata().unwrap().is_symlink());
    verify(&target).unwrap();
}

#[test]
fn a_file_behind_another_is_never_mixed_into_it() {
    let folder = Folder::new();
    let first = events(30, Times::Rising, 7);
    let a = file(&first, 10);
    // Of another clock, and with chunks whose numbers would go on those of the first one.
    let other = StreamInfo::new(TimeBase::NANOSECONDS);
    let mut writer = WriteOptions::new()
        .with_chunk_events(10)
        .write_to(Vec::new(), &other)
        .unwrap();
    writer
        .write_batch(events(90, Times::Rising, 8).as_slice())
        .unwrap();
    let b = writer.finish_into(&Metadata::new()).unwrap().0;

    let aligned = a.len().next_multiple_of(64);
    let padded = [&a[..], &vec![0; aligned - a.len()]].concat();
    let chunk = open(a.clone()).unwrap().streams()[0].tree.latest.entries[2].offset as usize;
    let cut = a[..chunk + 64].to_vec();
    for (a, whole) in [(a.clone(), 30), (padded, 30), (cut, 20)] {
        let both = [&a[..], &b].concat();
        let path = folder.write(&both);
        assert!(verify(&path).is_err());
        let out = folder.0.path().join("out.evz");
        let _ = std::fs::remove_file(&out);
        let input = Input::open(&path).unwrap();
        let report = recover(input, &out, WriteOptions::new(), &Metadata::new()).unwrap();
        assert_eq!(report.saved.events, whole);
        let line = format!("byte {}: another evz file begins", a.len());
        let said = report.lost.iter().any(|lost| lost.starts_with(&line));
        assert!(said, "{:?}", report.lost);
        let reader = ReadOptions::new().open(&out).unwrap();
        assert_eq!(reader.info().time_base, info().time_base);
        let n = whole as usize;
        assert_eq!(
            read(&reader, &Selection::default()).unwrap(),
            first.iter().take(n).collect()
        );
        // The way out: what was cut off there is whole.
        std::fs::write(&path, &both[a.len()..]).unwrap();
        assert_eq!(verify(&path).unwrap().events, 90);
    }
}

#[test]
fn side_rows_as_they_are_need_no_zstd() {
    let rows = side_messages(&[3, 4, 9]);
    for (options, packed) in [
        (WriteOptions::new(), true),
        (WriteOptions::new().with_side_as_it_is(), false),
    ] {
        let mut writer = options.write_to(Vec::new(), &info()).unwrap();
        let imu = writer.add_side_stream(side("imu")).unwrap();
        writer.write_side_batch(imu, &rows, 3, (3, 9)).unwrap();
        let bytes = writer.finish_into(&Metadata::new()).unwrap().0;
        let as_it_is = bytes.windows(rows.len()).any(|part| part == rows);
        assert_eq!(as_it_is, !packed);
        let reader = open(bytes.clone()).unwrap();
        let found: Vec<_> = reader.side_batches(0, None).map(|b| b.unwrap()).collect();
        assert_eq!(found, [[side("imu").schema, rows.clone()].concat()]);
        evz_file::verify(Input::from_bytes(bytes, "a.evz")).unwrap();
    }
}
