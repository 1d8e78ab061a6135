//! A table of a side stream back to rows.

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Int64Type, UInt8Type, UInt16Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use evz_core::{Error, Result, SideColumn, SideRows, SideValues};

use super::table::from_ipc;

/// The rows of a side batch of an `.evz` file, as [`to_ipc`](crate::to_ipc) wrote them; `stream` is
/// the name of its stream.
///
/// # Errors
/// If the stream is damaged, or has columns that [`SideRows`] does not.
pub fn side_rows(stream: &str, ipc: &[u8]) -> Result<SideRows> {
    let mut rows: Option<SideRows> = None;
    for batch in from_ipc(ipc)? {
        let more = of_batch(stream, &batch)?;
        match &mut rows {
            None => rows = Some(more),
            Some(rows) => {
                if !rows.append(more) {
                    return Err(Error::corrupt(stream, "its batches have different columns"));
                }
            }
        }
    }
    Ok(rows.unwrap_or_else(|| SideRows::new(stream, Vec::new())))
}

fn of_batch(stream: &str, batch: &RecordBatch) -> Result<SideRows> {
    let mut rows = SideRows::new(stream, Vec::new());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let unsupported = || {
            let what = format!("its column {:?} is {}", field.name(), field.data_type());
            Error::unsupported(stream, what)
        };
        if column.null_count() > 0 {
            return Err(unsupported());
        }
        if field.name() == "t" {
            rows.t = match field.data_type() {
                // Whatever the unit, these are ticks of the file.
                DataType::Int64 | DataType::Duration(_) => {
                    let data = column.to_data();
                    data.buffer::<i64>(0)[..data.len()].to_vec()
                }
                _ => return Err(unsupported()),
            };
            continue;
        }
        let values = match field.data_type() {
            DataType::Boolean => SideValues::Bool(column.as_boolean().values().iter().collect()),
            DataType::UInt8 => SideValues::U8(column.as_primitive::<UInt8Type>().values().to_vec()),
            DataType::UInt16 => {
                SideValues::U16(column.as_primitive::<UInt16Type>().values().to_vec())
            }
            DataType::Int64 => {
                SideValues::I64(column.as_primitive::<Int64Type>().values().to_vec())
            }
            DataType::Float32 => {
                SideValues::F32(column.as_primitive::<Float32Type>().values().to_vec())
            }
            DataType::Binary => {
                let bytes = column.as_binary::<i32>();
                SideValues::Bytes((0..bytes.len()).map(|i| bytes.value(i).to_vec()).collect())
            }
            _ => return Err(unsupported()),
        };
        rows.columns.push(SideColumn::new(field.name(), values));
    }
    match rows.t.len() == batch.num_rows() {
        true => Ok(rows),
        false => Err(Error::corrupt(stream, "it has no column of times")),
    }
}
