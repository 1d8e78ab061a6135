//! How many events each pixel has.

use evz_core::{EventSlice, HotLimit, Result, TimeBase};

use super::hot_pixels::most;
use super::pixel_map::PixelMap;

/// The number of events of each pixel of a recording.
#[derive(Debug, Clone)]
pub struct PixelCounts(PixelMap<u64>);

impl PixelCounts {
    pub(crate) fn new() -> Self {
        Self(PixelMap::new(0))
    }

    /// Counts these events.
    ///
    /// # Errors
    /// If they reach farther than any sensor does.
    pub(crate) fn add(&mut self, events: EventSlice<'_>) -> Result<()> {
        self.0.reach(events)?;
        for (&x, &y) in events.x.iter().zip(events.y) {
            let at = self.0.cell(x, y);
            self.0.cells()[at] += 1;
        }
        Ok(())
    }

    /// Events of a pixel.
    pub fn get(&self, x: u16, y: u16) -> u64 {
        self.0.get(x, y)
    }

    /// The pixels that have events: column, row, and how many; row by row.
    pub fn iter(&self) -> impl Iterator<Item = (u16, u16, u64)> + '_ {
        self.0.pixels().filter(|(_, _, n)| *n > 0)
    }

    /// The most events that a pixel may have which is not hot, in so many ticks.
    pub(crate) fn most(&self, limit: HotLimit, ticks: i128, base: TimeBase) -> u64 {
        most(limit, self.0.values(), ticks, base)
    }

    /// Which pixels have more events than this.
    pub(super) fn above(&self, most: u64) -> PixelMap<bool> {
        self.0.map(false, |n| n > most)
    }
}
