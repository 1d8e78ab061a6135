//! Rows of a side stream as an Arrow IPC stream, and back.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float32Array, Int64Array, RecordBatch, UInt8Array,
    UInt16Array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use evz_core::{Error, Result, SideRows, SideValues, TimeBase};

use crate::ipc::{self, Messages};
use crate::metadata;
use crate::table::Clock;

/// The table of a side stream: `t` as a duration in the unit of the recording, or as whole ticks
/// where Arrow has no such unit, and the columns of the rows. It does not depend on the values, so
/// that all batches of a stream have the same.
pub fn side_schema(rows: &SideRows, base: TimeBase) -> Schema {
    let clock = Clock::new(base, None);
    let t = if clock.base() == base {
        clock.data_type()
    } else {
        DataType::Int64
    };
    let columns = rows.columns.iter().map(|column| {
        let data_type = match column.values {
            SideValues::Bool(_) => DataType::Boolean,
            SideValues::U8(_) => DataType::UInt8,
            SideValues::U16(_) => DataType::UInt16,
            SideValues::I64(_) => DataType::Int64,
            SideValues::F32(_) => DataType::Float32,
            SideValues::Bytes(_) => DataType::Binary,
        };
        Field::new(&column.name, data_type, false)
    });
    let fields: Vec<Field> = std::iter::once(Field::new("t", t, false))
        .chain(columns)
        .collect();
    let pairs = metadata::stream_pairs(base, None);
    Schema::new(fields).with_metadata(pairs.into_iter().collect())
}

/// Rows of a side stream as an Arrow IPC stream of one batch, in the form that `.evz` files keep.
///
/// # Errors
/// If the columns are not of one length, or hold more than 2 GiB of bytes.
pub fn to_ipc(rows: &SideRows, base: TimeBase) -> Result<Vec<u8>> {
    let wrong = |e: ArrowError| {
        let what = format!("rows of {:?} that make no table ({e})", rows.stream);
        Error::invalid(what)
    };
    let schema = Arc::new(side_schema(rows, base));
    let t: ArrayRef = if *schema.field(0).data_type() == DataType::Int64 {
        Arc::new(Int64Array::from(rows.t.clone()))
    } else {
        Clock::new(base, None).column(rows.t.clone())?
    };
    let columns = rows.columns.iter().map(|column| -> ArrayRef {
        match &column.values {
            SideValues::Bool(values) => Arc::new(BooleanArray::from(values.clone())),
            SideValues::U8(values) => Arc::new(UInt8Array::from(values.clone())),
            SideValues::U16(values) => Arc::new(UInt16Array::from(values.clone())),
            SideValues::I64(values) => Arc::new(Int64Array::from(values.clone())),
            SideValues::F32(values) => Arc::new(Float32Array::from(values.clone())),
            SideValues::Bytes(values) => Arc::new(BinaryArray::from_iter_values(values)),
        }
    });
    let arrays = std::iter::once(t).chain(columns).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).map_err(wrong)?;
    let mut writer = StreamWriter::try_new(Vec::new(), &schema).map_err(wrong)?;
    writer.write(&batch).map_err(wrong)?;
    writer.into_inner().map_err(wrong)
}

/// The batches of an Arrow IPC stream, such as the one of a side batch; all columns of them.
///
/// # Errors
/// If the stream is damaged, or has a column of a nested type.
pub fn from_ipc(stream: &[u8]) -> Result<Vec<RecordBatch>> {
    let mut messages = Messages::new(stream, "side stream", 0);
    let first = messages
        .next()?
        .map_err(|_| Error::insufficient("side stream", "it is empty"))?;
    let schema = ipc::Schema::of_message(&first.head()?)?;
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    let mut batches = Vec::new();
    while let Ok(message) = messages.next()? {
        let batch = ipc::batch(&schema, &all, message);
        batches.extend(batch.map_err(|e| e.within("side stream"))?);
    }
    Ok(batches)
}
