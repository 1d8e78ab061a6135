//! Arrow IPC, by the messages of [`evz_table::ipc`]: as a stream, or with a footer behind them as a
//! file.

mod file;
mod magic;
mod stream;
mod unlisted;
mod write;

use base64::{Engine, prelude::BASE64_STANDARD};
use evz_core::Place;
use evz_table::ipc::{Messages, Schema};

use crate::rows::Column;

pub(crate) use file::open_file;
pub(crate) use magic::FILE_MAGIC;
pub(crate) use stream::StreamRows;
pub use write::IpcSink;
pub(crate) use write::{Writer, failed};

/// Names and types of the columns.
fn columns(schema: &Schema) -> Vec<Column> {
    let columns = schema.columns.iter().map(|c| Column {
        name: c.name.clone(),
        data_type: c.data_type.clone(),
        pairs: c.metadata.clone(),
    });
    columns.collect()
}

/// The Arrow schema that writers of Parquet keep beside that of Parquet, under `ARROW:schema`: a
/// schema message in base64. None if it is not whole; it only refines the types.
pub(crate) fn of_parquet(encoded: &str) -> Option<Schema> {
    let bytes = BASE64_STANDARD.decode(encoded).ok()?;
    let mut messages = Messages::new(bytes.as_slice(), Place::default(), 0);
    let message = messages.read().ok()?.ok()?;
    Schema::of_message(&message.head().ok()?).ok()
}
