//! Files that grow: read while they are written, and after their writer was killed.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::{Times, events, info, read, side, side_messages};
use evz_codec::FAST;
use evz_core::{EventBatch, EventIndex, Metadata, Note, Result, Selection};
use evz_file::wire::StreamDeclaration;
use evz_file::{ReadOptions, Reader, WriteOptions, edit_metadata, verify};

/// Events that a writer gives at a time.
const STEP: usize = 700;
const N: usize = 300_000;
/// The path to which this program writes, when a test runs it as a writer of its own.
const WRITE_TO: &str = "EVZ_TEST_WRITE_TO";
/// The file that it edits there.
const EDIT: &str = "EVZ_TEST_EDIT";
const SLOWLY: &str = "EVZ_TEST_WRITE_SLOWLY";

fn all() -> EventBatch {
    events(N, Times::Tied, 5)
}

fn options() -> WriteOptions {
    let options = WriteOptions::new()
        .with_codec(&FAST)
        .with_chunk_events(2_000);
    options.with_checkpoints(Duration::from_millis(1))
}

/// Not a test of its own: the writer that others kill.
#[test]
fn as_a_writer() {
    let Some(path) = std::env::var_os(WRITE_TO) else {
        return;
    };
    let all = all();
    let mut writer = options().create_growing(Path::new(&path), &info()).unwrap();
    let mut out = std::io::stdout();
    // As slow as a camera, so that it is met at work.
    let pause = std::env::var_os(SLOWLY).map_or(Duration::ZERO, |_| Duration::from_micros(200));
    for from in (0..N).step_by(STEP) {
        std::thread::sleep(pause);
        let to = N.min(from + STEP);
        writer.write_batch(all.as_slice().slice(from..to)).unwrap();
        if from / STEP % 10 == 9 {
            writer.checkpoint().unwrap();
            writeln!(out, "checkpoint {to}").unwrap();
            out.flush().unwrap();
        }
    }
    writer.finish_append(&Metadata::new()).unwrap();
}

fn writer_to(path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "as_a_writer", "--nocapture"])
        .env(WRITE_TO, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The events of a file, which must be the first ones.
fn first_events(path: &Path, all: &EventBatch) -> Result<usize> {
    let reader = ReadOptions::new().open(path)?;
    let found = read(&reader, &Selection::default())?;
    let n = found.len();
    assert_eq!(found, all.iter().take(n).collect());
    Ok(n)
}

#[test]
fn a_killed_writer_loses_nothing_that_was_checkpointed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = all();
    let mut cut_short = 0;
    for run in 0..200u64 {
        let _ = std::fs::remove_file(&path);
        let mut child = writer_to(&path).env(SLOWLY, "").spawn().unwrap();
        let mut told = 0;
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Killed behind one of its checkpoints, at once or a moment later.
        for _ in 0..1 + run % 7 {
            let line = lines.by_ref().map_while(|l| l.ok()).find_map(|l| {
                let at = l.find("checkpoint ")?;
                l[at + 11..].parse::<usize>().ok()
            });
            told = line.unwrap_or(N);
        }
        std::thread::sleep(Duration::from_micros(run * 7_919 % 900));
        child.kill().unwrap();
        child.wait().unwrap();
        let n = first_events(&path, &all).unwrap();
        assert!(n >= told, "run {run}: {n} of {told} events");
        cut_short += u32::from(n < N);
    }
    assert!(cut_short > 150, "{cut_short} of 200 were killed at work");
}

#[test]
fn a_file_is_read_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = all();
    let mut child = writer_to(&path)
        .env(SLOWLY, "")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let (mut reads, mut last, mut partial) = (0, 0, 0);
    loop {
        let ended = child.try_wait().unwrap().is_some();
        if path.metadata().is_ok_and(|m| m.len() > 200) {
            let n = first_events(&path, &all).unwrap();
            assert!(n >= last, "{n} events behind {last}");
            partial += u32::from(n > 0 && n < N);
            (last, reads) = (n, reads + 1);
        }
        if ended {
            break;
        }
    }
    assert_eq!(last, N);
    assert!(partial > 3, "{partial} of {reads} reads saw a part");
    assert_eq!(
        verify(evz_core::Input::open(&path).unwrap())
            .unwrap()
            .events,
        N as u64
    );
}

fn growing(path: &Path, checkpoints: &[usize], all: &EventBatch) {
    let options = WriteOptions::new().with_chunk_events(30);
    let mut writer = options.create_growing(path, &info()).unwrap();
    let right = StreamDeclaration {
        name: "right".to_owned(),
        ..StreamDeclaration::default()
    };
    let right = writer.add_stream(right).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    let rows = side_messages(&[5]);
    let mut from = 0;
    for to in checkpoints {
        let part = all.as_slice().slice(from..*to);
        writer.write_batch(part).unwrap();
        writer.write_events(right, part).unwrap();
        writer.write_side_batch(imu, &rows, 1, (5, 5)).unwrap();
        writer.checkpoint().unwrap();
        from = *to;
    }
    writer
        .write_batch(all.as_slice().slice(from..all.len()))
        .unwrap();
    writer.finish_append(&Metadata::new()).unwrap();
}

