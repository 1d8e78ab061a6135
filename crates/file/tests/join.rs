//! Files one behind the other, and metadata that are edited: chunks stay as they are.

mod common;
mod forger;

use std::path::{Path, PathBuf};

use common::{Times, events, info, read, side, side_messages};
use evz_codec::FAST;
use evz_core::{
    Clock, ClockKind, EventBatch, Input, Metadata, Output, Selection, SensorSize, TimeBase, Value,
};
use evz_file::wire::{SideBatchHead, StreamDeclaration};
use evz_file::{EvzSink, ReadOptions, Reader, WriteOptions, edit_metadata, join, recover, verify};
use forger::{Body, Forgery};

fn open(path: &Path) -> Reader {
    ReadOptions::new().open(path).unwrap()
}

/// A file of two event streams and a side stream; the events of both.
fn stereo(path: &Path, seed: u64, times: Times) -> [EventBatch; 2] {
    let both = [events(700, times, seed), events(300, times, seed + 1)];
    let options = WriteOptions::new().with_codec(&FAST).with_chunk_events(64);
    let info = info().with_metadata(Metadata::from([
        ("seed".to_owned(), (seed as i64).into()),
        (format!("only.{seed}"), true.into()),
    ]));
    let mut writer = options.create(path, &info).unwrap();
    let right = StreamDeclaration {
        name: "right".to_owned(),
        width: 640,
        height: 480,
        serial: "42".to_owned(),
        ..StreamDeclaration::default()
    };
    let right = writer.add_stream(right).unwrap();
    let imu = writer.add_side_stream(side("imu")).unwrap();
    // Chunks of both stand in turns.
    for (from, to) in [(0, 200), (200, 300)] {
        for (stream, events) in [(0, &both[0]), (right, &both[1])] {
            let part = events.as_slice().slice(from..to);
            writer.write_events(stream, part).unwrap();
        }
    }
    writer
        .write_batch(both[0].as_slice().slice(300..700))
        .unwrap();
    let rows = side_messages(&[5, 9, seed as i64]);
    writer
        .write_side_batch(imu, &rows, 3, (5.min(seed as i64), 9))
        .unwrap();
    writer.finish(&Metadata::new()).unwrap();
    both
}

fn folder() -> (tempfile::TempDir, impl Fn(&str) -> PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    (folder, move |name: &str| path.join(name))
}

#[test]
fn each_stream_of_a_file_has_windows_of_its_own() {
    let (_folder, path) = folder();
    for times in [Times::Rising, Times::Scrambled] {
        let _ = std::fs::remove_file(path("a.evz"));
        let both = stereo(&path("a.evz"), 3, times);
        let left = open(&path("a.evz"));
        let right = left.of_stream(1).unwrap();
        assert!(left.of_stream(2).is_none());
        assert_eq!(left.info().size, info().size);
        assert_eq!(right.info().size.unwrap().width, 640);
        let told = SensorSize {
            width: 1_280,
            height: 720,
        };
        let wide = ReadOptions::new()
            .with_size(told)
            .open(path("a.evz"))
            .unwrap();
        for stream in 0..2 {
            let stream = wide.of_stream(stream).unwrap();
            assert_eq!(stream.info().size, Some(told));
        }
        for (reader, all) in [(&left, &both[0]), (&right, &both[1])] {
            assert_eq!(reader.n_events(), all.len() as u64);
            let middle = all.t[all.len() / 2];
            for s in [
                Selection::default(),
                Selection::default().with_time(middle - 50..middle + 90),
                Selection::default().with_events(60..200),
            ] {
                assert_eq!(read(reader, &s).unwrap(), common::expected(all, &s));
            }
            let bins: f64 = reader.activity(9).unwrap().iter().sum();
            assert_eq!(bins.round(), all.len() as f64);
        }
    }
}

