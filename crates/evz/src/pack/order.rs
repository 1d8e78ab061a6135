//! Samples stand in the order of their times and do not meet: no event is of two of them.

use evz_core::{Error, Place, Result};

use super::SAMPLES;
use super::rows::Row;

/// Sees that no sample begins before the one before it ends; the first has this number.
///
/// # Errors
/// If one does.
pub(super) fn check_order<'a>(rows: impl Iterator<Item = &'a Row>, first: u64) -> Result<()> {
    let mut end = i64::MIN;
    for (number, row) in (first..).zip(rows) {
        if row.start < end {
            let (before, start) = (number - 1, row.start);
            let what =
                format!("sample {number} begins at {start}, before sample {before} ends at {end}");
            let error = Error::corrupt(Place::part(SAMPLES), what);
            return Err(error.advise("pack the recordings again"));
        }
        end = row.start + row.duration;
    }
    Ok(())
}
