//! Events that follow too soon on one of the same pixel.

use evz_core::{EventSlice, Result};

use super::chosen::Choose;
use super::pixel_map::PixelMap;

/// Keeps events which come so long after the last one of their pixel.
pub(super) struct Refractory {
    /// Ticks of rest.
    span: i64,
    /// The time of the last event of each pixel.
    last: PixelMap<i64>,
}

impl Refractory {
    pub(super) fn new(span: i64) -> Self {
        Self {
            span,
            last: PixelMap::new(i64::MIN),
        }
    }
}

impl Choose for Refractory {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        self.last.reach(events)?;
        let mut n = 0;
        for (i, &t) in events.t.iter().enumerate() {
            let at = self.last.cell(events.x[i], events.y[i]);
            let last = std::mem::replace(&mut self.last.cells()[at], t);
            kept[n] = i as u32;
            n += usize::from(t.abs_diff(last) >= self.span.unsigned_abs());
        }
        Ok(n)
    }

    fn what(&self) -> String {
        "events in the refractory period of their pixel".to_owned()
    }
}
