//! Whether times are what is told of them: windows, and the chunks that they ask, are looked for by that.

use evz_core::Result;

use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{ColumnAddresses, PAINT_EVENTS, PAINT_THREADS};
use crate::resident::Copied;

impl Lane {
    /// Has it looked whether the times of decoded chunks are what their heads say, and in order if those of
    /// the recording are.
    pub(crate) fn check_times(
        &self,
        copied: &Copied,
        columns: ColumnAddresses,
        in_order: bool,
    ) -> Result<()> {
        let in_order = u32::from(in_order);
        let (descs, error) = (copied.descs, self.error.at());
        let longest = copied.fast.max(copied.small).unwrap_or(0);
        let grid = Grid {
            frames: copied.chunks,
            ..Grid::of(longest.div_ceil(PAINT_THREADS * PAINT_EVENTS).max(1))
        };
        // SAFETY: the columns have the times of all events of these chunks.
        unsafe {
            let mut params = params![descs, columns, in_order, error];
            launch(
                &self.stream,
                &self.shared.kernels.check_times,
                grid,
                &mut params,
            )
        }
    }
}
