//! A table of a side stream back to rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use evz_core::{Error, Memory, Place, Result, SideColumn, SideRows, SideValues};

use crate::ipc::Schema;
use crate::parts::{batch_of, schema_of, times};
use crate::table::side_stream;

/// The rows of a batch, out of the schema of its side stream and the message with the rows, as
/// [`schema_to_ipc`](crate::schema_to_ipc) and [`rows_to_ipc`](crate::rows_to_ipc) write them; `stream`
/// is the name of the side stream, `time_column` the number of the column with the times.
///
/// # Errors
/// If the bytes are damaged, or have a column of a type that [`SideRows`] has not.
pub fn from_ipc(stream: &str, schema: &[u8], rows: &[u8], time_column: u32) -> Result<SideRows> {
    read(stream, schema, rows, time_column as usize).map_err(|error| {
        // A byte of the table is none of the file that it stands in.
        let what = match error.place().to_string() {
            place if place.is_empty() => error.what().to_owned(),
            place => format!("{place}: {}", error.what()),
        };
        let outer = Error::new(error.kind(), side_stream(stream), what);
        (error.ways_out().iter().cloned()).fold(outer, Error::with_way_out)
    })
}

fn read(stream: &str, schema: &[u8], rows: &[u8], time_column: usize) -> Result<SideRows> {
    let schema = schema_of(schema)?;
    check_types(&schema, time_column)?;
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    let batch = batch_of(&schema, &all, rows)?;
    let takes = batch.columns().iter().map(memory).sum();
    let _memory = Memory::take(takes, "a batch as columns", Place::default())?;
    let mut rows = SideRows::new(stream, Vec::new());
    for (at, field) in batch.schema_ref().fields().iter().enumerate() {
        let (name, column) = (field.name(), batch.column(at));
        if column.null_count() > 0 {
            let what = format!("its column {name:?} has nulls, which no side stream has");
            return Err(Error::unsupported(Place::default(), what));
        }
        if at == time_column {
            rows.t = times(&batch, at)?;
        } else {
            rows.columns.push(SideColumn::new(name, values(column)));
        }
    }
    Ok(rows)
}

/// Refuses columns of types that rows have not.
fn check_types(schema: &Schema, time_column: usize) -> Result<()> {
    for (at, column) in schema.columns.iter().enumerate() {
        let data_type = column.data_type.as_ref();
        let known = match data_type {
            // Whatever the unit, these are ticks of the recording.
            Ok(DataType::Duration(_)) => at == time_column,
            Ok(DataType::Int64) => true,
            Ok(
                DataType::Boolean
                | DataType::UInt8
                | DataType::UInt16
                | DataType::Float32
                | DataType::Float64
                | DataType::Binary
                | DataType::Utf8,
            ) => at != time_column,
            _ => false,
        };
        if !known {
            return Err(unsupported(&column.name, data_type));
        }
    }
    match time_column < schema.columns.len() {
        true => Ok(()),
        false => {
            let what = format!("it has no column {time_column} of times");
            Err(Error::corrupt(Place::default(), what))
        }
    }
}

fn unsupported(name: &str, data_type: Result<&DataType, &String>) -> Error {
    let found = data_type.map_or_else(String::clone, DataType::to_string);
    let what = format!("its column {name:?} is {found}, which no column of a side stream is");
    Error::unsupported(Place::default(), what)
}

/// Bytes that the values of a column take.
fn memory(column: &ArrayRef) -> u64 {
    let as_they_are = column.to_data().get_slice_memory_size().unwrap_or(0);
    let takes = match column.data_type() {
        DataType::Boolean => column.len(),
        DataType::Utf8 | DataType::Binary => as_they_are + column.len() * SideValues::BESIDE,
        _ => as_they_are,
    };
    takes as u64
}

/// The values of a column of one of the types that [`check_types`] lets in.
fn values(column: &ArrayRef) -> SideValues {
    match column.data_type() {
        DataType::Boolean => SideValues::Bool(column.as_boolean().values().iter().collect()),
        DataType::UInt8 => SideValues::U8(column.as_primitive::<UInt8Type>().values().to_vec()),
        DataType::UInt16 => SideValues::U16(column.as_primitive::<UInt16Type>().values().to_vec()),
        DataType::Int64 => SideValues::I64(column.as_primitive::<Int64Type>().values().to_vec()),
        DataType::Float32 => {
            SideValues::F32(column.as_primitive::<Float32Type>().values().to_vec())
        }
        DataType::Float64 => {
            SideValues::F64(column.as_primitive::<Float64Type>().values().to_vec())
        }
        DataType::Utf8 => {
            let text = column.as_string::<i32>();
            SideValues::Text((0..text.len()).map(|i| text.value(i).to_owned()).collect())
        }
        _ => {
            let bytes = column.as_binary::<i32>();
            SideValues::Bytes((0..bytes.len()).map(|i| bytes.value(i).to_vec()).collect())
        }
    }
}
