//! Events as DAT 2. The layout is described beside the decoder.

use evz_core::EventSlice;

use super::misfit::{Misfit, Why};
use crate::clock::DatTime;

#[derive(Debug, Default)]
pub(super) struct Dat2 {
    /// The clock as a reader carries it on.
    clock: Option<DatTime>,
}

/// What is taken off all times: the turns of the clock before the first.
pub(super) fn t0(first: i64) -> i64 {
    first >> 32 << 32
}

impl Dat2 {
    pub(super) fn encode(
        &mut self,
        events: EventSlice<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        for (at, &t) in events.t.iter().enumerate() {
            let low = t as u32;
            let clock = self.clock.get_or_insert_with(|| DatTime::starting_at(low));
            let before = clock.ticks();
            clock.show(low);
            // The clock carries on over small steps back, but not every reader does: some take any
            // for the clock starting again.
            if t < before {
                let why = Why::Backward;
                return Err(Misfit { at, why });
            }
            if clock.ticks() != t {
                let why = Why::Gap;
                return Err(Misfit { at, why });
            }
            let (x, y, p) = (events.x[at], events.y[at], events.p[at]);
            let pixel = u32::from(p) << 28 | u32::from(y) << 14 | u32::from(x);
            bytes.extend_from_slice(&low.to_le_bytes());
            bytes.extend_from_slice(&pixel.to_le_bytes());
        }
        Ok(())
    }
}
