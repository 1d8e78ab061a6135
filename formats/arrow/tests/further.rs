//! Further columns: both ways with every bit, and what cannot be one.

mod common;

use std::sync::Arc;

use arrow_array::*;
use arrow_schema::DataType;
use common::{KINDS, Kind, error, info, open_bytes, read, read_whole, table, write};
use evz_core::{
    ColumnType, ErrorKind, Event, EventBatch, ExtraColumn, LossKind, Metadata, Note, OpenOptions,
    Place, Question, StreamInfo, TimeBase, Values, WayOut,
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use proptest::prelude::*;

/// A column of each type, some with a unit and a description.
fn columns() -> Vec<ExtraColumn> {
    let of = |t: ColumnType| {
        let column = ExtraColumn::new(format!("a {t}, \"é\"."), t);
        match t.number() % 3 {
            0 => column,
            1 => column.with_unit("µV"),
            _ => column.with_description(format!("What {t} holds.\nLine 2.")),
        }
    };
    ColumnType::ALL.map(of).to_vec()
}

/// Bytes of a value of any type; a row takes those of its types.
fn value() -> impl Strategy<Value = [u8; 8]> {
    prop_oneof![
        any::<[u8; 8]>(),
        // NaN with a payload and the sign, signaling NaN, infinity, -0.0; the extremes of integers.
        prop::sample::select(vec![
            0xfff8_0000_0000_1234_u64,
            0x7ff0_0000_0000_0001,
            0x7ff0_0000_0000_0000,
            0x8000_0000_0000_0000,
            0xffc0_1234_ffc0_1234,
            0x7f80_0001_7f80_0001,
            0x8000_0000_8000_0000,
            u64::MAX,
            i64::MAX as u64,
            0,
        ])
        .prop_map(u64::to_le_bytes),
    ]
}

fn events(rows: &[[[u8; 8]; 11]]) -> EventBatch {
    let event = |i: usize| Event {
        t: i as i64,
        x: 1,
        y: 2,
        p: 1,
    };
    let mut events: EventBatch = (0..rows.len()).map(event).collect();
    for (i, column_type) in ColumnType::ALL.into_iter().enumerate() {
        let bytes = |row: &[[u8; 8]; 11]| match column_type {
            ColumnType::Bool => vec![row[i][0] & 1],
            _ => row[i][..column_type.size()].to_vec(),
        };
        let bytes = rows.iter().flat_map(bytes).collect();
        let values = Values::from_bytes(column_type, bytes);
        events.extra.push(values.unwrap());
    }
    events
}

proptest! {
    #[test]
    fn every_bit_of_every_type_comes_back(
        rows in prop::collection::vec(prop::array::uniform11(value()), 0..150),
        step in 1..90usize,
    ) {
        let (events, info) = (events(&rows), us().with_columns(columns()));
        for kind in KINDS {
            let bytes = write(kind, &info, &events, &Metadata::new(), step).unwrap();
            let back = read_whole(bytes, &OpenOptions::default());
            prop_assert_eq!(&back.info.columns, &info.columns);
            prop_assert_eq!(&back.events.t, &events.t);
            if !rows.is_empty() {
                prop_assert_eq!(&back.events.extra, &events.extra);
            }
            prop_assert_eq!(back.report.notes, []);
        }
    }
}

fn us() -> StreamInfo {
    info(TimeBase::MICROSECONDS)
}

#[test]
fn row_groups_and_batches_have_their_own_values() {
    let n = 300_000u32;
    let mut events: EventBatch = (0..n)
        .map(|i| Event {
            t: i.into(),
            x: 1,
            y: 2,
            p: 1,
        })
        .collect();
    events.extra = vec![
        Values::from_slice(&(0..n).map(|i| i % 7 == 0).collect::<Vec<bool>>()),
        Values::from_slice(&(0..n).map(|i| f64::from(i) / 3.0).collect::<Vec<f64>>()),
    ];
    let columns = vec![
        ExtraColumn::new("b", ColumnType::Bool),
        ExtraColumn::new("w", ColumnType::F64),
    ];
    let info = us().with_columns(columns);
    for kind in KINDS {
        let bytes = write(kind, &info, &events, &Metadata::new(), 70_001).unwrap();
        let back = read_whole(bytes, &OpenOptions::default());
        assert!(back.events == events, "{kind:?}");
    }
}

#[test]
fn others_see_the_types_of_arrow() {
    let events = events(&[[[0; 8]; 11], [[0x81; 8]; 11]]);
    let info = us().with_columns(columns());
    let bytes = write(Kind::Parquet, &info, &events, &Metadata::new(), 2).unwrap();
    let mut reader = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
        .unwrap()
        .build()
        .unwrap();
    let batch = reader.next().unwrap().unwrap();
    let types: Vec<&DataType> = batch.schema_ref().fields()[4..]
        .iter()
        .map(|field| {
            assert!(!field.is_nullable());
            field.data_type()
        })
        .collect();
    let expected = [
        DataType::Boolean,
        DataType::Int8,
        DataType::Int16,
        DataType::Int32,
        DataType::Int64,
        DataType::UInt8,
        DataType::UInt16,
        DataType::UInt32,
        DataType::UInt64,
        DataType::Float32,
        DataType::Float64,
    ];
    assert!(types.into_iter().eq(&expected));
    let expected: [ArrayRef; 4] = [
        Arc::new(BooleanArray::from(vec![false, true])),
        Arc::new(Int8Array::from(vec![0, -127])),
        Arc::new(Int16Array::from(vec![0, i16::from_le_bytes([0x81; 2])])),
        Arc::new(Int32Array::from(vec![0, i32::from_le_bytes([0x81; 4])])),
    ];
    for (found, expected) in batch.columns()[4..].iter().zip(expected) {
        assert_eq!(found, &expected);
    }
    let metadata = batch.schema_ref().field(5).metadata();
    assert_eq!(metadata.get("evz.unit").map(String::as_str), Some("µV"));
    assert_eq!(metadata.get("evz.description"), None);
}

#[test]
fn columns_do_not_blow_up() {
    let n = 1 << 17;
    let mut random = 1u64;
    let mut next = move || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    let event = Event {
        t: 1,
        x: 1,
        y: 1,
        p: 1,
    };
    let mut events: EventBatch = (0..n).map(|_| event).collect();
    let noise: Vec<f64> = (0..n)
        .map(|_| f64::from_bits(next() >> 2 | 1 << 61))
        .collect();
    let labels: Vec<i64> = (0..n).map(|_| (next() % 4) as i64).collect();
    events.extra = vec![Values::from_slice(&noise), Values::from_slice(&labels)];
    let columns = vec![
        ExtraColumn::new("noise", ColumnType::F64),
        ExtraColumn::new("label", ColumnType::I64),
    ];
    let info = us().with_columns(columns);
    let bytes = write(Kind::Parquet, &info, &events, &Metadata::new(), n).unwrap();
    // Eight bytes of noise, and two bits of labels.
    assert!(bytes.len() < n * 8 + n * 3 / 8 + 10_000, "{}", bytes.len());
}

type Columns = Vec<(String, ArrayRef)>;

/// Three events and these columns.
fn with(further: impl IntoIterator<Item = (String, ArrayRef)>) -> Columns {
    let events: [(&str, ArrayRef); 4] = [
        ("t_us", Arc::new(Int64Array::from(vec![10, 20, 30]))),
        ("x", Arc::new(UInt16Array::from(vec![1, 2, 3]))),
        ("y", Arc::new(UInt16Array::from(vec![4, 5, 6]))),
        ("p", Arc::new(UInt8Array::from(vec![1, 0, 1]))),
    ];
    let events = events.map(|(name, array)| (name.to_owned(), array));
    events.into_iter().chain(further).collect()
}

fn made(kind: Kind, columns: &Columns) -> Vec<u8> {
    let columns = columns.iter();
    let columns = columns.map(|(name, array)| (&**name, array.clone()));
    table(kind, columns.collect())
}

fn not_read(names: &[&str]) -> Note {
    Note::NotRead {
        what: "columns".to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn told(columns: &str) -> OpenOptions {
    OpenOptions::default().with_columns(columns.parse().unwrap())
}

#[test]
fn columns_of_another_type_are_named() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let times: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1, 2, 3]));
    let label: ArrayRef = Arc::new(Int16Array::from(vec![7, 8, -9]));
    let columns = with([
        ("name".to_owned(), text),
        ("label".to_owned(), label),
        ("seen".to_owned(), times),
    ]);
    for kind in KINDS {
        let found = read_whole(made(kind, &columns), &OpenOptions::default());
        assert_eq!(
            found.info.columns,
            [ExtraColumn::new("label", ColumnType::I16)]
        );
        assert_eq!(found.events.extra, [Values::from_slice(&[7i16, 8, -9])]);
        assert_eq!(found.report.notes, [not_read(&["name", "seen"])]);
        let said = &found.report.inferred[0];
        assert!(said.ends_with("\"label\" (i16)"), "{said}");
    }
}

