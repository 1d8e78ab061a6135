//! Tables that other people made: names, types, units, and what is wrong with some.

mod common;

use std::sync::Arc;

use arrow_array::*;
use common::{KINDS, Kind, error, open_bytes, read, read_whole, table, write};
use evz_core::{
    Clock, ClockKind, ErrorKind, Event, Note, OpenOptions, Place, Question, SensorSize, TimeBase,
    TimeUnit,
};

type Columns = Vec<(&'static str, ArrayRef)>;

fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

/// Three events with the times that are given.
fn columns(name: &'static str, t: ArrayRef) -> Columns {
    vec![
        (name, t),
        ("x", array(UInt16Array::from(vec![1, 2, 65535]))),
        ("y", array(UInt16Array::from(vec![4, 5, 6]))),
        ("p", array(BooleanArray::from(vec![true, false, true]))),
    ]
}

fn with(name: &'static str, column: ArrayRef) -> Columns {
    let t = array(DurationMicrosecondArray::from(vec![10, 20, 30]));
    let mut columns = columns("t", t);
    let old = columns.iter_mut().find(|(n, _)| *n == name).unwrap();
    old.1 = column;
    columns
}

fn us() -> OpenOptions {
    OpenOptions::default().with_time_unit(TimeUnit::Microseconds)
}

const EXPECTED: [Event; 3] = [
    Event {
        t: 10,
        x: 1,
        y: 4,
        p: 1,
    },
    Event {
        t: 20,
        x: 2,
        y: 5,
        p: 0,
    },
    Event {
        t: 30,
        x: 65535,
        y: 6,
        p: 1,
    },
];

fn expect(columns: Columns, options: &OpenOptions, base: TimeBase) -> String {
    let mut said = String::new();
    for kind in KINDS {
        let found = read_whole(table(kind, columns.clone()), options);
        assert!(
            found.events.iter().eq(EXPECTED),
            "{kind:?} {:?}",
            found.events
        );
        assert_eq!(found.info.time_base, base, "{kind:?}");
        said = found.report.inferred.join(";");
    }
    said
}

#[test]
fn times_of_a_type_with_a_unit() {
    let t = vec![10, 20, 30];
    for (column, base) in [
        (
            array(TimestampSecondArray::from(t.clone())),
            TimeBase::SECONDS,
        ),
        (
            array(TimestampMillisecondArray::from(t.clone())),
            TimeBase::MILLISECONDS,
        ),
        (
            array(TimestampMicrosecondArray::from(t.clone())),
            TimeBase::MICROSECONDS,
        ),
        (
            array(TimestampNanosecondArray::from(t.clone()).with_timezone("UTC")),
            TimeBase::NANOSECONDS,
        ),
        (
            array(DurationSecondArray::from(t.clone())),
            TimeBase::SECONDS,
        ),
        (
            array(DurationMillisecondArray::from(t.clone())),
            TimeBase::MILLISECONDS,
        ),
        (
            array(DurationMicrosecondArray::from(t.clone())),
            TimeBase::MICROSECONDS,
        ),
        (
            array(DurationNanosecondArray::from(t)),
            TimeBase::NANOSECONDS,
        ),
    ] {
        expect(columns("timestamp", column), &OpenOptions::default(), base);
    }
}

/// With a time zone, whichever it is, it counts from 1970 in UTC; without one, or with an empty one, from 1970 in
/// one that is not known (`Schema.fbs`, `Timestamp`).
#[test]
fn a_timestamp_with_a_time_zone_is_on_the_clock_of_1970() {
    let t = vec![10, 20, 30];
    for (zone, expected) in [
        (None, ClockKind::Unknown),
        (Some(""), ClockKind::Unknown),
        (Some("UTC"), ClockKind::Unix),
        (Some("+09:00"), ClockKind::Unix),
        (Some("Europe/Paris"), ClockKind::Unix),
    ] {
        for column in [
            array(TimestampSecondArray::from(t.clone()).with_timezone_opt(zone)),
            array(TimestampMillisecondArray::from(t.clone()).with_timezone_opt(zone)),
            array(TimestampMicrosecondArray::from(t.clone()).with_timezone_opt(zone)),
            array(TimestampNanosecondArray::from(t.clone()).with_timezone_opt(zone)),
        ] {
            for kind in KINDS {
                let table = table(kind, columns("t", column.clone()));
                let found = read_whole(table, &OpenOptions::default());
                let clock = Clock::of(expected);
                assert_eq!(found.info.clock, clock, "{kind:?} {}", column.data_type());
                assert!(found.events.iter().eq(EXPECTED), "{kind:?}");
                // Written without a zone, with the clock beside it.
                let written = write(kind, &found.info, &found.events, &found.closing, 3).unwrap();
                let back = read_whole(written, &OpenOptions::default());
                assert_eq!(back.info.clock, clock, "{kind:?}");
            }
        }
    }
}

#[test]
fn whole_numbers_of_any_width_in_a_unit_that_is_told() {
    for column in [
        array(Int8Array::from(vec![10, 20, 30])),
        array(Int16Array::from(vec![10, 20, 30])),
        array(Int32Array::from(vec![10, 20, 30])),
        array(Int64Array::from(vec![10, 20, 30])),
        array(UInt8Array::from(vec![10, 20, 30])),
        array(UInt16Array::from(vec![10, 20, 30])),
        array(UInt32Array::from(vec![10, 20, 30])),
        array(UInt64Array::from(vec![10, 20, 30])),
    ] {
        let columns = columns("ts", column);
        let said = expect(columns.clone(), &us(), TimeBase::MICROSECONDS);
        assert!(said.contains("microseconds as told"), "{said}");
        for kind in KINDS {
            let found = error(table(kind, columns.clone()), &OpenOptions::default());
            assert_eq!(found.kind(), ErrorKind::Ambiguous);
            assert_eq!(found.question(), Some(Question::TimeUnit));
            let expected = "events: column \"ts\" holds whole numbers, and nothing says of which \
                            unit; set time_unit to s, ms, us or ns";
            assert_eq!(found.to_string(), expected);
        }
    }
    let named = columns("t_us", array(UInt32Array::from(vec![10, 20, 30])));
    let said = expect(named, &OpenOptions::default(), TimeBase::MICROSECONDS);
    assert!(said.contains("microseconds by its name"), "{said}");
}

#[test]
fn names_may_say_the_tick_and_the_sensor() {
    let mut columns = columns("t_25ns", array(UInt32Array::from(vec![10, 20, 30])));
    let base = TimeBase::from_nanoseconds(25).unwrap();
    expect(columns.clone(), &OpenOptions::default(), base);
    (columns[1].0, columns[2].0) = ("x@346", "y@260");
    for kind in KINDS {
        let found = read_whole(table(kind, columns.clone()), &OpenOptions::default());
        let (width, height) = (346, 260);
        assert_eq!(found.info.size, Some(SensorSize { width, height }));
    }
}

#[test]
fn floats_are_seconds_or_what_is_told() {
    let seconds = columns("time", array(Float64Array::from(vec![10e-6, 20e-6, 30e-6])));
    let said = expect(seconds, &OpenOptions::default(), TimeBase::MICROSECONDS);
    assert_eq!(
        said,
        "read as: t = \"time\" (Float64, seconds for they are floats, to the microsecond), x = \
         \"x\" (UInt16), y = \"y\" (UInt16), p = \"p\" (Boolean)"
    );
    let single = columns("time", array(Float32Array::from(vec![10e-6, 20e-6, 30e-6])));
    expect(single, &OpenOptions::default(), TimeBase::MICROSECONDS);
    let microseconds = columns("time", array(Float64Array::from(vec![10.0, 20.0, 30.0])));
    expect(microseconds.clone(), &us(), TimeBase::MICROSECONDS);
    for kind in KINDS {
        let found = error(table(kind, microseconds.clone()), &OpenOptions::default());
        assert_eq!(found.question(), Some(Question::TimeUnit), "{found}");
    }
}

/// A first row alone may be a whole second.
#[test]
fn floats_in_batches_of_a_row() {
    let row = |i: i32| {
        let columns = vec![
            ("t", array(Float64Array::from(vec![f64::from(i) * 1e-9]))),
            ("x", array(UInt16Array::from(vec![1]))),
            ("y", array(UInt16Array::from(vec![2]))),
            ("p", array(BooleanArray::from(vec![true]))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let rows: Vec<RecordBatch> = (0..300).map(row).collect();
    for kind in KINDS {
        let found = read_whole(common::batches(kind, &rows), &OpenOptions::default());
        assert_eq!(found.info.time_base, TimeBase::NANOSECONDS, "{kind:?}");
        assert_eq!(found.events.t, (0..300).collect::<Vec<i64>>(), "{kind:?}");
        assert!(found.report.losses.is_empty(), "{kind:?}");
    }
}

#[test]
fn floats_that_are_rounded_are_a_loss() {
    // The first rows, from which the tick is found, are whole microseconds.
    let mut t: Vec<f64> = (0..2_000_000).map(|i| f64::from(i) * 1e-6).collect();
    t[1_999_998] += 0.25e-6;
    let n = t.len();
    let columns = vec![
        ("t", array(Float64Array::from(t))),
        ("x", array(UInt8Array::from(vec![3; n]))),
        ("y", array(Int64Array::from(vec![3; n]))),
        ("p", array(UInt8Array::from(vec![1; n]))),
    ];
    let found = read(open_bytes(table(Kind::File, columns), &OpenOptions::default()).unwrap());
    assert_eq!(found.events.t[n - 3..], [1_999_997, 1_999_998, 1_999_999]);
    assert_eq!(found.report.losses.len(), 1);
    let loss = &found.report.losses[0];
    assert_eq!(loss.count, 1);
    assert_eq!(
        loss.what,
        "times between two ticks of microseconds, rounded"
    );
    assert!(
        loss.examples[0].starts_with("row 1999998: 1.99999825"),
        "{loss:?}"
    );
}

#[test]
fn polarities_of_any_type() {
    for column in [
        array(Int8Array::from(vec![1, -1, 1])),
        array(Int64Array::from(vec![1, 0, 1])),
        array(UInt8Array::from(vec![1, 0, 1])),
        array(Float32Array::from(vec![1.0, -1.0, 1.0])),
    ] {
        expect(
            with("p", column),
            &OpenOptions::default(),
            TimeBase::MICROSECONDS,
        );
    }
}

#[test]
fn coordinates_of_any_type() {
    for column in [
        array(Int32Array::from(vec![4, 5, 6])),
        array(UInt8Array::from(vec![4, 5, 6])),
        array(UInt64Array::from(vec![4, 5, 6])),
        array(Float64Array::from(vec![4.0, 5.0, 6.0])),
    ] {
        expect(
            with("y", column),
            &OpenOptions::default(),
            TimeBase::MICROSECONDS,
        );
    }
}

#[test]
fn columns_in_another_order_and_others_beside_them() {
    let t = array(DurationMicrosecondArray::from(vec![10, 20, 30]));
    let mut columns = columns("TimeStamp", t);
    columns.reverse();
    columns[0].0 = "on";
    columns.insert(1, ("label", array(StringArray::from(vec!["a", "b", "c"]))));
    columns.insert(
        0,
        (
            "views",
            array(StringViewArray::from(vec![
                "",
                "b",
                "a text of more than twelve bytes",
            ])),
        ),
    );
    let values = Int32Array::from(vec![1, 2, 3]);
    let item = Arc::new(arrow_schema::Field::new(
        "item",
        arrow_schema::DataType::Int32,
        true,
    ));
    let offsets = arrow_buffer::OffsetBuffer::from_lengths([1, 0, 2]);
    let list = ListArray::new(item, offsets, array(values), None);
    columns.insert(3, ("list", array(list)));
    let keys = Int8Array::from(vec![0, 1, 0]);
    let dictionary = DictionaryArray::new(keys, array(StringArray::from(vec!["u", "v"])));
    columns.insert(2, ("category", array(dictionary)));
    columns.push(("none", array(NullArray::new(3))));
    for kind in KINDS {
        let found = read_whole(table(kind, columns.clone()), &OpenOptions::default());
        assert!(found.events.iter().eq(EXPECTED), "{kind:?}");
        let names = ["views", "category", "label", "list", "none"];
        let note = Note::NotRead {
            what: "columns".to_owned(),
            names: names.map(str::to_owned).into(),
        };
        assert_eq!(found.report.notes, [note]);
    }
}

#[test]
fn a_row_that_is_no_event_stops_the_reading_behind_those_before_it() {
    let cases: [(&str, ArrayRef, &str); 7] = [
        (
            "x",
            array(Int32Array::from(vec![1, 70_000, 3])),
            "x is 70000, where a whole number from 0 to 65535 is expected",
        ),
        (
            "x",
            array(Int32Array::from(vec![1, -1, 3])),
            "x is -1, where a whole number from 0 to 65535 is expected",
        ),
        (
            "y",
            array(Float64Array::from(vec![4.0, 5.5, 3.0])),
            "y is 5.5, where a whole number from 0 to 65535 is expected",
        ),
        (
            "p",
            array(UInt8Array::from(vec![1, 7, 1])),
            "the polarity is 7, where 0 or 1, or -1 or 1 is expected",
        ),
        (
            "p",
            array(BooleanArray::from(vec![Some(true), None, None])),
            "the polarity is null",
        ),
        (
            "x",
            array(UInt16Array::from(vec![Some(1), None, Some(2)])),
            "the x is null",
        ),
        (
            "t",
            array(Float64Array::from(vec![10e-6, f64::NAN, 1.0])),
            "the time is NaN, which no tick of microseconds is",
        ),
    ];
    for (name, column, what) in cases {
        for kind in KINDS {
            let bytes = table(kind, with(name, column.clone()));
            let found = read(open_bytes(bytes, &OpenOptions::default()).unwrap());
            assert_eq!(found.events.len(), 1, "{kind:?} {name} {what}");
            let error = found.error.unwrap();
            assert_eq!(*error.place(), Place::file("events").with_row(1));
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            // What the rows around it have follows.
            assert!(error.what().starts_with(what), "{}", error.what());
        }
    }
}

#[test]
fn tables_that_are_no_events() {
    let t = array(DurationMicrosecondArray::from(vec![10, 20, 30]));
    let mut missing = columns("t", t.clone());
    missing.pop();
    let found = error(table(Kind::Parquet, missing), &OpenOptions::default());
    assert!(
        (found.what()).starts_with("it has no column p, pol, polarity, on"),
        "{found}"
    );
    let mut two = columns("ts", t.clone());
    two.push(("time", t.clone()));
    let found = error(table(Kind::File, two), &OpenOptions::default());
    assert_eq!(
        found.to_string(),
        "events: both \"ts\" and \"time\" may be t; set paths to t=ts,x=x,y=y,p=p or t=time,x=x,y=y,p=p"
    );
    let text = with("x", array(StringArray::from(vec!["1", "2", "3"])));
    for kind in KINDS {
        let found = error(table(kind, text.clone()), &OpenOptions::default());
        assert_eq!(
            found.to_string(),
            "events: column \"x\" is of type Utf8, and a number is expected; cast it first"
        );
    }
    let ms = OpenOptions::default().with_time_unit(TimeUnit::Milliseconds);
    let found = error(table(Kind::Stream, columns("t", t)), &ms);
    assert_eq!(found.kind(), ErrorKind::InvalidArgument);
    assert!(
        (found.to_string()).contains("says microseconds; leave out time_unit"),
        "{found}"
    );
}

#[test]
fn the_sensor_and_the_order_are_looked_at() {
    let t = array(DurationMicrosecondArray::from(vec![10, 9, 30]));
    let size = SensorSize {
        width: 2,
        height: 300,
    };
    let options = OpenOptions::default().with_size(size);
    for kind in KINDS {
        let found = read_whole(table(kind, columns("t", t.clone())), &options);
        assert_eq!(found.info.size, Some(size));
        let backwards = Note::Backwards {
            times: Some(1),
            first: Some(Place::default().with_row(1)),
        };
        let beyond = Note::BeyondSensor {
            events: Some(2),
            size,
            reach: Some((65_535, 6)),
        };
        assert_eq!(found.report.notes, [backwards, beyond]);
    }
}
