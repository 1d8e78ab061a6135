//! Parquet (<https://parquet.apache.org/docs/file-format/>), by the `parquet` crate.

mod read;
mod shared_bytes;
mod statistics;
mod write;

pub(crate) use read::{MAGIC, ParquetTable};
pub use write::ParquetSink;
pub(crate) use write::{failed, properties};