#[test]
fn no_more_columns_than_a_recording_has() {
    let further = (0..70).map(|i| {
        let array: ArrayRef = Arc::new(UInt8Array::from(vec![i, i + 1, i + 2]));
        (format!("c{i}"), array)
    });
    let columns = with(further);
    for kind in KINDS {
        let found = read_whole(made(kind, &columns), &OpenOptions::default());
        assert_eq!(found.info.columns.len(), 64);
        for (i, values) in found.events.extra.iter().enumerate() {
            let i = i as u8;
            assert_eq!(*values, Values::from_slice(&[i, i + 1, i + 2]));
        }
        let names = ["c64", "c65", "c66", "c67", "c68", "c69"];
        assert_eq!(found.report.notes, [not_read(&names)]);
        // Those that are told are read, also behind them.
        let found = read_whole(made(kind, &columns), &told("t,x,y,p,c69,c3:u8"));
        let names: Vec<&str> = found.info.columns.iter().map(|c| &*c.name).collect();
        assert_eq!(names, ["c3", "c69"]);
        assert_eq!(found.events.extra[1], Values::from_slice(&[69u8, 70, 71]));
    }
}

#[test]
fn names_that_no_column_may_have() {
    let array = |v: u8| Arc::new(UInt8Array::from(vec![v; 3])) as ArrayRef;
    let columns = with([
        (String::new(), array(1)),
        ("a".to_owned(), array(2)),
        ("a".to_owned(), array(3)),
        ("x_pos".to_owned(), array(4)),
    ]);
    for kind in [Kind::File, Kind::Stream] {
        let found = read_whole(made(kind, &columns), &OpenOptions::default());
        let names: Vec<&str> = found.info.columns.iter().map(|c| &*c.name).collect();
        assert_eq!(names, ["a", "x_pos"]);
        let [a, x_pos] = &found.events.extra[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            (a, x_pos),
            (
                &Values::from_slice(&[2u8; 3]),
                &Values::from_slice(&[4u8; 3])
            )
        );
        assert_eq!(found.report.notes, [not_read(&["", "a"])]);
    }
}