#[test]
fn a_joined_file_is_its_parts_one_behind_the_other() {
    let (_folder, path) = folder();
    let [a, b] = [
        stereo(&path("a.evz"), 3, Times::Rising),
        stereo(&path("b.evz"), 8, Times::Tied),
    ];
    let files = [open(&path("a.evz")), open(&path("b.evz"))];
    let joined = join(&files, path("ab.evz"), WriteOptions::new())
        .unwrap()
        .saved;
    assert_eq!(joined.events, 2_000);
    let report = verify(Input::open(path("ab.evz")).unwrap()).unwrap();
    assert_eq!((report.events, report.chunks), (2_000, joined.chunks));

    let left = open(&path("ab.evz"));
    let right = left.of_stream(1).unwrap();
    for (reader, stream) in [(&left, 0), (&right, 1)] {
        let all: EventBatch = a[stream].iter().chain(b[stream].iter()).collect();
        assert_eq!(read(reader, &Selection::default()).unwrap(), all);
        // Sums over what was never decoded are those of the events.
        let again = common::open(common::file(&all, 100)).unwrap();
        assert_eq!(reader.summary().column_crc, again.summary().column_crc);
        assert_eq!(reader.summary().t_last, again.summary().t_last);
        assert_eq!(reader.summary().n_on, again.summary().n_on);
        let s =
            Selection::default().with_events(all.len() as u64 / 2 - 30..all.len() as u64 / 2 + 40);
        assert_eq!(read(reader, &s).unwrap(), common::expected(&all, &s));
    }
    assert_eq!(right.streams()[1].declaration.serial, "42");
    let rows: Vec<Vec<u8>> = left.side_batches(0, None).map(|b| b.unwrap()).collect();
    assert_eq!(
        rows,
        [3, 8].map(|seed| [side("imu").schema, side_messages(&[5, 9, seed])].concat())
    );
    let metadata = &left.info().metadata;
    assert_eq!(metadata["seed"], 3.into());
    assert_eq!(
        (&metadata["only.3"], &metadata["only.8"]),
        (&true.into(), &true.into())
    );

    // The bodies of chunks are the same bytes.
    let bytes = std::fs::read(path("ab.evz")).unwrap();
    let part = std::fs::read(path("b.evz")).unwrap();
    let entry = &files[1].streams()[0].tree.latest.entries[1];
    let body = &part[entry.offset as usize + 32..][..entry.body_len as usize];
    assert!(bytes.windows(body.len()).any(|w| w == body));
}

#[test]
fn files_that_do_not_fit_are_not_joined() {
    let (_folder, path) = folder();
    stereo(&path("a.evz"), 3, Times::Rising);
    let clock = Clock::of(ClockKind::Unix).with_epoch(5);
    let nanoseconds = evz_core::StreamInfo {
        time_base: TimeBase::NANOSECONDS,
        ..info()
    };
    let of_clock = "clock.evz has times of a clock of kind unix from its tick 5 on, and a.evz of a clock of kind";
    let first = "convert tick.evz rounded to us first";
    for (name, other, said) in [
        (
            "tick.evz",
            nanoseconds,
            format!("tick.evz counts nanoseconds, and a.evz microseconds; {first}"),
        ),
        (
            "clock.evz",
            info().with_clock(clock),
            format!("{of_clock} {}", info().clock.kind),
        ),
        // Both differ, and rounded it would still be of another clock.
        (
            "both.evz",
            evz_core::StreamInfo::new(TimeBase::NANOSECONDS).with_clock(clock),
            format!("{of_clock} {}", info().clock.kind).replace("clock.evz", "both.evz"),
        ),
    ] {
        let writer = WriteOptions::new().create(path(name), &other).unwrap();
        writer.finish(&Metadata::new()).unwrap();
        let files = [open(&path("a.evz")), open(&path(name))];
        let error = join(&files, path("out.evz"), WriteOptions::new()).unwrap_err();
        let error = error.to_string().replace(&*path("").to_string_lossy(), "");
        assert_eq!(error, said);
        assert!(!path("out.evz").exists());
    }
    // A damaged chunk is not passed on.
    let mut bytes = std::fs::read(path("a.evz")).unwrap();
    let entry = open(&path("a.evz")).streams()[0].tree.latest.entries[4].clone();
    bytes[entry.offset as usize + 32 + entry.body_len as usize - 3] ^= 4;
    std::fs::write(path("damaged.evz"), bytes).unwrap();
    let files = [open(&path("damaged.evz"))];
    let error = join(&files, path("out.evz"), WriteOptions::new()).unwrap_err();
    assert!(
        error.to_string().contains("damaged.evz: chunk 4 at byte"),
        "{error}"
    );
    assert!(!path("out.evz").exists());
}

