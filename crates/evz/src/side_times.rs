//! Times of rows of side streams.

use evz_core::{Result, SideRows, SideValues};

/// Columns of `frames` that are times too, as SPEC.md names them.
const FRAME_TIMES: [&str; 4] = ["frame_begin", "frame_end", "exposure_begin", "exposure_end"];

/// Changes all times of rows, of which each call gets a column.
pub(crate) fn change_times(
    rows: &mut SideRows,
    mut change: impl FnMut(&mut [i64]) -> Result<()>,
) -> Result<()> {
    change(&mut rows.t)?;
    let has_times = rows.stream.starts_with("frames");
    for column in rows.columns.iter_mut().filter(|_| has_times) {
        if let SideValues::I64(times) = &mut column.values
            && FRAME_TIMES.contains(&&*column.name)
        {
            change(times)?;
        }
    }
    Ok(())
}
