//! Rows of side streams to tables and back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{DurationMicrosecondType, Int64Type};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray, UInt8Array};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use evz_core::{ErrorKind, SideColumn, SideRows, SideValues, TimeBase};
use evz_table::{from_ipc, record_batch, schema, to_ipc};

fn frames(first: i64) -> SideRows {
    SideRows {
        stream: "frames".to_owned(),
        of: None,
        t: vec![first, first + 40_000],
        columns: vec![
            SideColumn::new("width", SideValues::U16(vec![346, 346])),
            SideColumn::new("format", SideValues::U8(vec![0, 1])),
            SideColumn::new("exposure_end", SideValues::I64(vec![-1, i64::MAX])),
            SideColumn::new("gain", SideValues::F32(vec![0.1, 2.0])),
            SideColumn::new("rising", SideValues::Bool(vec![true, false])),
            SideColumn::new("pixels", SideValues::Bytes(vec![vec![1, 2, 3], vec![]])),
        ],
    }
}

/// Ticks of the clock of a sensor, which Arrow has no unit for.
fn odd() -> TimeBase {
    TimeBase::from_nanoseconds(15_625).unwrap()
}

/// A stream by the library's writer.
fn stream(batches: &[RecordBatch]) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    batches.iter().for_each(|b| writer.write(b).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn other_readers_read_what_is_written() {
    let rows = frames(1_000);
    let ipc = to_ipc(&rows, TimeBase::MICROSECONDS).unwrap();
    let reader = StreamReader::try_new(ipc.as_slice(), None).unwrap();
    let expected = schema(&rows, TimeBase::MICROSECONDS);
    assert_eq!(*arrow_array::RecordBatchReader::schema(&reader), expected);
    let batches: Vec<RecordBatch> = reader.map(|b| b.unwrap()).collect();
    assert_eq!(batches.len(), 1);
    let t = batches[0]
        .column(0)
        .as_primitive::<DurationMicrosecondType>();
    assert_eq!(t.values(), &[1_000, 41_000]);
    assert_eq!(batches[0].column(6).as_binary::<i32>().value(0), [1, 2, 3]);
    let t = record_batch(&frames(7), odd()).unwrap().column(0).clone();
    assert_eq!(t.as_primitive::<Int64Type>().values(), &[7, 40_007]);
}

#[test]
fn tables_become_rows_again() {
    for base in [
        TimeBase::MICROSECONDS,
        odd(),
        TimeBase::per_second(24_000_000).unwrap(),
    ] {
        let rows = frames(1_000);
        let ipc = to_ipc(&rows, base).unwrap();
        assert_eq!(from_ipc("frames", &ipc).unwrap(), rows);
        let none = SideRows::new("frames", Vec::new());
        let ipc = to_ipc(&none, base).unwrap();
        assert_eq!(from_ipc("frames", &ipc).unwrap(), none);
    }
    let us = TimeBase::MICROSECONDS;
    let batches = [frames(0), frames(9)].map(|rows| record_batch(&rows, us).unwrap());
    let mut expected = frames(0);
    expected.append(frames(9));
    assert_eq!(from_ipc("frames", &stream(&batches)).unwrap(), expected);
}

#[test]
fn tables_of_others_that_rows_cannot_hold() {
    let t: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let nulls: ArrayRef = Arc::new(UInt8Array::from(vec![Some(1), None]));
    for (columns, expected) in [
        (
            [("t", t.clone()), ("note", text.clone())],
            "side stream \"notes\": its column \"note\" is Utf8, which no column of a side stream is",
        ),
        (
            [("t", t), ("n", nulls.clone())],
            "side stream \"notes\": its column \"n\" has nulls, which no side stream has",
        ),
        (
            [("t", text), ("n", nulls)],
            "side stream \"notes\": its column \"t\" is Utf8, which no column of a side stream is",
        ),
    ] {
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let error = from_ipc("notes", &stream(&[batch])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn the_schema_does_not_depend_on_the_values() {
    let epoch = frames(1_589_163_147_368_868);
    for base in [
        TimeBase::MICROSECONDS,
        odd(),
        TimeBase::per_second(24_000_000).unwrap(),
    ] {
        assert_eq!(schema(&frames(0), base), schema(&epoch, base));
    }
}

#[test]
fn rows_that_make_no_table() {
    let mut rows = frames(0);
    rows.t.pop();
    let error = to_ipc(&rows, TimeBase::MICROSECONDS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let schema = Arc::new(arrow_schema::Schema::empty());
    let options = RecordBatchOptions::new().with_row_count(Some(1 << 40));
    let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options).unwrap();
    let error = from_ipc("a", &stream(&[batch])).unwrap_err().to_string();
    assert_eq!(error, "side stream \"a\": it has no column \"t\" of times");
}

#[test]
fn damaged_streams_are_errors() {
    let whole = to_ipc(&frames(3), TimeBase::MICROSECONDS).unwrap();
    for len in 0..whole.len() {
        let _ = from_ipc("frames", &whole[..len]);
    }
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(rows) = from_ipc("frames", &flipped) {
            assert!(rows.len() <= 2);
        }
    }
}
