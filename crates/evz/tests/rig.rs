//! Several recordings in one file: every stream is what it was, in whole and in every window.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use evz::file::EvzSink;
use evz::{
    Clock, ClockKind, Event, EventBatch, EventSink, EventSlice, Input, Metadata, OnUnsorted,
    OpenOptions, Output, ReadOptions, Reader, Recording, Report, Rig, Selection, SensorSize,
    SideColumn, SideRows, SideValues, StreamInfo, Time, TimeBase, Value, Wanted, WriteOptions,
};
use proptest::prelude::*;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn sink(memory: &Memory, info: &StreamInfo, chunk_events: u32) -> Box<dyn EventSink> {
    let out = Output::from_writer(memory.clone(), "memory");
    let options = WriteOptions::new().with_chunk_events(chunk_events);
    Box::new(EvzSink::create(out, info, options).unwrap())
}

fn recording(info: &StreamInfo, events: &EventBatch, side: &[SideRows]) -> Vec<u8> {
    let memory = Memory::default();
    let mut sink = sink(&memory, info, 1_000);
    sink.write_batch(events.as_slice()).unwrap();
    for rows in side {
        assert!(sink.write_side(rows.clone()).unwrap());
    }
    assert!(!sink.finish(&Metadata::new()).unwrap().has_losses());
    let bytes = memory.0.lock().unwrap();
    bytes.clone()
}

fn streams(bytes: Vec<u8>, name: &str) -> Vec<Recording> {
    evz::open_streams(Input::from_bytes(bytes, name), None, &OpenOptions::new()).unwrap()
}

fn reader(bytes: Vec<u8>) -> Reader {
    ReadOptions::new()
        .open_input(Input::from_bytes(bytes, "rig.evz"))
        .unwrap()
}

/// All of a rig in one file.
fn together(rig: Rig, wanted: &Wanted, chunk_events: u32) -> Vec<u8> {
    let memory = Memory::default();
    let sink = sink(&memory, &rig.info_for_copy(), chunk_events);
    let sources = rig.select(wanted).unwrap();
    let copied = evz::copy_streams(sources, sink, |_, _| {}).unwrap();
    assert!(!copied.report.has_losses());
    assert!(copied.streams.iter().all(|s| !s.report.has_losses()));
    let bytes = memory.0.lock().unwrap();
    bytes.clone()
}

fn read(reader: &Reader, selection: &Selection) -> EventBatch {
    let mut batch = EventBatch::default();
    reader.read(selection, &mut batch).unwrap();
    batch
}

/// Two pairs are the same moment: ticks on a clock, in fractions of a second.
fn same_moment(a: (i64, &StreamInfo), b: (i64, &StreamInfo)) -> bool {
    let seconds = |(t, info): (i64, &StreamInfo)| {
        let ticks = i128::from(t) + i128::from(info.clock.epoch);
        let base = info.time_base;
        (
            ticks * i128::from(base.numerator()),
            i128::from(base.denominator()),
        )
    };
    let ((a, a_parts), (b, b_parts)) = (seconds(a), seconds(b));
    a * b_parts == b * a_parts
}

fn events() -> impl Strategy<Value = EventBatch> {
    let event = (0i64..3_000, 0u16..320, 0u16..240, 0u8..2);
    let events = prop::collection::vec(event, 0..4_000);
    (events, any::<bool>(), 0i64..2_000).prop_map(|(mut events, in_order, start)| {
        if in_order {
            events.sort_by_key(|event| event.0);
        }
        let event = |(t, x, y, p)| Event {
            t: t + start,
            x,
            y,
            p,
        };
        events.into_iter().map(event).collect()
    })
}

