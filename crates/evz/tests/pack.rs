//! Whatever recordings are packed, each comes out of the pack as it went in.
#![cfg(feature = "files")]

use std::path::{Path, PathBuf};

use evz::{
    Clock, ClockKind, Columns, CreateOptions, Event, EventBatch, EventIndex, Packing, ReadOptions,
    Samples, Selection, SensorSize, SideColumn, SideRows, SideValues, StreamInfo, TimeBase,
    create_output,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// A recording, and what is beside its events.
#[derive(Debug, Clone)]
struct Made {
    info: StreamInfo,
    events: Vec<Event>,
    triggers: Vec<i64>,
}

fn event(t: impl Strategy<Value = i64>) -> impl Strategy<Value = Event> {
    (t, 0..300u16, 0..200u16, 0..2u8).prop_map(|(t, x, y, p)| Event { t, x, y, p })
}

/// Times in order or not, near 0, far from it, or as far apart as can be.
fn made() -> impl Strategy<Value = Made> {
    let far = prop_oneof![
        Just(0),
        Just(-5),
        Just(i64::MAX / 1_000_000 - 2_000),
        Just(-(i64::MAX / 1_000_000))
    ];
    let times = (far, 1..2_000i64, any::<bool>());
    let base = prop_oneof![
        Just(TimeBase::MICROSECONDS),
        Just(TimeBase::NANOSECONDS),
        Just(TimeBase::MILLISECONDS)
    ];
    let size = prop_oneof![Just(None), Just(Some((300, 200))), Just(Some((640, 480)))];
    (times, base, size, 0..1000i64).prop_flat_map(|((from, span, sorted), base, size, epoch)| {
        let events = vec(event(0..span), 0..300);
        let triggers = vec(0..span, 0..4);
        (events, triggers).prop_map(move |(mut events, mut triggers)| {
            if sorted {
                events.sort_by_key(|e| e.t);
            }
            events.iter_mut().for_each(|e| e.t += from);
            triggers.iter_mut().for_each(|t| *t += from);
            let size = size.map(|(width, height)| SensorSize { width, height });
            let clock = Clock::of(ClockKind::Unix).with_epoch(epoch);
            let info = StreamInfo::new(base).with_size(size).with_clock(clock);
            Made {
                info,
                events,
                triggers,
            }
        })
    })
}

fn write(path: &Path, made: &Made) {
    let mut sink = evz::create(path, &made.info, &CreateOptions::new(), true).unwrap();
    let batch: EventBatch = made.events.iter().copied().collect();
    sink.write_batch(batch.as_slice()).unwrap();
    if !made.triggers.is_empty() {
        let ids = made.triggers.iter().map(|t| *t as u8).collect();
        let columns = vec![SideColumn::new("id", SideValues::U8(ids))];
        let mut rows = SideRows::new("triggers", columns);
        rows.t = made.triggers.clone();
        assert!(sink.write_side(rows).unwrap());
    }
    let report = sink.finish(&Default::default()).unwrap();
    assert!(!report.has_losses());
}

/// Packs them as `class k % 2 / k.evz`.
fn pack(all: &[Made], folder: &Path) -> Samples {
    let mut recordings = Vec::new();
    for (number, made) in all.iter().enumerate() {
        let name = PathBuf::from(format!("class {}/{number}.evz", number % 2));
        let path = folder.join(format!("{number}.evz"));
        write(&path, made);
        recordings.push((path, name));
    }
    let out = folder.join("pack.evz");
    let report = Packing::default().run(
        &recordings,
        || create_output(&out, true),
        &mut |_, outcome| assert!(outcome.unwrap().lost.is_empty()),
    );
    assert!(!report.unwrap().unwrap().has_losses());
    Samples::of(&ReadOptions::new().open(&out).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn samples_are_the_recordings_that_were_packed(all in vec(made(), 1..12)) {
        let folder = tempfile::tempdir().unwrap();
        let samples = pack(&all, folder.path());
        prop_assert_eq!(samples.len(), all.len());
        let base = samples.reader().info().time_base;
        let labels: Vec<String> = (0..all.len()).map(|k| format!("class {}", k % 2)).collect();
        prop_assert_eq!(samples.labels().unwrap(), labels);
        let (mut batch, mut end) = (EventBatch::default(), 0);
        for (number, made) in all.iter().enumerate() {
            let name = format!("class {}/{number}.evz", number % 2);
            prop_assert_eq!(samples.number(&name).unwrap(), number);
            let sample = samples.get(number).unwrap();
            prop_assert_eq!(sample.name(), &name);
            // The ticks of the pack are the finest of all.
            let scale = i64::try_from(made.info.time_base.ratio_to(base).0).unwrap();
            sample.read(Columns::ALL, &mut batch).unwrap();
            let scaled = |e: &Event| Event { t: e.t * scale, ..*e };
            let expected: EventBatch = made.events.iter().map(scaled).collect();
            prop_assert_eq!(&batch, &expected);
            prop_assert_eq!(sample.size(), made.info.size);
            let epoch = made.info.clock.epoch * scale;
            prop_assert_eq!(sample.info().clock, made.info.clock.with_epoch(epoch));
            let rows = sample.side_rows().unwrap();
            let rows: Vec<_> = rows.map(Result::unwrap).collect();
            let t: Vec<i64> = rows.into_iter().flat_map(|rows| rows.t).collect();
            let expected: Vec<i64> = made.triggers.iter().map(|t| t * scale).collect();
            prop_assert_eq!(t, expected);
            // One stands behind the other.
            let time = sample.time_in_pack();
            prop_assert_eq!(time.start, end);
            end = time.end;
        }
        // The pack is a recording of all their events.
        let extent = EventIndex::extent(samples.reader());
        let n: usize = all.iter().map(|made| made.events.len()).sum();
        prop_assert_eq!(extent.n_events, n as u64);
        samples.reader().read(&Selection::default(), &mut batch).unwrap();
        let pixels: Vec<(u16, u16, u8)> =
            all.iter().flat_map(|made| &made.events).map(|e| (e.x, e.y, e.p)).collect();
        let read: Vec<(u16, u16, u8)> = batch.iter().map(|e| (e.x, e.y, e.p)).collect();
        prop_assert_eq!(read, pixels);
    }
}

/// A recording whose times have no place beside those of the others is left out, with a word.
#[test]
fn what_does_not_fit_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let event = |t| Event {
        t,
        x: 1,
        y: 2,
        p: 1,
    };
    let of = |base, times: &[i64]| Made {
        info: StreamInfo::new(base),
        events: times.iter().copied().map(event).collect(),
        triggers: Vec::new(),
    };
    let (us, ns) = (TimeBase::MICROSECONDS, TimeBase::NANOSECONDS);
    let all = [
        of(us, &[1, 2]),
        of(us, &[i64::MIN, i64::MAX]),
        of(us, &[i64::MAX - 1, i64::MAX]),
        of(ns, &[7]),
    ];
    let paths = all.iter().enumerate().map(|(number, made)| {
        let path = folder.path().join(format!("{number}.evz"));
        write(&path, made);
        (path.clone(), PathBuf::from(path.file_name().unwrap()))
    });
    let paths: Vec<_> = paths.collect();
    let out = folder.path().join("pack.evz");
    let mut failed = Vec::new();
    let report = Packing::default().run(
        &paths,
        || create_output(&out, true),
        &mut |path, outcome| failed.extend(outcome.err().map(|e| (path.to_owned(), e.to_string()))),
    );
    assert!(report.unwrap().is_some());
    let names: Vec<_> = failed.iter().map(|(path, _)| path.clone()).collect();
    assert_eq!(names, [paths[1].0.clone(), paths[2].0.clone()]);
    assert!(failed[0].1.contains("pack it apart"), "{failed:?}");
    let samples = Samples::of(&ReadOptions::new().open(&out).unwrap()).unwrap();
    assert_eq!(samples.names().unwrap(), ["0.evz", "3.evz"]);
    let mut batch = EventBatch::default();
    samples
        .get(1)
        .unwrap()
        .read(Columns::ALL, &mut batch)
        .unwrap();
    assert_eq!(batch.t, [7]);
    samples
        .get(0)
        .unwrap()
        .read(Columns::ALL, &mut batch)
        .unwrap();
    assert_eq!(batch.t, [1_000, 2_000]);
}

/// A table of samples that lies is an error that says where, and no sample leads out of the folder.
#[test]
fn tables_that_lie_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pack.evz");
    let text = |value: &str| SideValues::Text(vec![value.to_owned()]);
    let int = |value: i64| SideValues::I64(vec![value]);
    // One sample of two events at 5 and 6.
    let columns = || {
        vec![
            SideColumn::new("name", text("../../out.bin")),
            SideColumn::new("label", text("")),
            SideColumn::new("events", int(2)),
            SideColumn::new("duration", int(2)),
            SideColumn::new("origin", int(100)),
            SideColumn::new("width", int(0)),
            SideColumn::new("height", int(0)),
            SideColumn::new("clock", SideValues::U8(vec![0])),
            SideColumn::new("epoch", int(0)),
            SideColumn::new("metadata", SideValues::Bytes(vec![Vec::new()])),
        ]
    };
    let open = |start: i64, columns: Vec<SideColumn>| {
        let info = StreamInfo::new(TimeBase::MICROSECONDS);
        let mut sink = evz::create(&path, &info, &CreateOptions::new(), true).unwrap();
        let event = |t| Event {
            t,
            x: 1,
            y: 2,
            p: 1,
        };
        let batch: EventBatch = [5, 6].map(event).into_iter().collect();
        sink.write_batch(batch.as_slice()).unwrap();
        let mut rows = SideRows::new("samples", columns);
        rows.t = vec![start];
        assert!(sink.write_side(rows).unwrap());
        let _ = sink.finish(&Default::default()).unwrap();
        Samples::of(&ReadOptions::new().open(&path).unwrap()).unwrap()
    };
    let with = |name: &str, values: SideValues| {
        let mut columns = columns();
        let at = columns.iter().position(|c| c.name == name).unwrap();
        columns[at].values = values;
        columns
    };
    let mut batch = EventBatch::default();
    let whole = open(5, columns());
    whole
        .get(0)
        .unwrap()
        .read(Columns::ALL, &mut batch)
        .unwrap();
    assert_eq!(batch.t, [100, 101]);
    drop(whole);

    let error = |start, columns| match open(start, columns).get(0) {
        Ok(_) => panic!("it is taken"),
        Err(error) => error.to_string(),
    };
    for (start, columns, says) in [
        (5, with("events", int(-1)), "sample 0 has -1 events"),
        (5, with("duration", int(-1)), "-1 ticks"),
        (i64::MAX, columns(), "2 ticks"),
        (5, with("origin", int(i64::MAX)), "2 ticks"),
        (5, with("width", int(3)), "3x0 pixels"),
        (
            5,
            with("clock", SideValues::U8(vec![9])),
            "a clock of kind 9",
        ),
        (
            5,
            with("metadata", SideValues::Bytes(vec![vec![1]])),
            "has no metadata",
        ),
        (5, with("events", text("2")), "of another type"),
        (5, columns()[1..].to_vec(), "no column \"name\""),
    ] {
        let error = error(start, columns);
        assert!(
            error.contains(says) && error.contains("pack.evz"),
            "{error}"
        );
    }
    // Events that are not where it says.
    let moved = open(6, columns()).get(0).unwrap();
    let error = moved
        .read(Columns::ALL, &mut batch)
        .unwrap_err()
        .to_string();
    assert!(error.contains("1 of its 2 events"), "{error}");
    drop(moved);

    let unpacking = evz::Unpacking {
        format: evz::format("evz").unwrap(),
        writing: CreateOptions::new(),
        replace: false,
    };
    let (inner, said) = (folder.path().join("a/b"), std::sync::Mutex::new(Vec::new()));
    let samples = open(5, columns());
    let _ = unpacking
        .run(&samples, None, &inner, &|_, outcome| {
            said.lock().unwrap().push(outcome.unwrap_err().to_string());
        })
        .unwrap();
    assert!(said.lock().unwrap()[0].contains("no name below a folder"));
    assert!(!folder.path().join("out.evz").exists());
}