#[test]
fn files_of_other_sensors_are_not_joined() {
    let (_folder, path) = folder();
    let write = |name: &str, sizes: &[Option<(u32, u32)>]| {
        let sensor = |(width, height)| SensorSize { width, height };
        let info = evz_core::StreamInfo {
            size: sizes[0].map(sensor),
            ..info()
        };
        let mut writer = WriteOptions::new().create(path(name), &info).unwrap();
        for size in &sizes[1..] {
            let declared = StreamDeclaration::plain(0, size.map(sensor));
            writer.add_stream(declared).unwrap();
        }
        writer.finish(&Metadata::new()).unwrap();
    };
    let (small, large) = (Some((640, 480)), Some((1280, 720)));
    write("none.evz", &[None]);
    write("small.evz", &[small]);
    write("large.evz", &[large]);
    write("two.evz", &[small, small]);
    write("right.evz", &[small, large]);
    let small = "small.evz has a sensor of 640x480";
    let large = "large.evz has a sensor of 1280x720";
    let none = "none.evz has no sensor size";
    let two = "event stream 1 of two.evz has a sensor of 640x480";
    let right = "event stream 1 of right.evz has a sensor of 1280x720";
    let enlarge = "convert small.evz to a size of 1280x720 first";
    let tell = "convert none.evz to a size of 640x480 first";
    let apart = "convert the event streams of two.evz apart, this one to a size of 1280x720, and then \
                 into one file";
    for (first, second, told, advised) in [
        ("small", "large", [large, small], enlarge),
        ("large", "small", [small, large], enlarge),
        ("small", "none", [none, small], tell),
        ("none", "small", [small, none], tell),
        ("two", "right", [right, two], apart),
        ("right", "two", [two, right], apart),
    ] {
        let files = [first, first, second].map(|name| open(&path(&format!("{name}.evz"))));
        let error = join(&files, path("out.evz"), WriteOptions::new()).unwrap_err();
        let error = error.to_string().replace(&*path("").to_string_lossy(), "");
        assert_eq!(error, format!("{}, and {}; {advised}", told[0], told[1]));
        assert!(!path("out.evz").exists());
    }
}

#[test]
fn metadata_that_do_not_stay_are_named() {
    let (_folder, path) = folder();
    for (name, seed) in [("a.evz", 3), ("b.evz", 8), ("c.evz", 8)] {
        stereo(&path(name), seed, Times::Tied);
    }
    let camera = evz_core::StreamInfo {
        serial: "17".to_owned(),
        ..info().with_metadata(Metadata::from([("seed".to_owned(), 3.into())]))
    };
    let writer = WriteOptions::new().create(path("d.evz"), &camera).unwrap();
    writer.finish(&Metadata::new()).unwrap();
    let files = ["a.evz", "b.evz", "c.evz", "d.evz"].map(|name| open(&path(name)));
    let joined = join(&files, path("out.evz"), WriteOptions::new()).unwrap();
    let notes = joined.report.notes.iter().map(ToString::to_string);
    let notes: Vec<String> = notes.filter(|note| note.contains("metadata")).collect();
    let said = [
        ("b.evz", "seed"),
        ("c.evz", "seed"),
        ("d.evz", "serial number of event stream 0"),
    ];
    let said = said.map(|(name, keys)| {
        let name = path(name);
        let name = name.display();
        format!("{name} differs from files before it, whose metadata stay: {keys}")
    });
    assert_eq!(notes, said);
    assert!(!joined.report.has_losses());
}

#[test]
fn a_batch_that_lies_is_not_passed_on() {
    let (_folder, path) = folder();
    stereo(&path("a.evz"), 3, Times::Rising);
    let lies: [fn(&mut SideBatchHead); 3] = [
        |head| head.rows -= 1,
        |head| head.t_min -= 5,
        |head| head.t_max += 7,
    ];
    for lie in lies {
        let mut forgery = Forgery::of(&std::fs::read(path("a.evz")).unwrap());
        for record in &mut forgery.records {
            if let Body::SideBatch(head, _) = &mut record.body {
                lie(head);
            }
        }
        std::fs::write(path("lies.evz"), forgery.believed().write()).unwrap();
        let files = [open(&path("a.evz")), open(&path("lies.evz"))];
        let error = join(&files, path("out.evz"), WriteOptions::new()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("lies.evz: side batch at byte"), "{error}");
        assert!(
            error.contains("its rows are not what its head says of them"),
            "{error}"
        );
        assert!(!path("out.evz").exists());
    }
}

