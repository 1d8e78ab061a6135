//! A file that grows, looked at again and again: whatever was written by then is there, and no more.
#![cfg(unix)]

mod common;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Times, events, info, read, side, side_messages};
use evz_core::{EventBatch, EventSource, Metadata, Next, Selection};
use evz_file::wire::{Kind, RecordHeader};
use evz_file::{ReadOptions, Reader, WriteOptions};
use proptest::prelude::*;

/// What a writer does after it was given events.
#[derive(Debug, Clone, Copy)]
enum Then {
    Nothing,
    Flush,
    Checkpoint,
    /// A checkpoint with a row of a side stream and with metadata before it.
    Beside,
}

fn steps() -> impl Strategy<Value = Vec<(usize, Then, bool)>> {
    let then = prop_oneof![
        Just(Then::Nothing),
        Just(Then::Flush),
        Just(Then::Flush),
        Just(Then::Checkpoint),
        Just(Then::Beside),
    ];
    prop::collection::vec((0usize..400, then, any::<bool>()), 1..25)
}

fn times() -> impl Strategy<Value = Times> {
    prop_oneof![
        Just(Times::Rising),
        Just(Times::Tied),
        Just(Times::Backwards),
        Just(Times::Scrambled),
    ]
}

/// The events of a window among the first `n`.
fn slice(all: &EventBatch, n: usize, window: &std::ops::Range<i64>) -> EventBatch {
    let first = all.iter().take(n);
    first.filter(|e| window.contains(&e.t)).collect()
}

/// Every window of what there is equals that slice of what was written.
fn check(reader: &Reader, all: &EventBatch, cuts: &[i64]) {
    let n = reader.n_events() as usize;
    let whole = read(reader, &Selection::default()).unwrap();
    assert_eq!(whole, all.iter().take(n).collect());
    for pair in cuts.windows(2) {
        let window = pair[0].min(pair[1])..pair[0].max(pair[1]);
        let found = read(reader, &Selection::default().with_time(window.clone())).unwrap();
        assert_eq!(found, slice(all, n, &window), "{window:?} of {n}");
        let numbers = n / 3..n / 2 + 1;
        let selection = Selection::default().with_events(numbers.start as u64..numbers.end as u64);
        let expected = all.iter().take(numbers.end.min(n)).skip(numbers.start);
        assert_eq!(read(reader, &selection).unwrap(), expected.collect());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn windows_of_a_file_that_grows_are_slices_of_what_was_written(
        steps in steps(),
        times in times(),
        chunk_events in 1u32..300,
        is_mapped in any::<bool>(),
        cuts in prop::collection::vec(-600i64..3_000, 4),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.evz");
        let n: usize = steps.iter().map(|(n, ..)| n).sum();
        let all = events(n, times, 7);
        let options = WriteOptions::new().with_chunk_events(chunk_events);
        let options = options.with_checkpoints(Duration::ZERO);
        let mut writer = options.create_growing(&path, &info()).unwrap();
        let mut imu = None;
        let open = || ReadOptions::new().with_map(is_mapped).open(&path).unwrap();
        // One looks from the start on, the other is opened on the way now and then.
        let (mut early, mut late) = (open(), open());
        let (mut written, mut rows) = (0, 0);
        for (n, then, is_opened) in steps {
            let part = all.as_slice().slice(written..written + n);
            writer.write_batch(part).unwrap();
            written += n;
            match then {
                Then::Nothing => continue,
                Then::Flush => writer.flush().unwrap(),
                Then::Checkpoint => writer.checkpoint().unwrap(),
                Then::Beside => {
                    let imu = *imu.get_or_insert_with(|| writer.add_side_stream(side("imu")).unwrap());
                    writer.write_side_batch(imu, &side_messages(&[5]), 1, (5, 5)).unwrap();
                    rows += 1;
                    writer.checkpoint().unwrap();
                }
            }
            early.refresh().unwrap();
            if is_opened {
                late = open();
            } else {
                late.refresh().unwrap();
            }
            for reader in [&early, &late] {
                prop_assert_eq!(reader.n_events(), written as u64);
                prop_assert!(reader.unfinished().is_some() && reader.may_grow());
                let side = reader.side_streams().first();
                prop_assert_eq!(side.map_or(0, |s| s.span.n_rows), rows);
                check(reader, &all, &cuts);
            }
            // Nothing is added: nothing is found.
            prop_assert!(!early.refresh().unwrap());
        }
        let closing = Metadata::from([("closing".to_owned(), "yes".into())]);
        writer.finish_append(&closing).unwrap();
        let whole = open();
        for mut reader in [early, late] {
            reader.refresh().unwrap();
            prop_assert_eq!(reader.unfinished(), None);
            prop_assert!(!reader.may_grow());
            prop_assert_eq!(reader.summary(), whole.summary());
            prop_assert_eq!(reader.metadata(), whole.metadata());
            check(&reader, &all, &cuts);
            prop_assert!(!reader.refresh().unwrap());
        }
    }
}

#[test]
fn who_follows_gets_each_event_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(50_000, Times::Tied, 3);
    let options = WriteOptions::new().with_chunk_events(700);
    let options = options.with_checkpoints(Duration::from_millis(20));
    let mut writer = options.create_growing(&path, &info()).unwrap();
    let reader = ReadOptions::new().open(&path).unwrap();
    let follower = std::thread::spawn(move || {
        let mut follow = reader.follow(Arc::default());
        let (mut got, mut batch) = (EventBatch::default(), EventBatch::default());
        while let Next::Events(_) = follow.read_events(&mut batch).unwrap() {
            got.extend(batch.as_slice());
        }
        assert!(follow.report().losses.is_empty());
        got
    });
    for (i, from) in (0..all.len()).step_by(1_300).enumerate() {
        let to = all.len().min(from + 1_300);
        writer.write_batch(all.as_slice().slice(from..to)).unwrap();
        if i % 3 == 0 {
            writer.flush().unwrap();
            std::thread::sleep(Duration::from_millis(15));
        }
    }
    writer.finish_append(&Metadata::new()).unwrap();
    assert_eq!(follower.join().unwrap(), all);
}

