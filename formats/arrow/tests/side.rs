//! Side streams as files of their own.

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::TimestampMicrosecondType;
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use common::Shared;
use evz_arrow::*;
use evz_core::{Clock, ErrorKind, Output, Result, SideColumn, SideRows, SideValues, TimeBase};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

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

/// An output whose bytes can be looked at afterwards.
fn output(name: &str) -> (Output, Shared) {
    let shared = Shared::default();
    (Output::from_writer(shared.clone(), name), shared)
}

fn nowhere(name: &str) -> Output {
    Output::from_writer(std::io::sink(), name)
}

fn parquet(rows: SideRows, more: Option<SideRows>, base: TimeBase) -> Vec<RecordBatch> {
    let (out, bytes) = output("out.parquet");
    let rows = [rows].into_iter().chain(more).map(Ok);
    side_to_parquet(out, base, Clock::default(), rows).unwrap();
    let reader = ParquetRecordBatchReader::try_new(bytes::Bytes::from(bytes.take()), 100);
    reader.unwrap().map(|b| b.unwrap()).collect()
}

#[test]
fn a_table_as_parquet_has_the_times_of_events() {
    let epoch = 1_589_163_147_368_868;
    let us = TimeBase::MICROSECONDS;
    let back = parquet(frames(epoch), Some(frames(epoch + 80_000)), us);
    assert_eq!(back.iter().map(RecordBatch::num_rows).sum::<usize>(), 4);
    let us = DataType::Timestamp(TimeUnit::Microsecond, None);
    assert_eq!(*back[0].schema().field(0).data_type(), us);
    let t = back[0].column(0).as_primitive::<TimestampMicrosecondType>();
    assert_eq!(t.value(1), epoch + 40_000);
    assert_eq!(back[0].column(6).as_binary::<i32>().value(2), [1, 2, 3]);
    // Ticks of an odd length become nanoseconds.
    let odd = TimeBase::from_nanoseconds(15_625).unwrap();
    let t = parquet(frames(2), None, odd)[0].column(0).clone();
    assert_eq!(t.to_data().buffer::<i64>(0)[0], 31_250);
}

#[test]
fn a_table_as_ipc_is_a_file_or_a_stream_by_its_name() {
    let epoch = 1_589_163_147_368_868;
    for name in ["out.arrow", "out.arrows", "standard output"] {
        let (out, bytes) = output(name);
        let table = [frames(epoch), frames(epoch + 80_000)].map(Ok);
        let rows = side_to_ipc(out, TimeBase::MICROSECONDS, Clock::default(), table);
        assert_eq!(rows.unwrap(), 4);
        let bytes = bytes.take();
        let back: Vec<RecordBatch> = if name == "out.arrow" {
            let bytes = std::io::Cursor::new(bytes);
            let reader = arrow_ipc::reader::FileReader::try_new(bytes, None).unwrap();
            reader.map(|b| b.unwrap()).collect()
        } else {
            let bytes = bytes.as_slice();
            let reader = arrow_ipc::reader::StreamReader::try_new(bytes, None).unwrap();
            reader.map(|b| b.unwrap()).collect()
        };
        assert_eq!(back.len(), 2);
        let t = back[1].column(0).as_primitive::<TimestampMicrosecondType>();
        assert_eq!(t.values(), &[epoch + 80_000, epoch + 120_000]);
    }
}

#[test]
fn lines_of_text() {
    let (out, bytes) = output("out.csv");
    let table = [frames(5), frames(9)].map(Ok);
    assert_eq!(side_to_text(out, table).unwrap(), 4);
    assert_eq!(
        String::from_utf8(bytes.take()).unwrap(),
        "t,width,format,exposure_end,gain,rising,pixels\n\
         5,346,0,-1,0.1,1,3\n\
         40005,346,1,9223372036854775807,2,0,0\n\
         9,346,0,-1,0.1,1,3\n\
         40009,346,1,9223372036854775807,2,0,0\n"
    );
}

#[test]
fn tables_that_cannot_be() {
    let us = TimeBase::MICROSECONDS;
    let none = std::iter::empty();
    let error = side_to_parquet(nowhere("out"), us, Clock::default(), none);
    assert_eq!(
        error.unwrap_err().to_string(),
        "out: the stream has no rows, of which a table could be made"
    );
    let mut other = frames(0);
    other.columns.pop();
    let tables = || [frames(0), other.clone()].map(Ok);
    let mut short = frames(0);
    short.t.push(0);
    let uneven = || [short.clone()].map(Ok);
    type Write<'a> = &'a dyn Fn(&mut dyn Iterator<Item = Result<SideRows>>) -> Result<u64>;
    let writers: [Write<'_>; 3] = [
        &|rows| side_to_parquet(nowhere("out"), us, Clock::default(), rows),
        &|rows| side_to_ipc(nowhere("out.arrow"), us, Clock::default(), rows),
        &|rows| side_to_text(nowhere("out.csv"), rows),
    ];
    for write in writers {
        let error = write(&mut tables().into_iter()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Corrupt);
        assert_eq!(
            error.to_string(),
            "side stream \"frames\": some of its rows have other columns than the first"
        );
        let error = write(&mut uneven().into_iter()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
}
