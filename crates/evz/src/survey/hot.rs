//! Pixels with too many events.

use evz_core::{HotLimit, TimeBase};

use crate::filters::PixelCounts;

/// Pixels that are named one by one.
const NAMED: usize = 5;

/// The pixels that [`Filter::HOT_PIXELS`](crate::Filter::HOT_PIXELS) leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HotPixels {
    /// How many they are.
    pub pixels: u64,
    /// Events of all of them.
    pub events: u64,
    /// Those with the most events, five at most, the most first.
    pub hottest: Vec<HotPixel>,
}

/// A pixel, and how many events it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HotPixel {
    /// Its column.
    pub x: u16,
    /// Its row.
    pub y: u16,
    /// Its events.
    pub events: u64,
}

impl HotPixels {
    /// Those of a recording with these counts and so many ticks from the earliest event to the latest.
    pub(super) fn of(counts: &PixelCounts, ticks: i128, base: TimeBase) -> Self {
        let most = counts.most(HotLimit::DEFAULT, ticks, base);
        let mut found = Self::default();
        for (x, y, events) in counts.iter().filter(|(_, _, events)| *events > most) {
            found.pixels += 1;
            found.events += events;
            let at = found.hottest.partition_point(|hot| hot.events >= events);
            if at < NAMED {
                found.hottest.truncate(NAMED - 1);
                found.hottest.insert(at, HotPixel { x, y, events });
            }
        }
        found
    }
}
