//! What times count from: moved by one and the same number of ticks, which the epoch takes back.

use std::path::{Path, PathBuf};

use evz::{
    Conversion, Event, EventBatch, EventSource, Next, NextRows, OpenOptions, Origin, Recording,
    Roi, SideRows, SideValues, StreamInfo, Time, TimeBase, Wanted, WriteOptions,
};
use proptest::prelude::*;

const MOVED: [Origin; 3] = [Origin::Clock, Origin::FirstEvent, Origin::FirstWanted];

/// What a source gives, and what its times count from.
#[derive(Debug, Default, PartialEq)]
struct Read {
    epoch: i64,
    offset: i64,
    events: EventBatch,
    /// Times of side streams by their names, of all columns that are times.
    side: Vec<(String, i64)>,
}

fn read(mut source: Box<dyn EventSource>) -> Read {
    let mut read = Read {
        epoch: source.info().clock.epoch,
        offset: source.info().clock_offset,
        ..Read::default()
    };
    let mut batch = EventBatch::default();
    loop {
        match source.read_batch(&mut batch).unwrap() {
            Next::Events(_) => read.events.extend(batch.as_slice()),
            Next::Rows(rows) => read.side.extend(times_of(&rows)),
            Next::End(_) => {
                read.side.sort();
                return read;
            }
        }
    }
}

fn times_of(rows: &SideRows) -> Vec<(String, i64)> {
    let of_frames = ["frame_begin", "frame_end", "exposure_begin", "exposure_end"];
    let columns = rows
        .columns
        .iter()
        .filter_map(|column| match &column.values {
            SideValues::I64(times) if of_frames.contains(&&*column.name) => Some(times),
            _ => None,
        });
    let all = columns.chain([&rows.t]).flatten();
    all.map(|t| (rows.stream.clone(), *t)).collect()
}

/// Checks every origin of what is wanted of a recording.
fn check(open: impl Fn() -> Recording, wanted: &Wanted) {
    let recorded = read(open().select(wanted).unwrap());
    let (_, first) = open().started().unwrap();
    let first_wanted = recorded.events.t.first().copied();
    for origin in MOVED {
        let wanted = wanted.clone().with_origin(origin);
        let mut moved = read(open().select(&wanted).unwrap());
        let ticks = match origin {
            Origin::Clock => -recorded.epoch,
            Origin::FirstEvent => first.unwrap_or(0),
            _ => first_wanted.unwrap_or(0),
        };
        assert_eq!(moved.epoch, recorded.epoch + ticks, "{origin:?}");
        assert_eq!(moved.offset, recorded.offset - ticks, "{origin:?}");
        if origin == Origin::FirstWanted && first_wanted.is_some() {
            assert_eq!(moved.events.t[0], 0);
        }
        if origin == Origin::Clock {
            assert_eq!(moved.epoch, 0);
        }
        // One move back, and it is what was recorded.
        (moved.epoch, moved.offset) = (recorded.epoch, recorded.offset);
        moved.events.t.iter_mut().for_each(|t| *t += ticks);
        moved.side.iter_mut().for_each(|(_, t)| *t += ticks);
        assert_eq!(moved, recorded, "{origin:?}");
        // Rows of a side stream by themselves stand where they stand beside the events.
        let of_events = wanted.roi.is_some() || wanted.events.is_some();
        for stream in open().side_streams().unwrap().iter().filter(|_| !of_events) {
            let mut table = open().into_side_table(stream, &wanted).unwrap();
            assert_eq!(table.clock().epoch, recorded.epoch + ticks);
            let mut times = Vec::new();
            while let NextRows::Rows(rows) = table.next_rows().unwrap() {
                times.extend(times_of(&rows));
            }
            times.iter_mut().for_each(|(_, t)| *t += ticks);
            times.sort();
            let expected = recorded.side.iter().filter(|(name, _)| name == stream);
            assert_eq!(times, expected.cloned().collect::<Vec<_>>(), "{stream}");
        }
    }
}

fn recordings() -> Option<PathBuf> {
    let folder = std::env::var_os("EVZ_RECORDINGS");
    if folder.is_none() {
        eprintln!("skipped: EVZ_RECORDINGS does not say where recordings are");
    }
    folder.map(PathBuf::from)
}

fn converted(from: &Path, to: &Path) {
    let (reading, writing) = (OpenOptions::new(), evz::CreateOptions::new());
    let _ = evz::convert(from, to, &reading, &writing, true).unwrap();
}

