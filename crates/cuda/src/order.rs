//! Whether times are in order where a recording says so: windows are looked for as if they were.

use evz_core::Result;

use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{ColumnAddresses, PAINT_EVENTS, PAINT_THREADS};
use crate::resident::Copied;

impl Lane {
    /// Has it looked whether the times of decoded chunks are in order.
    pub(crate) fn check_order(&self, copied: &Copied, columns: ColumnAddresses) -> Result<()> {
        let (descs, error) = (copied.descs, self.error.at());
        let longest = copied.fast.max(copied.small).unwrap_or(0);
        let grid = Grid {
            frames: copied.chunks,
            ..Grid::of(longest.div_ceil(PAINT_THREADS * PAINT_EVENTS).max(1))
        };
        // SAFETY: the columns have the times of all events of these chunks.
        unsafe {
            let mut params = params![descs, columns, error];
            launch(
                &self.stream,
                &self.shared.kernels.check_order,
                grid,
                &mut params,
            )
        }
    }
}
