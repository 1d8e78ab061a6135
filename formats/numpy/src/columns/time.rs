//! Columns of times.

use evz_core::columns::{Bad, Rounded, Times};

use super::{Column, numbers};
use crate::npy::Kind;

/// Adds the times of a column to `out`, up to the first value that is none.
pub(crate) fn read_times(
    times: Times,
    column: Column<'_>,
    first_row: u64,
    rounded: &mut Rounded,
    out: &mut Vec<i64>,
) -> Option<Bad> {
    let kind = column.scalar.kind;
    if kind == Kind::Float {
        return numbers!(column, values => times.read_floats(values, first_row, rounded, out));
    }
    let start = out.len();
    let bad = numbers!(column, values => Times::read_whole(values, out));
    // What numpy writes for a time that there is none of.
    let is_none = |t: &i64| matches!(kind, Kind::Time(_)) && *t == i64::MIN;
    let none = out[start..].iter().position(is_none);
    let none = none.map(|row| Bad::new(row, "the time is NaT"));
    Bad::first(bad, none)
}
