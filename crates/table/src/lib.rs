//! Side streams - triggers, IMU samples, frames - as Arrow tables, in the form in which `.evz` files
//! keep them, and back.
//!
//! ```
//! use evz_core::{SideColumn, SideRows, SideValues, TimeBase};
//!
//! let rows = SideRows {
//!     stream: "triggers".to_owned(),
//!     of: None,
//!     t: vec![10, 20],
//!     columns: vec![SideColumn::new("id", SideValues::U8(vec![0, 1]))],
//! };
//! let schema = evz_table::schema_to_ipc(&rows, TimeBase::MICROSECONDS)?;
//! let batch = evz_table::rows_to_ipc(&rows, TimeBase::MICROSECONDS)?;
//! assert_eq!(evz_table::from_ipc("triggers", &schema, &batch, 0)?, rows);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! The messages of Arrow IPC are taken apart by [`ipc`], which is for readers of other tables too.
//! Record batches in LZ4 and zstd are read with the feature `compressed`.
#![forbid(unsafe_code)]

pub mod ipc;
mod parts;
mod rows;
mod table;

pub use parts::{RowsFound, check_rows, check_schema};
pub use rows::from_ipc;
pub use table::{TICK, TIME_BASE, record_batch, rows_to_ipc, schema, schema_to_ipc, tick_pair};
