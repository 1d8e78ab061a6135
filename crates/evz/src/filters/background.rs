//! Events that no pixel around them bears out.

use evz_core::{EventSlice, Result};

use super::chosen::Choose;
use super::pixel_map::PixelMap;

/// Keeps events which follow on one of a pixel around theirs.
pub(super) struct Background {
    /// Ticks within which it follows.
    span: i64,
    /// The time of the last event of each pixel.
    last: PixelMap<i64>,
}

impl Background {
    pub(super) fn new(span: i64) -> Self {
        Self {
            span,
            last: PixelMap::new(i64::MIN),
        }
    }
}

impl Choose for Background {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        self.last.reach(events)?;
        let stride = self.last.stride();
        let mut n = 0;
        for (i, &t) in events.t.iter().enumerate() {
            let at = self.last.cell(events.x[i], events.y[i]);
            let cells = self.last.cells();
            // Looked at one and all, without a branch for each: which of them it is is anyone's guess. A
            // pixel without an event has a time that none is near.
            let span = self.span.unsigned_abs();
            let near = |last: i64| t.abs_diff(last) < span;
            let row = |row: &[i64]| near(row[0]) | near(row[1]) | near(row[2]);
            let above = row(&cells[at - stride - 1..at - stride + 2]);
            let below = row(&cells[at + stride - 1..at + stride + 2]);
            let is_borne_out = above | below | near(cells[at - 1]) | near(cells[at + 1]);
            cells[at] = t;
            kept[n] = i as u32;
            n += usize::from(is_borne_out);
        }
        Ok(n)
    }

    fn what(&self) -> String {
        "events of background activity".to_owned()
    }
}