#[test]
fn a_chunk_of_another_stream_is_damage() {
    let (_folder, path) = folder();
    stereo(&path("a.evz"), 3, Times::Rising);
    for stream in [1, 2, u16::MAX] {
        let mut forgery = Forgery::of(&std::fs::read(path("a.evz")).unwrap());
        let chunk = forgery.records.iter_mut().find_map(|r| match &mut r.body {
            Body::Chunk(chunk) => Some(chunk),
            _ => None,
        });
        chunk.unwrap().head.stream = stream;
        std::fs::write(path("lies.evz"), forgery.write()).unwrap();
        let file = open(&path("lies.evz"));
        let out = Output::from_writer(std::io::sink(), "out");
        let mut sink = EvzSink::create(out, file.info(), WriteOptions::new()).unwrap();
        let copied = sink.copy(&file, &Selection::default(), |_, _| {});
        let joined = join(&[file], path("out.evz"), WriteOptions::new());
        for error in [copied.unwrap_err(), joined.unwrap_err()] {
            let error = error.to_string();
            assert!(error.contains("lies.evz: chunk 0 at byte"), "{error}");
            assert!(
                error.contains("the index describes another chunk"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_file_without_its_end_is_joined_with_a_word() {
    let (_folder, path) = folder();
    stereo(&path("a.evz"), 3, Times::Rising);
    let whole = std::fs::read(path("a.evz")).unwrap();
    std::fs::write(path("more.evz"), [&whole[..], &[7; 100]].concat()).unwrap();
    let files = [open(&path("more.evz"))];
    let joined = join(&files, path("out.evz"), WriteOptions::new()).unwrap();
    let name = path("more.evz");
    let what = format!("bytes of {} behind its last whole record", name.display());
    let [loss] = &joined.report.losses[..] else {
        panic!("{:?}", joined.report);
    };
    assert_eq!((&loss.what, loss.count), (&what, 100));
    let note = &joined.report.notes[0].to_string();
    assert!(
        note.contains("more.evz: the file ends without its index"),
        "{note}"
    );
    verify(Input::open(path("out.evz")).unwrap()).unwrap();
}

#[test]
fn metadata_are_edited_behind_the_file_as_it_is() {
    let (_folder, path) = folder();
    let path = path("a.evz");
    let both = stereo(&path, 3, Times::Rising);
    let before = std::fs::read(&path).unwrap();
    edit_metadata(&path, |metadata| {
        metadata.remove("seed");
        metadata.insert("place".to_owned(), "here".into());
        metadata.insert("a.list".to_owned(), Value::Json("[1,[2]]".to_owned()));
        metadata.insert("long".to_owned(), vec![7; 20_000].into());
    })
    .unwrap();
    let after = std::fs::read(&path).unwrap();
    assert_eq!(&after[..before.len()], &before);
    verify(Input::open(&path).unwrap()).unwrap();
    let reader = open(&path);
    let metadata = &reader.info().metadata;
    assert_eq!(metadata["place"], "here".into());
    assert_eq!(metadata["a.list"], Value::Json("[1,[2]]".to_owned()));
    assert_eq!(metadata["long"], vec![7; 20_000].into());
    assert_eq!(metadata["only.3"], true.into());
    assert!(!metadata.contains_key("seed"));
    assert_eq!(read(&reader, &Selection::default()).unwrap(), both[0]);
    assert_eq!(reader.side_batches(0, None).count(), 1);
    // Who reads from front to back comes to the same.
    let out = path.with_file_name("recovered.evz");
    let input = Input::open(&path).unwrap();
    recover(input, &out, WriteOptions::new(), &Metadata::new()).unwrap();
    assert_eq!(open(&out).info().metadata, *metadata);
    // What was there is found by who cuts off what was added.
    let cut = common::open(after[..before.len()].to_vec()).unwrap();
    assert_eq!(cut.info().metadata["seed"], 3.into());
}
