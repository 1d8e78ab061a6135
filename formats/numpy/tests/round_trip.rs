//! What the sinks write comes back.

mod common;

use common::{KINDS, Kind, info, read_whole, write};
use evz_core::{
    Clock, ClockKind, ColumnType, CreateOptions, Event, EventBatch, ExtraColumn, Metadata,
    OpenOptions, Output, SensorSize, TimeBase, Value, Values,
};
use evz_numpy::FORMATS;
use proptest::prelude::*;

fn event() -> impl Strategy<Value = Event> {
    (any::<i64>(), any::<u16>(), any::<u16>(), 0..2u8).prop_map(|(t, x, y, p)| Event { t, x, y, p })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[^\u{0}]*".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
        any::<i64>().prop_map(Value::Int),
        (-1e300..1e300).prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
    ]
}

fn base() -> impl Strategy<Value = TimeBase> {
    prop_oneof![
        (1..3_000_000_000u64).prop_map(|ns| TimeBase::from_nanoseconds(ns).unwrap()),
        Just(TimeBase::per_second(24_000_000).unwrap()),
        Just(TimeBase::new(1, 3).unwrap()),
        (1..1_000u64, 1..1_000u64).prop_map(|(n, d)| TimeBase::new(n, d).unwrap()),
    ]
}

fn clock() -> impl Strategy<Value = Clock> {
    (prop::sample::select(&ClockKind::ALL[..]), any::<i64>())
        .prop_map(|(kind, epoch)| Clock::of(kind).with_epoch(epoch))
}

/// Further columns with names of any kind.
fn columns() -> impl Strategy<Value = Vec<ExtraColumn>> {
    let taken = [
        "time",
        "X",
        "t_us",
        "y@9",
        "width",
        "meta.a",
        "column.on",
        "unit.a",
    ];
    let name = prop_oneof![
        "[a-z]{1,6}",
        "[a-zé€'\\\\\"/. \n\u{1f600}]{1,8}",
        prop::sample::select(taken.map(str::to_owned).to_vec()),
    ];
    let name = name.prop_filter("a name of its own", |name| {
        !["t", "x", "y", "p"].contains(&name.as_str())
    });
    let said = "[a-zé% ]{0,5}";
    let column = (prop::sample::select(&ColumnType::ALL[..]), said, said);
    prop::collection::btree_map(name, column, 0..14).prop_map(|columns| {
        let columns = columns
            .into_iter()
            .map(|(name, (column_type, unit, description))| {
                let column = ExtraColumn::new(name, column_type).with_unit(unit);
                column.with_description(description)
            });
        columns.collect()
    })
}

/// Values with any bits: floats that are no number, and zeros with a sign.
fn any_bits(column_type: ColumnType, n: usize, mut state: u64) -> Values {
    let mut random = || {
        // Knuth's generator; the high bits are the random ones.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 40) as u8
    };
    let bytes = (0..n * column_type.size()).map(|_| random());
    let bytes: Vec<u8> = match column_type {
        ColumnType::Bool => bytes.map(|b| b & 1).collect(),
        _ => bytes.collect(),
    };
    Values::from_bytes(column_type, bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_events(
        events in prop::collection::vec(event(), 0..300),
        base in base(),
        clock in clock(),
        size in prop::option::of((1..100_000u32, 1..100_000u32)),
        metadata in prop::collection::btree_map("[a-z.é/]{1,12}", value(), 0..5),
        columns in columns(),
        seed in 0..u64::MAX / 2,
        step in 1..400usize,
    ) {
        let mut events: EventBatch = events.into_iter().collect();
        events.extra = (columns.iter().zip(seed..))
            .map(|(column, seed)| any_bits(column.column_type, events.t.len(), seed))
            .collect();
        let mut info = info(base).with_clock(clock);
        info.size = size.map(|(width, height)| SensorSize { width, height });
        info.metadata = metadata.clone();
        info.columns = columns.clone();
        let bare: Vec<_> = (columns.iter())
            .map(|c| ExtraColumn::new(&c.name, c.column_type))
            .collect();
        let closing = Metadata::from([("closing".to_owned(), Value::Bool(true))]);
        for kind in KINDS {
            let bytes = write(kind, &info, &events, &closing, step).unwrap();
            let back = read_whole(bytes, &OpenOptions::new());
            prop_assert_eq!(&back.events, &events);
            prop_assert_eq!(back.info.time_base, info.time_base);
            prop_assert_eq!(back.info.size, info.size);
            let kept = if kind == Kind::Npz { &columns } else { &bare };
            prop_assert_eq!(&back.info.columns, kept);
            if kind == Kind::Npz {
                prop_assert_eq!(back.info.clock, clock);
                let mut expected = metadata.clone();
                expected.extend(closing.clone());
                for (key, value) in expected {
                    prop_assert_eq!(&back.info.metadata[&key], &value);
                }
            }
        }
    }
}

/// Enough events for several blocks of every column.
fn many() -> EventBatch {
    let mut state = 1u64;
    (0..700_000)
        .map(|i| {
            // Knuth's generator; the high bits are the random ones.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let random = state >> 33;
            Event {
                t: i * 3,
                x: (random % 640) as u16,
                y: (random / 640 % 480) as u16,
                p: (random >> 30) as u8 & 1,
            }
        })
        .collect()
}

#[test]
fn many_events_in_steps_of_any_size() {
    let events = many();
    let info = info(TimeBase::MICROSECONDS);
    for kind in KINDS {
        for step in [1_000, 65_536, 700_000] {
            let bytes = write(kind, &info, &events, &Metadata::new(), step).unwrap();
            let found = read_whole(bytes, &OpenOptions::new());
            assert!(found.events == events, "{kind:?} {step}");
        }
    }
}

#[test]
fn the_same_bytes_every_time() {
    let events = many();
    let info = info(TimeBase::MICROSECONDS);
    for kind in KINDS {
        let write = |step| write(kind, &info, &events, &Metadata::new(), step).unwrap();
        assert!(write(700_000) == write(700_000), "{kind:?}");
    }
}

#[test]
fn what_is_no_column_of_events() {
    let info = info(TimeBase::MICROSECONDS);
    for kind in KINDS {
        let mut events = many();
        events.p[5] = 2;
        let error = write(kind, &info, &events, &Metadata::new(), 100).unwrap_err();
        assert!(error.to_string().contains("a polarity of 2"), "{error}");
    }
}

#[test]
fn an_epoch_is_lost_where_there_is_no_place_for_it() {
    let npy = FORMATS.iter().find(|f| f.name == "npy").unwrap();
    for (epoch, losses) in [(0, 0), (1, 1)] {
        let clock = Clock::of(ClockKind::Unix).with_epoch(epoch);
        let info = info(TimeBase::MICROSECONDS).with_clock(clock);
        let out = Output::from_writer(std::io::sink(), "out");
        let sink = (npy.create.unwrap())(out, &info, &CreateOptions::new()).unwrap();
        let report = sink.finish(&Metadata::new()).unwrap();
        assert_eq!(report.losses.len(), losses);
    }
}