#[test]
fn events_and_side_streams_of_recordings_move_together() {
    let Some(folder) = recordings() else { return };
    let scratch = tempfile::tempdir().unwrap();
    let ms = |n: i128| Time::Relative(n * 1_000_000);
    let wanted = [
        Wanted::all(),
        Wanted::all().with_from(ms(20)).with_to(ms(60)),
        Wanted::all().with_events(1_000..2_000),
        Wanted::all().with_from(ms(1)).with_roi(Roi {
            x: 10,
            y: 20,
            width: 200,
            height: 100,
        }),
        Wanted::all().with_from(ms(1 << 40)),
    ];
    for name in ["davis346.aedat4", "evt2.raw", "test_events_1.bag"] {
        let foreign = folder.join(name);
        let own = scratch.path().join("own.evz");
        converted(&foreign, &own);
        for path in [&foreign, &own] {
            for wanted in &wanted {
                check(|| evz::open(path, &OpenOptions::new()).unwrap(), wanted);
            }
        }
    }
}

fn evz_of(times: &[i64], epoch: i64, file: &Path) {
    let clock = evz::Clock::of(evz::ClockKind::Sensor).with_epoch(epoch);
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_clock(clock);
    let events = |i: &i64| Event {
        t: *i,
        x: 1,
        y: 2,
        p: 1,
    };
    let batch = EventBatch::from_iter(times.iter().map(events));
    let _ = std::fs::remove_file(file);
    let mut writer = WriteOptions::new().create(file, &info).unwrap();
    writer.write_batch(batch.as_slice()).unwrap();
    writer.finish(&evz::Metadata::new()).unwrap();
}

proptest! {
    #[test]
    fn any_times_and_epochs(
        times in prop::collection::vec(-1_000_000..1_000_000i64, 0..50),
        epoch in -1_000_000..1_000_000i64,
        from in prop::option::of(-1_000_000..1_000_000i128),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.evz");
        evz_of(&times, epoch, &file);
        let mut wanted = Wanted::all();
        wanted.from = from.map(|us| Time::Relative(us * 1_000));
        let opened = || evz::open(&file, &OpenOptions::new()).unwrap();
        // What the others are compared with is what was written.
        prop_assert_eq!(opened().started().unwrap().1, times.first().copied());
        prop_assert_eq!(read(opened().into_source()).events.t, times);
        check(opened, &wanted);
    }
}

/// What does not fit 64 bits is an error and no other time.
#[test]
fn times_at_the_ends_are_refused_or_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.evz");
    let opened = |origin| {
        let wanted = Wanted::all().with_origin(origin);
        let recording = evz::open(&file, &OpenOptions::new()).unwrap();
        let mut source = recording.select(&wanted)?;
        let mut batch = EventBatch::default();
        let _ = source.read_events(&mut batch)?;
        Ok::<_, evz::Error>(batch.t)
    };
    evz_of(&[i64::MIN, i64::MAX - 1], 0, &file);
    assert!(opened(Origin::FirstEvent).is_err());
    evz_of(&[i64::MIN, -1], -5, &file);
    assert!(opened(Origin::FirstEvent).is_err());
    evz_of(&[i64::MIN + 5, -1], -5, &file);
    assert_eq!(opened(Origin::FirstEvent).unwrap(), [0, i64::MAX - 5]);
    assert_eq!(opened(Origin::Clock).unwrap()[0], i64::MIN);
    evz_of(&[i64::MIN + 4], -5, &file);
    assert!(opened(Origin::Clock).is_err());
}

/// Streams of one file move together, from the first event of all.
#[test]
fn streams_of_a_rig_have_one_origin() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    evz_of(&[30, 50], 100, &at("left.evz"));
    evz_of(&[20, 40, 60], 100, &at("right.evz"));
    for (origin, from, expected) in [
        (Origin::FirstEvent, 0, [vec![10, 30], vec![0, 20, 40]]),
        (Origin::FirstWanted, 11, [vec![10], vec![0, 20]]),
        (Origin::Clock, 0, [vec![130, 150], vec![120, 140, 160]]),
    ] {
        let both = at("both.evz");
        let mut conversion = Conversion::new();
        let wanted = Wanted::all().with_from(Time::Relative(from * 1_000));
        conversion.wanted = wanted.with_origin(origin);
        let inputs = ["left.evz", "right.evz"].map(|name| evz::Input::open(at(name)).unwrap());
        let evz = evz::format("evz").unwrap();
        let output = || evz::create_output(&both, true);
        let _ = conversion.run(inputs.into(), evz, output, &mut ()).unwrap();
        for (name, expected) in ["left", "right"].into_iter().zip(expected) {
            let options = OpenOptions::new().with_stream(name);
            let stream = read(evz::open(&both, &options).unwrap().into_source());
            assert_eq!(stream.events.t, expected, "{origin:?} {name}");
            let absolute = stream.events.t.iter().map(|t| t + stream.epoch);
            let recorded = if name == "left" {
                &[30, 50][..]
            } else {
                &[20, 40, 60]
            };
            let kept = recorded.iter().filter(|t| **t >= 20 + from as i64);
            assert!(absolute.eq(kept.map(|t| t + 100).take(expected.len())));
        }
    }
}