#[test]
fn a_null_stops_the_reading_and_the_column_can_be_left_out() {
    let label: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
    let score: ArrayRef = Arc::new(Float64Array::from(vec![0.5, f64::NAN, -0.0]));
    let columns = with([
        ("label".to_owned(), label),
        ("score".to_owned(), score.clone()),
    ]);
    for kind in KINDS {
        let bytes = made(kind, &columns);
        let found = read(open_bytes(bytes.clone(), &OpenOptions::default()).unwrap());
        assert_eq!(found.events.len(), 1, "{kind:?}");
        assert_eq!(found.events.extra[0], Values::from_slice(&[1i64]));
        let error = found.error.unwrap();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(*error.place(), Place::file("events").with_row(1));
        assert_eq!(
            error.what(),
            "column \"label\" is null, and but for floats every event has a value"
        );
        // What it names is accepted.
        let WayOut::Tell(Question::Columns, lists) = &error.ways_out()[0] else {
            panic!("{error}");
        };
        let found = read_whole(bytes, &told(&lists[0]));
        assert_eq!(found.events.t, [10, 20, 30]);
        let score = score.as_any().downcast_ref::<Float64Array>().unwrap();
        assert_eq!(found.events.extra, [Values::from_slice(score.values())]);
        assert_eq!(found.report.notes, [not_read(&["label"])]);
    }
    // A name that no list can hold.
    let half: ArrayRef = Arc::new(Int64Array::from(vec![None, Some(2), Some(3)]));
    let columns = with([("a, b".to_owned(), score), ("half".to_owned(), half)]);
    let found = error(made(Kind::File, &columns), &OpenOptions::default());
    let plain = WayOut::Tell(Question::Columns, vec!["t,x,y,p".to_owned()]);
    assert_eq!(found.ways_out()[0], plain);
    let found = read_whole(made(Kind::File, &columns), &told("t,x,y,p"));
    assert_eq!(found.events.extra, []);
}

