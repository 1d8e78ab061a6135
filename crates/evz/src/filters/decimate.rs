//! Some of the events of each pixel.

use evz_core::{EventSlice, Result};

use super::chosen::Choose;
use super::pixel_map::PixelMap;

/// Keeps every nth event of each pixel.
pub(super) struct Decimate {
    n: u32,
    /// Events of each pixel since one was kept.
    since: PixelMap<u32>,
}

impl Decimate {
    pub(super) fn new(n: u32) -> Self {
        Self {
            n,
            since: PixelMap::new(0),
        }
    }
}

impl Choose for Decimate {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        self.since.reach(events)?;
        let mut n = 0;
        for (i, (&x, &y)) in events.x.iter().zip(events.y).enumerate() {
            let at = self.since.cell(x, y);
            let since = &mut self.since.cells()[at];
            let is_nth = *since + 1 == self.n;
            *since = if is_nth { 0 } else { *since + 1 };
            kept[n] = i as u32;
            n += usize::from(is_nth);
        }
        Ok(n)
    }

    fn what(&self) -> String {
        format!("events by keeping one of {} of each pixel", self.n)
    }
}
