//! Events of a region.

use evz_core::{EventSlice, Result, Roi};

use super::chosen::Choose;

/// Keeps events inside a region.
pub(super) struct Inside(pub(super) Roi);

impl Choose for Inside {
    fn choose(&mut self, events: EventSlice<'_>, kept: &mut [u32]) -> Result<usize> {
        let mut n = 0;
        for (i, (&x, &y)) in events.x.iter().zip(events.y).enumerate() {
            kept[n] = i as u32;
            n += usize::from(self.0.contains(x, y));
        }
        Ok(n)
    }

    fn what(&self) -> String {
        format!("events outside the region {}", self.0)
    }
}
