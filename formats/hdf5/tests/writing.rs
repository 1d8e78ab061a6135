//! Recordings that are written in the layout of DSEC.

mod common;

use std::io::Write;
use std::sync::{Arc, Mutex};

use common::{Recording, bytes, input, read};
use evz_core::{
    Clock, ClockKind, ErrorKind, Event, EventBatch, EventSink, Input, LossKind, Metadata,
    OpenOptions, Output, Question, Report, Result, SensorSize, StreamInfo, TimeBase,
};
use evz_hdf5::Hdf5Sink;
use proptest::prelude::*;

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn write(info: &StreamInfo, events: &EventBatch, step: usize) -> Result<(Vec<u8>, Report)> {
    let shared = Shared::default();
    let out = Output::from_writer(shared.clone(), "out.h5");
    let mut sink = Box::new(Hdf5Sink::create(out, info)?);
    for start in (0..events.len()).step_by(step) {
        let end = events.len().min(start + step);
        sink.write_batch(events.as_slice().slice(start..end))?;
    }
    let report = sink.finish(&Metadata::new())?;
    let bytes = std::mem::take(&mut *shared.0.lock().unwrap());
    Ok((bytes, report))
}

fn read_back(bytes: Vec<u8>) -> Recording {
    let input = Input::from_bytes(bytes, "out.h5");
    read(evz_hdf5::open(input, &OpenOptions::new()).unwrap())
}

fn us() -> StreamInfo {
    StreamInfo::new(TimeBase::MICROSECONDS)
}

fn events(times: impl IntoIterator<Item = i64>) -> EventBatch {
    let event = |(i, t): (u64, i64)| Event {
        t,
        x: (i * 7 % 1280) as u16,
        y: (i * 13 % 720) as u16,
        p: (i % 3 % 2) as u8,
    };
    (0..).zip(times).map(event).collect()
}

#[test]
fn what_is_written_reads_back() {
    let size = SensorSize {
        width: 1280,
        height: 720,
    };
    // So many that trees have two levels.
    for n in [0, 1, 65_536, 65_537, 4_300_000] {
        let events = events((0..n).map(|i| 1_700_000_000_000_000 + i / 3));
        let (bytes, report) = write(&us().with_size(size), &events, 100_000).unwrap();
        assert_eq!(report, Report::default());
        let back = read_back(bytes);
        assert!(back.error.is_none(), "{:?}", back.error);
        assert_eq!(back.losses(), []);
        assert_eq!(back.info.size, Some(size));
        assert!(back.events == events, "{n}");
    }
}

#[test]
fn a_file_of_others_is_written_again() {
    let recording = read(evz_hdf5::open(input("dsec.h5"), &OpenOptions::new()).unwrap());
    let (written, _) = write(&recording.info, &recording.events, 777).unwrap();
    assert_eq!(read_back(written).events, recording.events);
    assert!(bytes("dsec.h5").starts_with(b"\x89HDF"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_events_in_order_read_back(
        start in -1_000_000_000_000i64..1_000_000_000_000,
        steps in prop::collection::vec(0i64..5000, 0..400),
        step in 1usize..100,
    ) {
        let mut t = start;
        let times: Vec<i64> = steps.iter().map(|step| { t += step; t }).collect();
        let events = events(times);
        let (bytes, _) = write(&us(), &events, step).unwrap();
        let back = read_back(bytes);
        prop_assert_eq!(back.events, events);
        prop_assert_eq!(back.info.size, None);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let error = write(&us(), &events([5, 3]), 10).unwrap_err();
    assert_eq!(error.question(), Some(Question::OnUnsorted));
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let error = write(&us(), &events([5, 6 + i64::from(u32::MAX)]), 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "out.h5: event 1: its time is 4294967296 us after the first event, and DSEC counts to 4294967295 \
         us, 71 minutes; set to, or write .evz or .parquet"
    );
    let ns = StreamInfo::new(TimeBase::NANOSECONDS);
    let error = write(&ns, &events([1500]), 1).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no whole number of microseconds")
    );
    let (bytes, _) = write(&ns, &events([2000, 5000]), 1).unwrap();
    assert_eq!(read_back(bytes).events.t, [2, 5]);
    let clock = Clock::of(ClockKind::Sensor).with_epoch(9);
    let (_, report) = write(&us().with_clock(clock), &events([1]), 1).unwrap();
    assert_eq!(report.losses[0].kind, LossKind::Epoch);
}

/// Where chunks lie says nothing of how many cores packed them, nor of how many events came at a time.
#[test]
fn the_same_events_are_the_same_bytes() {
    // Values that pack to another length in each chunk, of more chunks than are packed at a time.
    let events = events((0..20i64 << 16).map(|i| i * (1 + i / 70_000)));
    let on = |threads: usize, step| {
        let pool = evz_core::parallel::Pool::new(move || threads);
        pool.enter(|| write(&us(), &events, step).unwrap().0)
    };
    let one = on(1, 65_536);
    for (threads, step) in [(2, 65_536), (4, 1_000), (1, 300_000), (3, events.len())] {
        assert!(
            on(threads, step) == one,
            "{threads} threads, {step} at a time"
        );
    }
}
