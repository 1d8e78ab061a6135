//! What is written is read back as the same events, times exact.

mod common;

use common::{KINDS, Kind, info, read_whole, write};
use evz_core::{
    Clock, ClockKind, Event, EventBatch, EventSink, Metadata, Note, OpenOptions, Output, Question,
    SensorSize, TimeBase, Value,
};
use proptest::prelude::*;

fn event() -> impl Strategy<Value = Event> {
    let t = prop_oneof![
        4 => 0..10_000_000_000i64,
        1 => -1000..1000i64,
        1 => 1_500_000_000_000_000..1_600_000_000_000_000i64,
    ];
    (t, any::<u16>(), any::<u16>(), 0..=1u8).prop_map(|(t, x, y, p)| Event { t, x, y, p })
}

fn base() -> impl Strategy<Value = TimeBase> {
    prop::sample::select(vec![1u64, 20, 1_000, 10_000, 15_625, 1_000_000, 33_000_000])
        .prop_map(|ns| TimeBase::from_nanoseconds(ns).unwrap())
}

/// Events with their times in nanoseconds, or none if those do not fit the unit of the table.
fn nanoseconds(events: &EventBatch, base: TimeBase) -> Vec<(i128, u16, u16, u8)> {
    let of = |e: Event| (base.to_nanoseconds(e.t), e.x, e.y, e.p);
    events.iter().map(of).collect()
}

proptest! {
    #[test]
    fn any_events(
        events in prop::collection::vec(event(), 0..200),
        base in base(),
        step in 1..90usize,
    ) {
        let events: EventBatch = events.into_iter().collect();
        for kind in KINDS {
            let written = write(kind, &info(base), &events, &Metadata::new(), step);
            // Ticks of 15,625 ns are nanoseconds in the table, which end in the year 2262.
            let Ok(bytes) = written else {
                let worst = events.t.iter().map(|t| base.to_nanoseconds(*t)).max();
                prop_assert!(worst > Some(i128::from(i64::MAX)));
                continue;
            };
            let back = read_whole(bytes, &OpenOptions::default());
            let expected = nanoseconds(&events, base);
            prop_assert_eq!(nanoseconds(&back.events, back.info.time_base), expected);
        }
    }
}

#[test]
fn units_of_time_are_kept_and_others_become_finer() {
    let events: EventBatch = [Event {
        t: 7,
        x: 1,
        y: 2,
        p: 1,
    }]
    .into_iter()
    .collect();
    for (ns, expected) in [
        (1, TimeBase::NANOSECONDS),
        (1_000, TimeBase::MICROSECONDS),
        (1_000_000, TimeBase::MILLISECONDS),
        (1_000_000_000, TimeBase::MILLISECONDS),
        (10_000, TimeBase::MICROSECONDS),
        (1_500, TimeBase::NANOSECONDS),
    ] {
        let base = TimeBase::from_nanoseconds(ns).unwrap();
        for kind in KINDS {
            let bytes = write(kind, &info(base), &events, &Metadata::new(), 1).unwrap();
            let back = read_whole(bytes, &OpenOptions::default());
            assert_eq!(back.info.time_base, expected, "{ns} {kind:?}");
        }
    }
}

#[test]
fn clocks_with_an_epoch_come_back() {
    let events: EventBatch = [-1, 0, 7, i64::MAX]
        .map(|t| Event {
            t,
            x: 1,
            y: 2,
            p: 1,
        })
        .into_iter()
        .collect();
    let unix = Clock::of(ClockKind::Unix);
    for base in [1, 1_000, 1_000_000].map(|ns| TimeBase::from_nanoseconds(ns).unwrap()) {
        for clock in [
            Clock::default(),
            Clock::of(ClockKind::Sensor),
            unix,
            unix.with_epoch(38_139_915_536_852_832),
            Clock::of(ClockKind::Gps).with_epoch(-5),
        ] {
            let info = info(base).with_clock(clock);
            for kind in KINDS {
                let bytes = write(kind, &info, &events, &Metadata::new(), 3).unwrap();
                let back = read_whole(bytes, &OpenOptions::default());
                assert_eq!(back.info.time_base, base, "{kind:?}");
                assert_eq!(back.info.clock, clock, "{kind:?}");
                assert_eq!(back.events, events, "{kind:?}");
            }
        }
    }
}

