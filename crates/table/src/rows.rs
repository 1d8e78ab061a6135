//! A table of a side stream back to rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use evz_core::{Error, Place, Result, SideColumn, SideRows, SideValues};

use crate::ipc::{self, Messages, Schema};
use crate::table::side_stream;

/// The rows of an Arrow IPC stream as [`to_ipc`](crate::to_ipc) writes them, all its batches one
/// behind the other; `stream` is the name of the side stream.
///
/// # Errors
/// If the bytes are damaged, or have a column of a type that [`SideRows`] has not.
pub fn from_ipc(stream: &str, ipc: &[u8]) -> Result<SideRows> {
    read(stream, ipc).map_err(|error| {
        // A byte of the table is none of the file that it stands in.
        let what = match error.place().to_string() {
            place if place.is_empty() => error.what().to_owned(),
            place => format!("{place}: {}", error.what()),
        };
        let outer = Error::new(error.kind(), side_stream(stream), what);
        (error.ways_out().iter().cloned()).fold(outer, Error::with_way_out)
    })
}

fn read(stream: &str, ipc: &[u8]) -> Result<SideRows> {
    let mut messages = Messages::new(ipc, Place::default(), 0);
    let first = messages.read()?;
    let first = first.map_err(|_| Error::insufficient(Place::default(), "it is empty"))?;
    let schema = Schema::of_message(&first.head()?)?;
    let mut rows = no_rows(stream, &schema)?;
    let all: Vec<usize> = (0..schema.columns.len()).collect();
    while let Ok(message) = messages.read()? {
        if let Some(batch) = ipc::batch(&schema, &all, message)? {
            rows.append(of_batch(stream, &batch)?);
        }
    }
    Ok(rows)
}

/// The columns of a table.
fn no_rows(stream: &str, schema: &Schema) -> Result<SideRows> {
    let (mut columns, mut has_times) = (Vec::new(), false);
    for column in &schema.columns {
        let data_type = column.data_type.as_ref();
        let name = column.name.as_str();
        if name == "t" {
            has_times = true;
            // Whatever the unit, these are ticks of the recording.
            match data_type {
                Ok(DataType::Int64 | DataType::Duration(_)) => continue,
                _ => return Err(unsupported(name, data_type)),
            }
        }
        let values = match data_type {
            Ok(DataType::Boolean) => SideValues::Bool(Vec::new()),
            Ok(DataType::UInt8) => SideValues::U8(Vec::new()),
            Ok(DataType::UInt16) => SideValues::U16(Vec::new()),
            Ok(DataType::Int64) => SideValues::I64(Vec::new()),
            Ok(DataType::Float32) => SideValues::F32(Vec::new()),
            Ok(DataType::Binary) => SideValues::Bytes(Vec::new()),
            _ => return Err(unsupported(name, data_type)),
        };
        columns.push(SideColumn::new(name, values));
    }
    match has_times {
        true => Ok(SideRows::new(stream, columns)),
        false => Err(Error::corrupt(
            Place::default(),
            "it has no column \"t\" of times",
        )),
    }
}

fn unsupported(name: &str, data_type: Result<&DataType, &String>) -> Error {
    let found = data_type.map_or_else(String::clone, DataType::to_string);
    let what = format!("its column {name:?} is {found}, which no column of a side stream is");
    Error::unsupported(Place::default(), what)
}

fn of_batch(stream: &str, batch: &RecordBatch) -> Result<SideRows> {
    let mut rows = SideRows::new(stream, Vec::new());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let name = field.name();
        if column.null_count() > 0 {
            let what = format!("its column {name:?} has nulls, which no side stream has");
            return Err(Error::unsupported(Place::default(), what));
        }
        if name == "t" {
            let data = column.to_data();
            rows.t = data.buffer::<i64>(0)[..data.len()].to_vec();
        } else {
            rows.columns.push(SideColumn::new(name, values(column)));
        }
    }
    Ok(rows)
}

/// The values of a column of one of the types that [`no_rows`] lets in.
fn values(column: &ArrayRef) -> SideValues {
    match column.data_type() {
        DataType::Boolean => SideValues::Bool(column.as_boolean().values().iter().collect()),
        DataType::UInt8 => SideValues::U8(column.as_primitive::<UInt8Type>().values().to_vec()),
        DataType::UInt16 => SideValues::U16(column.as_primitive::<UInt16Type>().values().to_vec()),
        DataType::Int64 => SideValues::I64(column.as_primitive::<Int64Type>().values().to_vec()),
        DataType::Float32 => {
            SideValues::F32(column.as_primitive::<Float32Type>().values().to_vec())
        }
        _ => {
            let bytes = column.as_binary::<i32>();
            SideValues::Bytes((0..bytes.len()).map(|i| bytes.value(i).to_vec()).collect())
        }
    }
}