#[test]
fn a_file_that_is_cut_is_read_up_to_its_last_whole_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let all = events(300, Times::Tied, 2);
    growing(&path, &[70, 100], &all);
    let bytes = std::fs::read(&path).unwrap();
    verify(evz_core::Input::open(&path).unwrap()).unwrap();
    let open = |bytes: &[u8]| common::open(bytes.to_vec());
    let whole = open(&bytes).unwrap();
    assert_eq!(whole.unfinished(), None);
    assert!(whole.report().notes.iter().all(|n| *n != Note::Unfinished));
    let left = |reader: &Reader| {
        let events = read(reader, &Selection::default()).unwrap();
        assert_eq!(events, all.iter().take(events.len()).collect());
        let right = reader.of_stream(1).map_or(0, |right| {
            let right = read(&right, &Selection::default()).unwrap();
            assert_eq!(right, all.iter().take(right.len()).collect());
            right.len()
        });
        let rows = reader.side_streams().first().map_or(0, |s| s.span.n_rows);
        (events.len(), right, rows)
    };
    assert_eq!(left(&whole), (300, 100, 2));
    let mut seen = Vec::new();
    for cut in (64..bytes.len()).rev() {
        let Ok(reader) = open(&bytes[..cut]) else {
            assert!(cut < 400, "cut at {cut}");
            continue;
        };
        assert!(reader.unfinished().is_some());
        let report = reader.report();
        assert!(report.notes.contains(&Note::Unfinished), "cut at {cut}");
        assert_eq!(
            report.losses.iter().map(|l| l.count).sum::<u64>(),
            reader.unfinished().unwrap()
        );
        let found = left(&reader);
        if seen.last() != Some(&found) {
            seen.push(found);
        }
    }
    // It takes every chunk, and every row, that is whole.
    assert!(seen.is_sorted_by(|a, b| a >= b), "{seen:?}");
    assert!(seen.len() > 12, "{seen:?}");
    assert!(seen.contains(&(0, 0, 0)));
}

#[test]
fn what_is_behind_a_whole_file_is_said() {
    let bytes = common::file(&events(100, Times::Tied, 2), 30);
    for junk in [1, 31, 64, 5_000] {
        let mut longer = bytes.clone();
        longer.resize(bytes.len() + junk, 0x41);
        let reader = common::open(longer).unwrap();
        assert_eq!(reader.unfinished(), Some(junk as u64));
        assert_eq!(reader.n_events(), 100);
    }
}

/// Who waits for a file and opens it at once finds one that can be read.
#[test]
fn a_file_can_be_read_as_soon_as_it_has_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for i in 0..300 {
        let path = folder.path().join(format!("{i}.evz"));
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || {
                while !path.exists() {
                    std::hint::spin_loop();
                }
                ReadOptions::new()
                    .open(path)
                    .map(|reader| reader.n_events())
            }
        });
        let writer = options().create_growing(&path, &info()).unwrap();
        assert_eq!(waiting.join().unwrap().unwrap(), 0, "file {i}");
        drop(writer);
    }
    // Nothing else is left beside them.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 300);
}

/// What stands behind the last root is in no index: a new root there would hide it, or it would be cut off.
#[test]
fn metadata_of_an_unfinished_file_are_not_edited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growing.evz");
    growing(&path, &[100], &events(300, Times::Tied, 5));
    let whole = std::fs::read(&path).unwrap();
    let root = ReadOptions::new().open(&path).unwrap();
    let root = root.root().tail.root_offset as usize;
    let edit = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        let edited = edit_metadata(&path, |all| {
            all.insert("place".to_owned(), "here".into());
        });
        (edited, std::fs::read(&path).unwrap())
    };
    // Whole chunks behind a checkpoint.
    let (refused, left) = edit(&whole[..root]);
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("does not end with its index"), "{error}");
    assert_eq!(left, whole[..root]);
    let (edited, left) = edit(&whole);
    edited.unwrap();
    assert_eq!(left[..whole.len()], whole);
    assert!(verify(evz_core::Input::open(&path).unwrap()).is_ok());
}

/// What says that a recording was not finished says so still.
#[test]
fn metadata_of_a_file_that_ends_with_a_checkpoint_leave_it_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("killed.evz");
    let mut writer = WriteOptions::new().create_growing(&path, &info()).unwrap();
    let all = events(300, Times::Tied, 5);
    writer.write_batch(all.as_slice()).unwrap();
    writer.checkpoint().unwrap();
    drop(writer);
    let unfinished = || ReadOptions::new().open(&path).unwrap().unfinished();
    assert_eq!(unfinished(), Some(0));
    edit_metadata(&path, |all| {
        all.insert("place".to_owned(), "here".into());
    })
    .unwrap();
    assert_eq!(unfinished(), Some(0));
    let reader = ReadOptions::new().open(&path).unwrap();
    assert_eq!(reader.metadata()["place"], "here".into());
    assert_eq!(reader.n_events(), 300);
}

/// Not a test of its own: the editor whose disk is full.
#[test]
fn as_an_editor() {
    let Some(path) = std::env::var_os(EDIT) else {
        return;
    };
    let long = "x".repeat(60_000);
    let edited = edit_metadata(path, |all| {
        drop(all.insert("place".to_owned(), long.into()))
    });
    let error = edited.unwrap_err().to_string();
    assert!(error.contains("cannot write"), "{error}");
}

#[cfg(unix)]
#[test]
fn an_edit_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.evz");
    let before = common::file(&events(100, Times::Tied, 2), 30);
    std::fs::write(&path, &before).unwrap();
    // Files of more than 32 kB, or 16 as some shells count, are refused as by a full disk.
    let limited = "trap '' XFSZ; ulimit -f 32; exec \"$0\" --exact as_an_editor";
    let edited = Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .env(EDIT, &path)
        .output()
        .unwrap();
    assert!(edited.status.success(), "{edited:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