#[test]
fn nulls_of_floats_are_nan_and_counted() {
    let single: ArrayRef = Arc::new(Float32Array::from(vec![None, Some(-0.0), None]));
    let double: ArrayRef = Arc::new(Float64Array::from(vec![Some(0.5), Some(1.5), None]));
    let columns = with([("w".to_owned(), single), ("v".to_owned(), double)]);
    for kind in KINDS {
        let found = read(open_bytes(made(kind, &columns), &OpenOptions::default()).unwrap());
        assert!(found.error.is_none());
        let expected = [
            Values::from_slice(&[f32::NAN, -0.0, f32::NAN]),
            Values::from_slice(&[0.5, 1.5, f64::NAN]),
        ];
        assert_eq!(found.events.extra, expected);
        let [loss] = &found.report.losses[..] else {
            panic!("{:?}", found.report);
        };
        assert_eq!((loss.kind, loss.count), (LossKind::Columns, 3));
        assert_eq!(loss.examples, ["row 0: \"w\"", "row 2: \"v\""]);
    }
}

/// Those behind a row that is no event are not.
#[test]
fn nulls_behind_the_end_are_not_counted() {
    let w: ArrayRef = Arc::new(Float32Array::from(vec![None, Some(1.0), None]));
    let mut columns = with([("w".to_owned(), w)]);
    columns[1].1 = Arc::new(Int32Array::from(vec![1, -1, 3]));
    let found = read(open_bytes(made(Kind::File, &columns), &OpenOptions::default()).unwrap());
    assert_eq!(found.events.extra, [Values::from_slice(&[f32::NAN])]);
    assert_eq!(found.report.losses[0].count, 1);
}

/// The earlier of two rows that are no event is told of.
#[test]
fn a_null_behind_a_row_that_is_no_event() {
    let label: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None]));
    let mut columns = with([("label".to_owned(), label)]);
    columns[1].1 = Arc::new(Int32Array::from(vec![1, -1, 3]));
    let found = error(made(Kind::Parquet, &columns), &OpenOptions::default());
    assert!(found.what().starts_with("x is -1"), "{found}");
    columns[1].1 = Arc::new(Int32Array::from(vec![1, 1, -3]));
    let found = error(made(Kind::Parquet, &columns), &OpenOptions::default());
    assert!(found.what().starts_with("x is -3"), "{found}");
}

#[test]
fn columns_that_are_told_and_are_not_there() {
    let label: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
    let columns = with([("label".to_owned(), label)]);
    for (list, what) in [
        (
            "t,x,y,p,labels",
            "it has no column \"labels\" of numbers or truth beside its events",
        ),
        (
            "t,x,y,p,label:u8",
            "column \"label\" is of type i64, and u8 is told",
        ),
    ] {
        let found = error(made(Kind::Parquet, &columns), &told(list));
        assert_eq!(found.kind(), ErrorKind::InvalidArgument);
        let expected = format!("events: {what}; leave out columns");
        assert_eq!(found.to_string(), expected);
    }
}
