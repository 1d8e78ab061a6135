//! Frames of reversed time: of events that are mirrored in time, in windows that are.
//!
//! An event at `t` becomes one at `-1 - t`, which every time has. What is from `start` to `end`, which is excluded,
//! is then from `-end` to `-start`, and events that were in order are so, the last one first. So all other kernels
//! paint them as they paint others.

use std::ops::Range;

use evz_core::{Error, Result};

use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{FILTER_POLARITY, Filter, PAINT_THREADS};
use crate::loaded::Loaded;

/// The mirror image of a window.
///
/// # Errors
/// If it has no end, or its image would have none or end behind the largest time.
pub(crate) fn mirrored(ticks: Range<i64>) -> Result<Range<i64>> {
    // The largest time stands for no end.
    let is_said = |t: &i64| (i64::MIN + 2..i64::MAX).contains(t);
    if !is_said(&ticks.start) || !is_said(&ticks.end) {
        let what = "windows up to the ends of all times are painted backwards by the CPU alone";
        return Err(Error::unsupported("the GPU", what).advise("take the device cpu"));
    }
    Ok(-ticks.end..-ticks.start)
}

impl Filter {
    /// What keeps the image of each event that this keeps.
    pub(crate) fn mirrored(self) -> Self {
        let Self { start, stop, .. } = self;
        // The largest time stands for no end.
        let ends = (stop < i64::MAX).then_some(stop);
        let (start, stop) = match (start < stop, start > i64::MIN) {
            (false, _) => (0, 0),
            (true, true) => (ends.map_or(i64::MIN, |stop| -stop), -start),
            (true, false) => (ends.map_or(i64::MIN, |stop| -stop), i64::MAX),
        };
        let polarity = match self.flags & FILTER_POLARITY {
            0 => self.polarity,
            _ => self.polarity ^ 1,
        };
        Self {
            start,
            stop,
            polarity,
            ..self
        }
    }
}

impl Lane {
    /// Mirrors what is loaded, of which there are `n` events in the columns.
    pub(crate) fn mirror(&self, loaded: Loaded, n: u64) -> Result<Loaded> {
        let columns = loaded.columns;
        let blocks =
            (n.div_ceil(2 * u64::from(PAINT_THREADS))).clamp(1, 32 * self.shared.processors) as u32;
        // SAFETY: the columns have `n` events.
        unsafe {
            let mut params = params![columns, n];
            let mirror = &self.shared.kernels.mirror;
            launch(&self.stream, mirror, Grid::of(blocks), &mut params)?;
        }
        let Range { start, end } = loaded.within;
        Ok(Loaded {
            within: n - end..n - start,
            ..loaded
        })
    }
}
