//! Rows of side streams to tables and back.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{DurationMicrosecondType, Int64Type};
use arrow_array::{
    ArrayRef, Int64Array, LargeStringArray, RecordBatch, RecordBatchOptions, StringArray,
    UInt8Array,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use evz_core::{ErrorKind, SideColumn, SideRows, SideValues, TimeBase};
use evz_table::{
    check_rows, check_schema, from_ipc, record_batch, rows_to_ipc, schema, schema_to_ipc,
};

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
            SideColumn::new("name", SideValues::Text(vec!["left".into(), String::new()])),
            SideColumn::new("acceleration", SideValues::F64(vec![0.1, f64::MAX])),
        ],
    }
}

/// Ticks of the clock of a sensor, which Arrow has no unit for.
fn odd() -> TimeBase {
    TimeBase::from_nanoseconds(15_625).unwrap()
}

/// Schema and rows as a file has them.
fn parts(rows: &SideRows, base: TimeBase) -> (Vec<u8>, Vec<u8>) {
    (
        schema_to_ipc(rows, base).unwrap(),
        rows_to_ipc(rows, base).unwrap(),
    )
}

/// The schema and the record batches of a stream by the library's writer, without its end.
fn split(batches: &[RecordBatch]) -> (Vec<u8>, Vec<u8>) {
    let schema = stream(&[RecordBatch::new_empty(batches[0].schema())]);
    let empty = StreamWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
    let at = empty.into_inner().unwrap().len() - 8;
    let mut all = stream(batches);
    all.truncate(all.len() - 8);
    let rows = all.split_off(at);
    assert!(schema.starts_with(&all));
    (all, rows)
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
    let (schema_bytes, rows_bytes) = parts(&rows, TimeBase::MICROSECONDS);
    let ipc = [schema_bytes, rows_bytes].concat();
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
        for rows in [frames(1_000), SideRows::new("frames", Vec::new())] {
            let (schema, bytes) = parts(&rows, base);
            assert_eq!(from_ipc("frames", &schema, &bytes, 0).unwrap(), rows);
            check_schema(&schema, 0, base).unwrap();
        }
    }
}

#[test]
fn a_checker_counts_rows_and_looks_at_their_times() {
    let us = TimeBase::MICROSECONDS;
    let (schema, rows) = parts(&frames(7), us);
    let found = check_rows(&schema, 0, &rows).unwrap();
    assert_eq!((found.rows, found.t_min, found.t_max), (2, 7, 40_007));
    // Another column, no column, the ticks of another file.
    assert!(check_schema(&schema, 1, us).is_err());
    assert!(check_schema(&schema, 9, us).is_err());
    assert!(check_schema(&schema, 0, TimeBase::MILLISECONDS).is_err());
    assert!(check_schema(&schema, 0, odd()).is_err());
    assert!(check_rows(&schema, 1, &rows).is_err());
    assert!(check_rows(&schema, 9, &rows).is_err());
    let (schema, none) = parts(&SideRows::new("a", Vec::new()), us);
    assert!(check_rows(&schema, 0, &none).is_err());
}

#[test]
fn schema_and_rows_are_one_message_each() {
    let us = TimeBase::MICROSECONDS;
    let (schema, rows) = parts(&frames(0), us);
    let end = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    let batch = record_batch(&frames(0), us).unwrap();
    let compressed = {
        let lz4 = arrow_ipc::CompressionType::LZ4_FRAME;
        let options = arrow_ipc::writer::IpcWriteOptions::default();
        let options = options.try_with_compression(Some(lz4)).unwrap();
        let mut writer =
            StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        let mut all = writer.into_inner().unwrap();
        all.truncate(all.len() - 8);
        all.split_off(schema.len())
    };
    for (what, wrong) in [
        ("an end", [&rows[..], &end].concat()),
        ("an end first", [&end[..], &rows].concat()),
        ("two batches", [&rows[..], &rows].concat()),
        ("a schema first", [&schema[..], &rows].concat()),
        ("a schema", schema.clone()),
        ("a message of old", rows[4..].to_vec()),
        ("compressed by Arrow", compressed),
        ("nothing", Vec::new()),
    ] {
        assert!(from_ipc("frames", &schema, &wrong, 0).is_err(), "{what}");
        assert!(check_rows(&schema, 0, &wrong).is_err(), "{what}");
    }
    for (what, wrong) in [
        ("an end", [&schema[..], &end].concat()),
        ("two", [&schema[..], &schema].concat()),
        ("rows", rows.clone()),
        ("a message of old", schema[4..].to_vec()),
        ("nothing", Vec::new()),
    ] {
        assert!(from_ipc("frames", &wrong, &rows, 0).is_err(), "{what}");
        assert!(check_schema(&wrong, 0, us).is_err(), "{what}");
    }
    let words: arrow_array::DictionaryArray<arrow_array::types::Int8Type> =
        ["a", "b"].into_iter().collect();
    let t: ArrayRef = Arc::new(arrow_array::DurationMicrosecondArray::from(vec![1, 2]));
    let columns = [("t", t), ("word", Arc::new(words) as ArrayRef)];
    let (schema, _) = split(&[RecordBatch::try_from_iter(columns).unwrap()]);
    let error = check_schema(&schema, 0, us).unwrap_err().to_string();
    assert_eq!(error, "its column \"word\" has a dictionary");
}

#[test]
fn tables_of_others_that_rows_cannot_hold() {
    let t: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let wide: ArrayRef = Arc::new(LargeStringArray::from(vec!["a", "b"]));
    let nulls: ArrayRef = Arc::new(UInt8Array::from(vec![Some(1), None]));
    for (columns, expected) in [
        (
            [("t", t.clone()), ("note", wide)],
            "side stream \"notes\": its column \"note\" is LargeUtf8, which no column of a side stream is",
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
        let (schema, rows) = split(&[batch]);
        let error = from_ipc("notes", &schema, &rows, 0).unwrap_err();
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
    let error = rows_to_ipc(&rows, TimeBase::MICROSECONDS).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    let schema = Arc::new(arrow_schema::Schema::empty());
    let options = RecordBatchOptions::new().with_row_count(Some(1 << 40));
    let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options).unwrap();
    let (schema, rows) = split(&[batch]);
    let error = from_ipc("a", &schema, &rows, 0).unwrap_err().to_string();
    assert_eq!(error, "side stream \"a\": it has no column 0 of times");
}

#[test]
fn damaged_streams_are_errors() {
    let (schema, rows) = parts(&frames(3), TimeBase::MICROSECONDS);
    let read = |schema: &[u8], rows: &[u8]| {
        let _ = check_schema(schema, 0, TimeBase::MICROSECONDS);
        let _ = check_rows(schema, 0, rows);
        from_ipc("frames", schema, rows, 0)
    };
    for len in 0..schema.len() {
        assert!(read(&schema[..len], &rows).is_err());
    }
    for len in 0..rows.len() {
        assert!(read(&schema, &rows[..len]).is_err());
    }
    let flips = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        (0..bytes.len() * 8).map(move |bit| {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            flipped
        })
    };
    let of_schema = flips(&schema).map(|schema| read(&schema, &rows));
    let of_rows = flips(&rows).map(|rows| read(&schema, &rows));
    for found in of_schema.chain(of_rows).flatten() {
        assert!(found.len() <= 2);
    }
}
