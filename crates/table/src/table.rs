//! Rows of a side stream as a table, and that as an Arrow IPC stream.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, DurationMicrosecondArray, DurationMillisecondArray,
    DurationNanosecondArray, Float32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    UInt8Array, UInt16Array,
};
use arrow_buffer::ScalarBuffer;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema, TimeUnit};
use evz_core::{Error, Place, Result, SideRows, SideValues, TimeBase};

/// The key of the metadata that says what a tick is worth, in nanoseconds where they are whole.
pub const TIME_BASE: &str = "evz.time_base_ns";

/// The key of the metadata that says what a tick is worth where that is no whole number of
/// nanoseconds: a fraction of a second, `1/24000000`.
pub const TICK: &str = "evz.tick";

/// The pair of metadata that says what a tick is worth.
pub fn tick_pair(base: TimeBase) -> (String, String) {
    match base.whole_nanoseconds() {
        Some(nanoseconds) => (TIME_BASE.to_owned(), nanoseconds.to_string()),
        None => (TICK.to_owned(), base.fraction()),
    }
}

/// The table of a side stream: `t` as a duration in the unit of the recording, or as whole ticks
/// where Arrow has no such unit, and the columns of the rows. It does not depend on the values, so
/// that all batches of a stream have the same.
pub fn schema(rows: &SideRows, base: TimeBase) -> Schema {
    let t = time_type(base);
    let columns = rows.columns.iter().map(|column| {
        let data_type = match column.values {
            SideValues::Bool(_) => DataType::Boolean,
            SideValues::U8(_) => DataType::UInt8,
            SideValues::U16(_) => DataType::UInt16,
            SideValues::I64(_) => DataType::Int64,
            SideValues::F32(_) => DataType::Float32,
            SideValues::F64(_) => DataType::Float64,
            SideValues::Bytes(_) => DataType::Binary,
            SideValues::Text(_) => DataType::Utf8,
        };
        Field::new(&column.name, data_type, false)
    });
    let fields: Vec<Field> = std::iter::once(Field::new("t", t, false))
        .chain(columns)
        .collect();
    Schema::new(fields).with_metadata([tick_pair(base)].into())
}

/// Rows of a side stream as a table of [`schema`].
///
/// # Errors
/// If the columns are not of one length, or one holds more than 2 GiB of bytes.
pub fn record_batch(rows: &SideRows, base: TimeBase) -> Result<RecordBatch> {
    let t = times(base, rows.t.clone());
    let mut arrays = vec![t];
    for column in &rows.columns {
        arrays.push(match &column.values {
            SideValues::Bool(values) => Arc::new(BooleanArray::from(values.clone())),
            SideValues::U8(values) => Arc::new(UInt8Array::from(values.clone())),
            SideValues::U16(values) => Arc::new(UInt16Array::from(values.clone())),
            SideValues::I64(values) => Arc::new(Int64Array::from(values.clone())),
            SideValues::F32(values) => Arc::new(Float32Array::from(values.clone())),
            SideValues::F64(values) => Arc::new(Float64Array::from(values.clone())),
            SideValues::Bytes(values) => {
                check_bytes(rows, &column.name, values.iter().map(Vec::len).sum())?;
                Arc::new(BinaryArray::from_iter_values(values))
            }
            SideValues::Text(values) => {
                check_bytes(rows, &column.name, values.iter().map(String::len).sum())?;
                Arc::new(StringArray::from_iter_values(values))
            }
        });
    }
    RecordBatch::try_new(Arc::new(schema(rows, base)), arrays).map_err(|e| no_table(rows, &e))
}

/// Offsets have 32 bits with a sign, and the library panics beyond them.
fn check_bytes(rows: &SideRows, column: &str, bytes: usize) -> Result<()> {
    if i32::try_from(bytes).is_ok() {
        return Ok(());
    }
    let n = rows.len();
    let what =
        format!("column {column:?} holds {bytes} bytes in {n} rows, and a table at most 2 GiB");
    Err(Error::limit(side_stream(&rows.stream), what).advise("write fewer at once"))
}

/// Rows of a side stream as an Arrow IPC stream of one batch.
fn to_ipc(rows: &SideRows, base: TimeBase) -> Result<Vec<u8>> {
    let batch = record_batch(rows, base)?;
    let written = StreamWriter::try_new(Vec::new(), batch.schema_ref()).and_then(|mut writer| {
        writer.write(&batch)?;
        writer.into_inner()
    });
    written.map_err(|e| no_table(rows, &e))
}

/// Bytes of the end of an Arrow IPC stream: a continuation mark and a length of 0.
const END_OF_STREAM: usize = 8;

/// The schema of the rows as the first message of an Arrow IPC stream, in the form that `.evz` files
/// keep; what [`rows_to_ipc`] gives may follow.
///
/// # Errors
/// If Arrow cannot write it.
pub fn schema_to_ipc(rows: &SideRows, base: TimeBase) -> Result<Vec<u8>> {
    let schema = schema(rows, base);
    let written = StreamWriter::try_new(Vec::new(), &schema).and_then(|w| w.into_inner());
    let mut bytes = written.map_err(|e| no_table(rows, &e))?;
    bytes.truncate(bytes.len().saturating_sub(END_OF_STREAM));
    Ok(bytes)
}

/// The rows as one message of an Arrow IPC stream, without the schema before it and the end behind it.
///
/// # Errors
/// As [`record_batch`].
pub fn rows_to_ipc(rows: &SideRows, base: TimeBase) -> Result<Vec<u8>> {
    let mut bytes = to_ipc(rows, base)?;
    bytes.truncate(bytes.len().saturating_sub(END_OF_STREAM));
    let schema = schema_to_ipc(rows, base)?.len();
    Ok(bytes.split_off(schema))
}

/// The type of times in ticks: durations where Arrow has such a unit.
pub(crate) fn time_type(base: TimeBase) -> DataType {
    match base {
        TimeBase::MILLISECONDS => DataType::Duration(TimeUnit::Millisecond),
        TimeBase::MICROSECONDS => DataType::Duration(TimeUnit::Microsecond),
        TimeBase::NANOSECONDS => DataType::Duration(TimeUnit::Nanosecond),
        _ => DataType::Int64,
    }
}

/// Ticks as a column of that type.
fn times(base: TimeBase, ticks: Vec<i64>) -> ArrayRef {
    let ticks = ScalarBuffer::from(ticks);
    match base {
        TimeBase::MILLISECONDS => Arc::new(DurationMillisecondArray::new(ticks, None)),
        TimeBase::MICROSECONDS => Arc::new(DurationMicrosecondArray::new(ticks, None)),
        TimeBase::NANOSECONDS => Arc::new(DurationNanosecondArray::new(ticks, None)),
        _ => Arc::new(Int64Array::new(ticks, None)),
    }
}

/// The place of a side stream.
pub(crate) fn side_stream(name: &str) -> Place {
    Place::part(format!("side stream {name:?}"))
}

fn no_table(rows: &SideRows, error: &ArrowError) -> Error {
    Error::invalid(format!(
        "rows of {:?} that make no table ({error})",
        rows.stream
    ))
}