/// More samples than rows that are written at once.
#[test]
fn samples_of_many_batches_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let event = |t| Event {
        t,
        x: 1,
        y: 2,
        p: 1,
    };
    let made = Made {
        info: StreamInfo::new(TimeBase::MICROSECONDS),
        events: [7, 9].map(event).to_vec(),
        triggers: Vec::new(),
    };
    let path = folder.path().join("one.evz");
    write(&path, &made);
    let name = |k: usize| format!("{k:05}.evz");
    let all: Vec<_> = (0..5_000)
        .map(|k| (path.clone(), PathBuf::from(name(k))))
        .collect();
    let out = folder.path().join("pack.evz");
    let packed = Packing::default().run(&all, || create_output(&out, true), &mut |_, outcome| {
        assert_eq!(outcome.unwrap().events, 2)
    });
    assert!(packed.unwrap().is_some());
    let samples = Samples::of(&ReadOptions::new().open(&out).unwrap()).unwrap();
    assert_eq!(
        samples.names().unwrap(),
        (0..5_000).map(name).collect::<Vec<_>>()
    );
    let mut batch = EventBatch::default();
    for k in [0, 2_047, 2_048, 4_096, 4_999] {
        let sample = samples.get(k).unwrap();
        sample.read(Columns::ALL, &mut batch).unwrap();
        assert_eq!((sample.name(), &batch.t[..]), (&*name(k), &[7, 9][..]));
        assert_eq!(sample.time_in_pack().start, 3 * k as i64);
    }
}