#[test]
fn who_follows_ends_when_told_to_and_when_the_writer_has_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(100, Times::Tied, 3);
    let mut writer = WriteOptions::new().create_growing(&path, &info()).unwrap();
    writer.write_batch(all.as_slice()).unwrap();
    writer.flush().unwrap();
    let reader = ReadOptions::new().open(&path).unwrap();
    let (told, mut batch) = (Arc::new(AtomicBool::new(false)), EventBatch::default());
    let mut follow = reader.follow(told.clone());
    assert_eq!(follow.read_batch(&mut batch).unwrap(), Next::Events(100));
    told.store(true, Ordering::Relaxed);
    assert!(matches!(
        follow.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
    // A writer that is dropped has not finished the file.
    drop(writer);
    assert!(!reader.may_grow());
    let mut follow = reader.follow(Arc::default());
    assert_eq!(follow.read_batch(&mut batch).unwrap(), Next::Events(100));
    assert!(matches!(
        follow.read_batch(&mut batch).unwrap(),
        Next::End(_)
    ));
    assert_eq!(follow.report().notes, [evz_core::Note::Unfinished]);
}

/// A root that another program adds is held to what one that ends a file is held to.
#[test]
fn what_was_added_is_held_to_the_same_limits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(100, Times::Tied, 3);
    let mut writer = WriteOptions::new().create_growing(&path, &info()).unwrap();
    for _ in 1..20 {
        writer.add_stream(Default::default()).unwrap();
    }
    writer.write_batch(all.as_slice()).unwrap();
    writer.checkpoint().unwrap();
    let mut reader = ReadOptions::new().open(&path).unwrap();
    let mut root = reader.root().clone();
    let mut file = std::fs::read(&path).unwrap();
    let offset = file.len().next_multiple_of(64);
    root.previous = Some(root.tail.root_offset);
    root.metadata = (0..60_000).map(|i| (i.to_string(), true.into())).collect();
    let body = root.write_to(offset as u64).unwrap();
    let crc = crc32fast::hash(&body);
    file.resize(offset, 0);
    file.extend(RecordHeader::new(Kind::Root, 0, body.len() as u64, crc).write_to());
    file.extend(body);
    let new = std::fs::OpenOptions::new().append(true).open(&path);
    let old = std::fs::metadata(&path).unwrap().len() as usize;
    new.unwrap().write_all(&file[old..]).unwrap();
    let error = reader.refresh().unwrap_err().to_string();
    let says = "entries of metadata of 20 event streams";
    assert!(error.contains(says) && error.contains("a.evz"), "{error}");
    assert_eq!((reader.n_events(), reader.metadata().len()), (100, 1));
}

#[test]
fn a_file_that_is_changed_otherwise_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(1_000, Times::Tied, 3);
    let growing = || {
        let _ = std::fs::remove_file(&path);
        let options = WriteOptions::new().with_chunk_events(100);
        let mut writer = options.create_growing(&path, &info()).unwrap();
        writer.write_batch(all.as_slice().slice(0..500)).unwrap();
        writer.flush().unwrap();
        (writer, ReadOptions::new().open(&path).unwrap())
    };
    let write = |at: u64, bytes: &[u8]| {
        use std::os::unix::fs::FileExt;
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.write_all_at(bytes, at).unwrap();
        file
    };
    let says = |mut reader: Reader, what: &str| {
        let error = reader.refresh().unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        assert_eq!(reader.n_events(), 500);
    };
    let (_writer, reader) = growing();
    write(0, b"").set_len(300).unwrap();
    says(reader, "shortened");

    let (_writer, reader) = growing();
    std::fs::remove_file(&path).unwrap();
    says(reader, "removed, or replaced");

    let (_writer, reader) = growing();
    let len = std::fs::metadata(&path).unwrap().len();
    write(0, &vec![7; len as usize + 10]);
    says(reader, "written over");

    // Damage is waited for as long as it may be something that is being written.
    let (mut writer, mut reader) = growing();
    let len = std::fs::metadata(&path).unwrap().len();
    writer.write_batch(all.as_slice().slice(500..600)).unwrap();
    writer.flush().unwrap();
    write(len.next_multiple_of(64) + 100, &[0xff; 8]);
    assert!(!reader.refresh().unwrap());
    writer.write_batch(all.as_slice().slice(600..700)).unwrap();
    writer.flush().unwrap();
    says(reader, "is damaged");
}
