//! Side streams as Arrow tables: into the form that files keep them in, and out to files of their
//! own.

mod export;
mod rows;
mod table;

pub use export::{side_to_ipc, side_to_parquet, side_to_text};
pub use rows::side_rows;
pub use table::{from_ipc, side_schema, to_ipc};