fn info() -> impl Strategy<Value = StreamInfo> {
    let bases = vec![
        TimeBase::MICROSECONDS,
        TimeBase::NANOSECONDS,
        TimeBase::new(1, 24_000_000).unwrap(),
        TimeBase::new(2, 3).unwrap(),
    ];
    (prop::sample::select(bases), -5_000i64..5_000).prop_map(|(base, epoch)| {
        let clock = Clock::of(ClockKind::Unix).with_epoch(epoch);
        StreamInfo::new(base).with_clock(clock)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_window_of_every_stream_is_that_of_its_recording(
        parts in prop::collection::vec((info(), events()), 2..4),
        chunk_events in 1u32..2_000,
        windows in prop::collection::vec((-0.1f64..1.1, 0.0f64..1.0), 3),
        numbers in prop::collection::vec((0u64..4_000, 0u64..4_000), 2),
    ) {
        let name = |k: usize| format!("cam{k}.evz");
        let files = parts.iter().enumerate();
        let files = files.map(|(k, (info, events))| streams(recording(info, events, &[]), &name(k)));
        let rig = Rig::new(files.collect()).unwrap();
        let file = reader(together(rig, &Wanted::all(), chunk_events.max(16)));
        prop_assert_eq!(file.streams().len(), parts.len());
        for (k, (info, events)) in parts.iter().enumerate() {
            let stream = file.of_stream(k).unwrap();
            prop_assert_eq!(&stream.info().name, &format!("cam{k}"));
            let all = read(&stream, &Selection::default());
            prop_assert_eq!((&all.x, &all.y, &all.p), (&events.x, &events.y, &events.p));
            for (now, then) in all.t.iter().zip(&events.t) {
                prop_assert!(same_moment((*now, stream.info()), (*then, info)));
            }
            let (Some(min), Some(max)) = (all.t.iter().min(), all.t.iter().max()) else {
                continue;
            };
            let at = |f: f64| min + ((max - min) as f64 * f) as i64;
            for (start, len) in &windows {
                let time = at(*start)..at(start + len);
                let expected: EventBatch = all.iter().filter(|e| time.contains(&e.t)).collect();
                let found = read(&stream, &Selection::default().with_time(time));
                prop_assert_eq!(found, expected);
            }
            for (start, end) in &numbers {
                let range = *start as usize..(*end).min(all.len() as u64) as usize;
                let expected: EventBatch = all.iter().enumerate()
                    .filter(|(i, _)| range.contains(i)).map(|(_, e)| e).collect();
                let found = read(&stream, &Selection::default().with_events(*start..*end));
                prop_assert_eq!(found, expected);
            }
        }
    }
}

fn ramp(n: i64, step: i64) -> EventBatch {
    let event = |i| Event {
        t: i * step,
        x: (i % 300) as u16,
        y: (i % 200) as u16,
        p: (i % 2) as u8,
    };
    (0..n).map(event).collect()
}

/// What is early stands early in the output, whichever stream it is of.
#[test]
fn events_of_all_streams_come_by_time() {
    #[derive(Default)]
    struct Log(Arc<Mutex<Vec<(u16, i64)>>>, u16);

    impl EventSink for Log {
        fn write_batch(&mut self, events: EventSlice<'_>) -> evz::Result<()> {
            self.write_events(0, events)
        }

        fn add_stream(&mut self, _: &StreamInfo) -> evz::Result<Option<u16>> {
            self.1 += 1;
            Ok(Some(self.1))
        }

        fn write_events(&mut self, stream: u16, events: EventSlice<'_>) -> evz::Result<()> {
            self.0.lock().unwrap().push((stream, events.t[0]));
            Ok(())
        }

        fn finish(self: Box<Self>, _: &Metadata) -> evz::Result<Report> {
            Ok(Report::default())
        }
    }

    let us = StreamInfo::new(TimeBase::MICROSECONDS);
    let slow = recording(&us, &ramp(9_000, 3), &[]);
    let fast = recording(&us, &ramp(27_000, 1), &[]);
    let inputs = [streams(slow, "slow.evz"), streams(fast, "fast.evz")];
    let sources = Rig::new(inputs.into())
        .unwrap()
        .select(&Wanted::all())
        .unwrap();
    let log = Log::default();
    let written = log.0.clone();
    let copied = evz::copy_streams(sources, Box::new(log), |_, _| {}).unwrap();
    assert_eq!(
        copied.streams.iter().map(|s| s.events).collect::<Vec<_>>(),
        [9_000, 27_000]
    );
    let written = written.lock().unwrap();
    assert!(
        written.len() >= 36 && written.is_sorted_by_key(|(_, t)| *t),
        "{written:?}"
    );
}

fn triggers(t: &[i64]) -> SideRows {
    let mut rows = SideRows::new(
        "triggers",
        vec![SideColumn::new(
            "id",
            SideValues::U8(t.iter().map(|t| *t as u8).collect()),
        )],
    );
    rows.t = t.to_vec();
    rows
}

/// Sensors, serial numbers, metadata and side streams of each are there, under names of their own,
/// and still after a second copy.
#[test]
fn each_stream_keeps_its_facts_and_tables() {
    let of = |serial: &str, lens: &str, size: u32, base| {
        let metadata = Metadata::from([
            ("author".to_owned(), Value::from("A")),
            ("camera.lens".to_owned(), lens.into()),
        ]);
        let size = SensorSize {
            width: size,
            height: size,
        };
        StreamInfo::new(base)
            .with_serial(serial)
            .with_size(size)
            .with_metadata(metadata)
    };
    let left = of("L1", "8 mm", 640, TimeBase::MICROSECONDS);
    let right = of("R2", "16 mm", 320, TimeBase::MILLISECONDS);
    let inputs = || {
        let left = recording(&left, &ramp(3_000, 1), &[triggers(&[5, 6])]);
        let right = recording(&right, &ramp(30, 1), &[triggers(&[2])]);
        vec![streams(left, "a/left.evz"), streams(right, "b/right.evz")]
    };
    let file = together(Rig::new(inputs()).unwrap(), &Wanted::all(), 1_000);
    let facts = |file: &Reader, k| {
        let info = file.of_stream(k).unwrap().info().clone();
        let text = |key: &str| info.metadata[key].as_text().unwrap().to_owned();
        let texts = ["author", "camera.lens", "source.file"].map(text);
        (
            info.name,
            info.serial,
            info.size.unwrap().width,
            texts.join(" "),
        )
    };
    let check = |file: &Reader| {
        let (l, r) = (facts(file, 0), facts(file, 1));
        assert_eq!(
            (l.0.as_str(), l.1.as_str(), l.2, l.3.as_str()),
            ("left", "L1", 640, "A 8 mm left.evz")
        );
        assert_eq!(
            (r.0.as_str(), r.1.as_str(), r.2, r.3.as_str()),
            ("right", "R2", 320, "A 16 mm right.evz")
        );
        assert_eq!(file.metadata()["camera.1.lens"], Value::from("16 mm"));
        assert!(!file.metadata().contains_key("author.1"));
        let side = file.side_streams().iter();
        let side: Vec<_> = side.map(|s| (s.name.as_str(), s.stream)).collect();
        assert_eq!(side, [("triggers", Some(0)), ("triggers_right", Some(1))]);
        let times = |name: &str| -> Vec<i64> {
            let parts = evz::EventIndex::side_rows(file, name, None).unwrap();
            parts.flat_map(|rows| rows.unwrap().t).collect()
        };
        assert_eq!(
            (times("triggers"), times("triggers_right")),
            (vec![5, 6], vec![2_000])
        );
    };
    let again = Rig::new(vec![streams(file.clone(), "rig.evz")]).unwrap();
    let again = reader(together(again, &Wanted::all(), 1_000));
    let file = reader(file);
    check(&file);
    check(&again);
    for k in 0..2 {
        let of = |file: &Reader| read(&file.of_stream(k).unwrap(), &Selection::default());
        assert_eq!(of(&again), of(&file));
    }
    // Times after the first event are those of the first of all: 10 us to 2 ms.
    let wanted = Wanted::all()
        .with_from(Time::Relative(10_000))
        .with_to(Time::Relative(2_000_001));
    let part = reader(together(Rig::new(inputs()).unwrap(), &wanted, 1_000));
    let of = |k| read(&part.of_stream(k).unwrap(), &Selection::default()).t;
    assert_eq!((of(0), of(1)), ((10..2_001).collect(), vec![1_000, 2_000]));
    let error = Rig::new(vec![inputs().remove(0), inputs().remove(0)])
        .err()
        .unwrap();
    assert_eq!(
        error.to_string(),
        "a/left.evz and a/left.evz would both give an event stream \"left\"; rename one of the files"
    );
}

/// Relative times count from an event that a filter left out, where that stands on the timeline.
#[test]
fn times_count_from_events_that_were_left_out() {
    let of = |base, epoch| {
        let clock = Clock::of(ClockKind::Unix).with_epoch(epoch);
        let event = |t, x| Event { t, x, y: 0, p: 1 };
        let events = [event(3, 0), event(50, 8), event(50, 9)];
        let info = StreamInfo::new(base).with_clock(clock);
        recording(&info, &events.into_iter().collect(), &[])
    };
    let options = OpenOptions::new().with_filter("background=2ms".parse().unwrap());
    let us = streams(of(TimeBase::MICROSECONDS, 7), "us.evz");
    let ms = Input::from_bytes(of(TimeBase::MILLISECONDS, 2), "ms.evz");
    let ms = evz::open_streams(ms, None, &options).unwrap();
    let rig = Rig::new(vec![us, ms]).unwrap();
    // 3 ms after an epoch of 2 ms, in microseconds after one of 7.
    assert_eq!(rig.origins(), [None, Some(4_993)]);
}

/// The times of a camera's frames are on the timeline too.
#[test]
fn times_in_tables_move_with_the_others() {
    let column = |name: &str, v| SideColumn::new(name, SideValues::I64(vec![v]));
    let mut frames = SideRows::new(
        "frames",
        vec![column("frame_begin", 2), column("number", 2)],
    );
    frames.t.push(3);
    let ms = StreamInfo::new(TimeBase::MILLISECONDS);
    let us = StreamInfo::new(TimeBase::MICROSECONDS);
    let inputs = vec![
        streams(recording(&us, &ramp(3, 1), &[]), "us.evz"),
        streams(recording(&ms, &ramp(3, 1), &[frames]), "ms.evz"),
    ];
    let file = reader(together(Rig::new(inputs).unwrap(), &Wanted::all(), 1_000));
    let mut parts = evz::EventIndex::side_rows(&file, "frames", None).unwrap();
    let rows = parts.next().unwrap().unwrap();
    let values: Vec<_> = rows.columns.iter().map(|c| c.values.clone()).collect();
    let one = |v| SideValues::I64(vec![v]);
    assert_eq!((rows.t, values), (vec![3_000], vec![one(2_000), one(2)]));
}

#[test]
fn a_time_that_does_not_fit_is_an_error_of_its_stream() {
    let far: EventBatch = [Event {
        t: i64::MAX / 999,
        x: 1,
        y: 1,
        p: 1,
    }]
    .into_iter()
    .collect();
    let us = StreamInfo::new(TimeBase::MICROSECONDS);
    let ns = StreamInfo::new(TimeBase::NANOSECONDS);
    let inputs = vec![
        streams(recording(&ns, &ramp(3, 1), &[]), "near.evz"),
        streams(recording(&us, &far, &[]), "far.evz"),
    ];
    let rig = Rig::new(inputs).unwrap();
    let memory = Memory::default();
    let sink = sink(&memory, &rig.info_for_copy(), 1_000);
    let sources = rig.select(&Wanted::all()).unwrap();
    let error = evz::copy_streams(sources, sink, |_, _| {})
        .err()
        .unwrap()
        .to_string();
    assert!(error.starts_with("far: time 9232604641496272"), "{error}");
    assert!(
        error.ends_with("convert it into a file of its own"),
        "{error}"
    );
}

/// Two side streams of one recording stay two, whatever another one is called, in the order of the file and sorted.
#[test]
fn side_streams_of_one_recording_are_never_one() {
    let us = StreamInfo::new(TimeBase::MICROSECONDS);
    let called = |name: &str, t: &[i64]| SideRows {
        stream: name.to_owned(),
        ..triggers(t)
    };
    let inputs = || {
        let left = recording(&us, &ramp(300, 1), &[called("imu", &[1, 2])]);
        let right = [called("imu", &[100, 101]), called("imu_right", &[200, 201])];
        let right = recording(&us, &ramp(300, 1), &right);
        [("left.evz", left), ("right.evz", right)]
    };
    for on_unsorted in [OnUnsorted::Keep, OnUnsorted::Sort] {
        let memory = Memory::default();
        let mut conversion = evz::Conversion::new();
        conversion.on_unsorted = on_unsorted;
        let inputs = inputs().map(|(name, bytes)| Input::from_bytes(bytes, name));
        let create = || Ok(Output::from_writer(memory.clone(), "rig.evz"));
        let evz = evz::format("evz").unwrap();
        let done = conversion.run(inputs.into(), evz, create, &mut ());
        assert!(!done.unwrap().report.has_losses());
        let bytes = memory.0.lock().unwrap().clone();
        let file = reader(bytes);
        let mut found: Vec<_> = (file.side_streams().iter())
            .map(|side| {
                let parts = evz::EventIndex::side_rows(&file, &side.name, None).unwrap();
                let times: Vec<i64> = parts.flat_map(|rows| rows.unwrap().t).collect();
                (times, side.stream)
            })
            .collect();
        found.sort();
        let expected = [(vec![1, 2], 0), (vec![100, 101], 1), (vec![200, 201], 1)];
        let expected = expected.map(|(times, of)| (times, Some(of)));
        assert_eq!(found, expected, "{on_unsorted:?}");
    }
}

/// Without an end there is none for a stream whose times are moved either.
#[test]
fn the_largest_time_of_the_timeline_is_in_windows_without_an_end() {
    let unix = |epoch| {
        StreamInfo::new(TimeBase::MICROSECONDS)
            .with_clock(Clock::of(ClockKind::Unix).with_epoch(epoch))
    };
    let at = |t: &[i64]| -> EventBatch {
        t.iter()
            .map(|t| Event {
                t: *t,
                x: 1,
                y: 1,
                p: 1,
            })
            .collect()
    };
    let inputs = vec![
        streams(
            recording(&unix(0), &at(&[i64::MAX - 9, i64::MAX]), &[]),
            "a.evz",
        ),
        streams(
            recording(&unix(7), &at(&[i64::MAX - 9, i64::MAX - 7]), &[]),
            "b.evz",
        ),
    ];
    let wanted = Wanted::all().with_from(Time::Relative(1_000));
    let sources = Rig::new(inputs).unwrap().select(&wanted).unwrap();
    for mut source in sources {
        let mut batch = EventBatch::default();
        let read = source.read_events(&mut batch).unwrap();
        assert!(matches!(read, evz::Next::Events(_)));
        assert_eq!(batch.t.last(), Some(&i64::MAX), "{}", source.info().name);
    }
}
