//! Parquet (<https://parquet.apache.org/docs/file-format/>), by the `parquet` crate.

mod claims;
mod footer;
mod page_header;
mod parts;
mod read;
mod shape;
mod shared_bytes;
mod statistics;
mod thrift;
mod write;

pub(crate) use footer::{ENCRYPTED, MAGIC};
pub(crate) use parts::open_parts;
pub(crate) use read::ParquetTable;
pub use write::ParquetSink;
pub(crate) use write::{failed, properties};