/// A timestamp counts milli-, micro- or nanoseconds.
#[test]
fn ticks_that_no_timestamp_counts_are_refused() {
    let events = EventBatch::default();
    for base in [(1, 24_000_000), (1, 3), (5, 3)] {
        let info = info(TimeBase::new(base.0, base.1).unwrap());
        for kind in KINDS {
            let error = write(kind, &info, &events, &Metadata::new(), 3).unwrap_err();
            assert_eq!(error.question(), Some(Question::Round), "{error}");
        }
    }
}

#[test]
fn several_row_groups_and_pages() {
    let events: EventBatch = (0..300_000u32)
        .map(|i| Event {
            t: i64::from(i) * 3 - i64::from(i % 7),
            x: (i * 31 % 1280) as u16,
            y: (i * 17 % 720) as u16,
            p: (i % 3 == 0).into(),
        })
        .collect();
    for kind in KINDS {
        for step in [1_000, 70_001, 300_000] {
            let us = info(TimeBase::MICROSECONDS);
            let bytes = write(kind, &us, &events, &Metadata::new(), step).unwrap();
            let back = read_whole(bytes, &OpenOptions::default());
            assert!(back.events == events, "{kind:?} {step}");
            let backwards = |note: &Note| matches!(note, Note::Backwards { .. });
            assert!(!back.report.notes.iter().any(backwards));
        }
    }
}

#[test]
fn what_is_known_of_a_recording_is_kept() {
    let mut of = info(TimeBase::MICROSECONDS);
    of.size = Some(SensorSize {
        width: 346,
        height: 260,
    });
    of.metadata = [
        ("source.file", Value::from("a.raw")),
        ("source.header", Value::Bytes(vec![0x25, 0xff, 0x0a])),
        ("a number", Value::Int(-5)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let closing = Metadata::from([("at the end".to_owned(), Value::Bool(true))]);
    for kind in KINDS {
        let bytes = write(kind, &of, &EventBatch::default(), &closing, 1).unwrap();
        let back = read_whole(bytes, &OpenOptions::default());
        assert_eq!(back.events.len(), 0);
        assert_eq!(back.info.size, of.size);
        let mut expected = of.metadata.clone();
        // A stream has no place for what is known only at its end.
        if kind != Kind::Stream {
            expected.extend(closing.clone());
        }
        let mut found = back.info.metadata;
        found.extend(back.closing);
        let format = found.remove("source.format");
        assert!(matches!(format, Some(Value::Text(f)) if f == "parquet" || f == "arrow"));
        assert_eq!(found, expected, "{kind:?}");
    }
}

#[test]
fn columns_that_are_no_events_are_refused() {
    let mut events: EventBatch = [Event {
        t: 0,
        x: 0,
        y: 0,
        p: 2,
    }]
    .into_iter()
    .collect();
    let us = info(TimeBase::MICROSECONDS);
    let none = Metadata::new();
    for kind in KINDS {
        let error = write(kind, &us, &events, &none, 1).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a polarity of 2; it is 0 for OFF or 1 for ON"
        );
    }
    events.p[0] = 1;
    events.t[0] = i64::MAX;
    for kind in KINDS {
        let error = write(kind, &info(TimeBase::SECONDS), &events, &none, 1).unwrap_err();
        let expected = "the time 9223372036854775807 does not fit a table in milliseconds";
        assert_eq!(error.what(), expected);
        assert!(error.place().file.as_deref().unwrap().starts_with("out."));
    }
}

#[test]
fn a_stream_says_what_it_has_no_place_for() {
    let closing = Metadata::from([("at the end".to_owned(), Value::Bool(true))]);
    for (name, said) in [("standard output", 1), ("out.ARROWS", 1), ("out.arrow", 0)] {
        let out = Output::from_writer(std::io::sink(), name);
        let sink = Box::new(evz_arrow::IpcSink::create(
            out,
            &info(TimeBase::MICROSECONDS),
        ));
        assert_eq!(sink.finish(&closing).unwrap().notes.len(), said, "{name}");
    }
}
