//! Rows of a side stream as a table, and that as an Arrow IPC stream.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Float32Array, Int64Array, RecordBatch, UInt8Array,
    UInt16Array,
};
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use evz_core::{Error, Place, Result, SideRows, SideValues, TimeBase};

use crate::Clock;

/// The key of the metadata that says what a tick is worth, in nanoseconds.
pub const TIME_BASE: &str = "evz.time_base_ns";

/// The table of a side stream: `t` as a duration in the unit of the recording, or as whole ticks
/// where Arrow has no such unit, and the columns of the rows. It does not depend on the values, so
/// that all batches of a stream have the same.
pub fn schema(rows: &SideRows, base: TimeBase) -> Schema {
    let t = clock(base).map_or(DataType::Int64, Clock::data_type);
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
    let pair = (TIME_BASE.to_owned(), base.nanoseconds().to_string());
    Schema::new(fields).with_metadata([pair].into())
}

/// Rows of a side stream as a table of [`schema`].
///
/// # Errors
/// If the columns are not of one length, or one holds more than 2 GiB of bytes.
pub fn record_batch(rows: &SideRows, base: TimeBase) -> Result<RecordBatch> {
    let t: ArrayRef = match clock(base) {
        Some(clock) => clock.column(rows.t.clone())?,
        None => Arc::new(Int64Array::from(rows.t.clone())),
    };
    let mut arrays = vec![t];
    for column in &rows.columns {
        arrays.push(match &column.values {
            SideValues::Bool(values) => Arc::new(BooleanArray::from(values.clone())),
            SideValues::U8(values) => Arc::new(UInt8Array::from(values.clone())),
            SideValues::U16(values) => Arc::new(UInt16Array::from(values.clone())),
            SideValues::I64(values) => Arc::new(Int64Array::from(values.clone())),
            SideValues::F32(values) => Arc::new(Float32Array::from(values.clone())),
            SideValues::Bytes(values) => {
                // Offsets have 32 bits with a sign, and the library panics beyond them.
                let bytes = values.iter().map(Vec::len).sum::<usize>();
                if i32::try_from(bytes).is_err() {
                    let what = format!(
                        "column {:?} holds {bytes} bytes in {} rows, and a table at most 2 GiB",
                        column.name,
                        rows.len()
                    );
                    return Err(
                        Error::limit(side_stream(&rows.stream), what).advise("write fewer at once")
                    );
                }
                Arc::new(BinaryArray::from_iter_values(values))
            }
        });
    }
    RecordBatch::try_new(Arc::new(schema(rows, base)), arrays).map_err(|e| no_table(rows, &e))
}

/// Rows of a side stream as an Arrow IPC stream of one batch, in the form that `.evz` files keep.
///
/// # Errors
/// As [`record_batch`].
pub fn to_ipc(rows: &SideRows, base: TimeBase) -> Result<Vec<u8>> {
    let batch = record_batch(rows, base)?;
    let written = StreamWriter::try_new(Vec::new(), batch.schema_ref()).and_then(|mut writer| {
        writer.write(&batch)?;
        writer.into_inner()
    });
    written.map_err(|e| no_table(rows, &e))
}

/// What writes ticks of this worth, if Arrow has such a unit.
fn clock(base: TimeBase) -> Option<Clock> {
    Some(Clock::new(base, None)).filter(|clock| clock.base() == base)
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
