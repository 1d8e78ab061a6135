//! The two parts that a side stream has in a file, each a message of Arrow IPC and nothing else: its
//! schema, and the rows of a batch.

use arrow_array::{Array, RecordBatch};
use arrow_ipc::MessageHeader;
use arrow_schema::DataType;
use evz_core::{Error, Place, Result, TimeBase};

use crate::ipc::{self, CONTINUATION, Message, Messages, Schema};
use crate::table::time_type;

/// How many rows a batch has, and the earliest and the latest time of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowsFound {
    /// Rows.
    pub rows: u64,
    /// Earliest time, in ticks.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
}

/// Checks the schema of a side stream of a file that counts in `base`.
///
/// # Errors
/// If it is not one message of a schema, or one of other numbers than little-endian ones, has a
/// dictionary, or its time column is missing or not of the type that ticks have.
pub fn check_schema(schema: &[u8], time_column: u32, base: TimeBase) -> Result<()> {
    let schema = schema_of(schema)?;
    if let Some(column) = schema.columns.iter().find(|c| is_dictionary(&c.data_type)) {
        let what = format!("its column {:?} has a dictionary", column.name);
        return Err(Error::corrupt(Place::default(), what));
    }
    let times = schema.columns.get(time_column as usize);
    let found = times.map(|column| column.data_type.as_ref());
    match found == Some(Ok(&time_type(base))) {
        true => Ok(()),
        false => {
            let what = format!("its column {time_column} is not of times, as ticks of {base} are");
            Err(Error::corrupt(Place::default(), what))
        }
    }
}

/// Checks the rows of a batch of a side stream with this schema, and counts them.
///
/// # Errors
/// If they are not one record batch, as it is and not compressed, of this schema, with at least one row,
/// each with a time.
pub fn check_rows(schema: &[u8], time_column: u32, rows: &[u8]) -> Result<RowsFound> {
    let schema = schema_of(schema)?;
    let known = |index: &usize| schema.columns[*index].data_type.is_ok();
    let all: Vec<usize> = (0..schema.columns.len()).filter(known).collect();
    let batch = batch_of(&schema, &all, rows)?;
    let at = all.iter().position(|index| *index == time_column as usize);
    let times = at
        .map(|at| times(&batch, at))
        .transpose()?
        .unwrap_or_default();
    match (times.iter().min(), times.iter().max()) {
        (Some(t_min), Some(t_max)) => Ok(RowsFound {
            rows: times.len() as u64,
            t_min: *t_min,
            t_max: *t_max,
        }),
        _ => Err(Error::corrupt(Place::default(), "rows without times")),
    }
}

/// The times in a column.
pub(crate) fn times(batch: &RecordBatch, at: usize) -> Result<Vec<i64>> {
    let column = batch.column(at);
    let of_times = matches!(column.data_type(), DataType::Int64 | DataType::Duration(_));
    if !of_times || column.null_count() > 0 {
        let what = "its column of times has other values, or nulls";
        return Err(Error::corrupt(Place::default(), what));
    }
    let data = column.to_data();
    Ok(data.buffer::<i64>(0)[..data.len()].to_vec())
}

/// The schema that is all of these bytes.
pub(crate) fn schema_of(bytes: &[u8]) -> Result<Schema> {
    Schema::of_message(&only(bytes, MessageHeader::Schema, "schema")?.head()?)
}

/// The columns that are wanted of the record batch that is all of these bytes.
pub(crate) fn batch_of(schema: &Schema, wanted: &[usize], bytes: &[u8]) -> Result<RecordBatch> {
    let message = only(bytes, MessageHeader::RecordBatch, "record batch")?;
    let compressed = message.head()?.header_as_record_batch();
    if compressed.is_some_and(|batch| batch.compression().is_some()) {
        let what = "a record batch that Arrow compressed; only the whole of it may be packed";
        return Err(Error::corrupt(Place::default(), what));
    }
    let batch = ipc::batch(schema, wanted, message)?;
    batch.ok_or_else(|| Error::corrupt(Place::default(), "no record batch"))
}

/// The message that is all of these bytes.
fn only(bytes: &[u8], kind: MessageHeader, name: &str) -> Result<Message> {
    let mut messages = Messages::new(bytes, Place::default(), 0);
    let first = messages.read()?.ok();
    let whole = bytes.starts_with(&CONTINUATION) && messages.at() == bytes.len() as u64;
    let first = first
        .filter(|message| whole && message.head().is_ok_and(|head| head.header_type() == kind));
    first.ok_or_else(|| {
        let what = format!("not one message of Arrow with a {name}, and nothing else");
        Error::corrupt(Place::default(), what)
    })
}

fn is_dictionary(data_type: &Result<DataType, String>) -> bool {
    data_type.as_ref().is_err_and(|name| name == "dictionary")
}
