//! Side streams as tables.

mod common;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{DurationMicrosecondType, Int64Type, TimestampMicrosecondType};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow_schema::{DataType, TimeUnit};
use common::Shared;
use evz_arrow::*;
use evz_core::{SideColumn, SideRows, SideValues, TimeBase};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

fn frames(first: i64) -> SideRows {
    SideRows {
        stream: "frames".to_owned(),
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

fn batches(rows: &SideRows, base: TimeBase) -> Vec<RecordBatch> {
    from_ipc(&to_ipc(rows, base).unwrap()).unwrap()
}

#[test]
fn rows_come_back() {
    let rows = frames(1_000);
    let ipc = to_ipc(&rows, TimeBase::MICROSECONDS).unwrap();
    // By the reader of the library as well as by ours.
    let theirs = arrow_ipc::reader::StreamReader::try_new(ipc.as_slice(), None).unwrap();
    let schema = side_schema(&rows, TimeBase::MICROSECONDS);
    assert_eq!(*arrow_array::RecordBatchReader::schema(&theirs), schema);
    let theirs: Vec<RecordBatch> = theirs.map(|b| b.unwrap()).collect();
    let ours = from_ipc(&ipc).unwrap();
    assert_eq!(ours.len(), 1);
    assert_eq!(ours[0].columns(), theirs[0].columns());
    let t = ours[0].column(0).as_primitive::<DurationMicrosecondType>();
    assert_eq!(t.values(), &[1_000, 41_000]);
    assert_eq!(ours[0].column(6).as_binary::<i32>().value(0), [1, 2, 3]);
}

#[test]
fn tables_of_a_file_become_rows_again() {
    for base in [
        TimeBase::MICROSECONDS,
        TimeBase::from_nanoseconds(15_625).unwrap(),
    ] {
        let rows = frames(1_000);
        assert_eq!(
            side_rows("frames", &to_ipc(&rows, base).unwrap()).unwrap(),
            rows
        );
        let none = SideRows::new("frames", Vec::new());
        assert_eq!(
            side_rows("frames", &to_ipc(&none, base).unwrap()).unwrap(),
            none
        );
    }
    // Another writer's table, with what rows cannot hold.
    let t: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let text: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let bytes = common::table(common::Kind::Stream, vec![("t", t), ("note", text)]);
    let error = side_rows("notes", &bytes).unwrap_err().to_string();
    assert_eq!(error, "notes: its column \"note\" is Utf8");
}

#[test]
fn the_schema_does_not_depend_on_the_values() {
    let epoch = frames(1_589_163_147_368_868);
    for base in [
        TimeBase::MICROSECONDS,
        TimeBase::from_nanoseconds(15_625).unwrap(),
    ] {
        assert_eq!(side_schema(&frames(0), base), side_schema(&epoch, base));
    }
    let odd = TimeBase::from_nanoseconds(15_625).unwrap();
    let t = batches(&frames(7), odd)[0].column(0).clone();
    assert_eq!(t.as_primitive::<Int64Type>().values(), &[7, 40_007]);
}

#[test]
fn a_table_as_parquet_and_ipc_has_the_times_of_events() {
    let epoch = 1_589_163_147_368_868;
    let table = || {
        [frames(epoch), frames(epoch + 80_000)]
            .map(|r| Ok(batches(&r, TimeBase::MICROSECONDS).remove(0)))
    };
    let out = Shared::default();
    let rows = side_to_parquet(
        Box::new(out.clone()),
        "out",
        TimeBase::MICROSECONDS,
        table(),
    )
    .unwrap();
    assert_eq!(rows, 4);
    let back: Vec<RecordBatch> =
        ParquetRecordBatchReader::try_new(bytes::Bytes::from(out.take()), 100)
            .unwrap()
            .map(|b| b.unwrap())
            .collect();
    assert_eq!(back.iter().map(RecordBatch::num_rows).sum::<usize>(), 4);
    let us = DataType::Timestamp(TimeUnit::Microsecond, None);
    assert_eq!(*back[0].schema().field(0).data_type(), us);
    let t = back[0].column(0).as_primitive::<TimestampMicrosecondType>();
    assert_eq!(t.value(1), epoch + 40_000);
    assert_eq!(back[0].column(6).as_binary::<i32>().value(2), [1, 2, 3]);

    for layout in [IpcLayout::File, IpcLayout::Stream] {
        let rows = side_to_ipc(
            Box::new(out.clone()),
            "out",
            layout,
            TimeBase::MICROSECONDS,
            table(),
        );
        assert_eq!(rows.unwrap(), 4);
        let bytes = out.take();
        if layout == IpcLayout::Stream {
            assert_eq!(from_ipc(&bytes).unwrap().len(), 2);
        } else {
            let reader = arrow_ipc::reader::FileReader::try_new(std::io::Cursor::new(bytes), None);
            assert_eq!(reader.unwrap().num_batches(), 2);
        }
    }
    // Ticks of an odd length become nanoseconds.
    let odd = TimeBase::from_nanoseconds(15_625).unwrap();
    let table = batches(&frames(2), odd).into_iter().map(Ok);
    side_to_parquet(Box::new(out.clone()), "out", odd, table).unwrap();
    let mut back = ParquetRecordBatchReader::try_new(bytes::Bytes::from(out.take()), 100).unwrap();
    let t = back.next().unwrap().unwrap().column(0).clone();
    assert_eq!(t.to_data().buffer::<i64>(0)[0], 31_250);
}

#[test]
fn lines_of_text() {
    let mut text = Vec::new();
    let table = [frames(5), frames(9)].map(|r| Ok(batches(&r, TimeBase::MICROSECONDS).remove(0)));
    assert_eq!(side_to_text(&mut text, "out", table).unwrap(), 4);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "t,width,format,exposure_end,gain,rising,pixels\n\
         5,346,0,-1,0.1,1,3\n\
         40005,346,1,9223372036854775807,2,0,0\n\
         9,346,0,-1,0.1,1,3\n\
         40009,346,1,9223372036854775807,2,0,0\n"
    );
}

#[test]
fn tables_that_cannot_be() {
    let mut rows = frames(0);
    rows.t.pop();
    assert!(to_ipc(&rows, TimeBase::MICROSECONDS).is_err());
    let none = std::iter::empty();
    let error = side_to_parquet(
        Box::new(std::io::sink()),
        "out",
        TimeBase::MICROSECONDS,
        none,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "out: the stream has no rows, of which a table could be made"
    );
    let mut other = frames(0);
    other.columns.pop();
    let table = [frames(0), other].map(|r| Ok(batches(&r, TimeBase::MICROSECONDS).remove(0)));
    let error = side_to_ipc(
        Box::new(std::io::sink()),
        "out",
        IpcLayout::File,
        TimeBase::MICROSECONDS,
        table,
    );
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("other columns than the first")
    );
}

#[test]
fn rows_without_columns_are_none() {
    let schema = Arc::new(arrow_schema::Schema::empty());
    let options = RecordBatchOptions::new().with_row_count(Some(1 << 40));
    let batch = RecordBatch::try_new_with_options(schema, Vec::new(), &options).unwrap();
    let bytes = common::batches(common::Kind::Stream, &[batch]);
    let error = from_ipc(&bytes).unwrap_err().to_string();
    assert!(error.contains("rows without columns"), "{error}");
}

#[test]
fn damaged_streams_are_errors() {
    let whole = to_ipc(&frames(3), TimeBase::MICROSECONDS).unwrap();
    for len in 0..whole.len() {
        let _ = from_ipc(&whole[..len]);
    }
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = side_rows("frames", &flipped);
        if let Ok(batches) = from_ipc(&flipped) {
            let _ = side_to_text(std::io::sink(), "out", batches.into_iter().map(Ok));
        }
    }
}
