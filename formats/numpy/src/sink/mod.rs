//! Events as arrays.

mod arrays;
mod npy;
mod npz;

pub use arrays::{NpzArray, NpzArrays};
pub use npy::NpySink;
pub use npz::NpzSink;

use evz_core::{ColumnType, Error, EventSlice, ExtraColumn, Result};

/// Refuses what are no events with these further columns.
fn check(columns: &[ExtraColumn], events: EventSlice<'_>) -> Result<()> {
    events.check()?;
    let declared = columns.iter().map(|c| c.column_type);
    let found = events.extra.iter().map(|values| values.column_type());
    if events.is_empty() || declared.eq(found) {
        return Ok(());
    }
    let named = |c: &ExtraColumn| format!("{} ({})", c.name, c.column_type);
    let declared: Vec<String> = columns.iter().map(named).collect();
    let found = events.extra.iter().map(|v| v.column_type().to_string());
    let found: Vec<String> = found.collect();
    Err(Error::invalid(format!(
        "events with further columns [{}]; their stream has [{}]",
        found.join(", "),
        declared.join(", ")
    )))
}

/// How numpy calls a type.
fn descr_of(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Bool => "|b1",
        ColumnType::I8 => "|i1",
        ColumnType::I16 => "<i2",
        ColumnType::I32 => "<i4",
        ColumnType::I64 => "<i8",
        ColumnType::U8 => "|u1",
        ColumnType::U16 => "<u2",
        ColumnType::U32 => "<u4",
        ColumnType::U64 => "<u8",
        ColumnType::F32 => "<f4",
        ColumnType::F64 => "<f8",
    }
}
