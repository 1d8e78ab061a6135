//! Which events can stand in a vector of 32 neighbours: those of one time, row and polarity, from
//! left to right.

use evz_core::{EventSlice, SensorSize};

use crate::staging::PIXELS;

/// Pixels of a vector.
pub(super) const LANES: u16 = 32;

/// Where vectors may begin: the maker's readers leave out one that reaches beyond the sensor, or
/// complain of it.
#[derive(Debug)]
pub(super) struct Vectors {
    last_base: Option<u16>,
}

impl Vectors {
    /// On a sensor of this size; there are none where it is not known.
    pub(super) fn on(size: Option<SensorSize>) -> Self {
        let width = size.map_or(0, |size| size.width.min(PIXELS.into()) as u16);
        Self {
            last_base: width.checked_sub(LANES),
        }
    }

    /// The first column of the vector whose first event is in column `x`, if there can be one.
    pub(super) fn base(&self, x: u16) -> Option<u16> {
        let base = x.min(self.last_base?);
        (x - base < LANES).then_some(base)
    }

    /// The first column and the pixels of the longest vector that begins with the first of these
    /// events of a run.
    pub(super) fn longest(&self, columns: &[u16]) -> Option<(u16, u32)> {
        let base = self.base(*columns.first()?)?;
        let lanes = columns.iter().map(|x| x - base);
        let lanes = lanes.take_while(|&lane| lane < LANES);
        Some((base, lanes.fold(0, |mask, lane| mask | 1 << lane)))
    }
}

/// A run: how many events from `at` on a vector could have if it were as long as the row.
pub(super) fn run(events: EventSlice<'_>, at: usize) -> usize {
    let facts = |i: usize| (events.t[i], events.y[i], events.p[i]);
    let goes_on = |&i: &usize| facts(i) == facts(at) && events.x[i] > events.x[i - 1];
    1 + (at + 1..events.len()).take_while(goes_on).count()
}
