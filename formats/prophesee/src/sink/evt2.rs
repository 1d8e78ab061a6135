//! Events as EVT2. The layout is described beside the decoder.

use evz_core::EventSlice;

use super::Misfit;
use super::high::{High, turns_off};

/// Bits of TIME_HIGH.
const HIGH_BITS: u32 = 28;
/// Bits of the time in the word of an event.
const LOW_BITS: u32 = 6;
/// The kind of the word.
const TIME_HIGH: u32 = 0x8 << 28;

#[derive(Debug, Default)]
pub(super) struct Evt2 {
    high: High<HIGH_BITS>,
    /// TIME_HIGH of the last event.
    last: Option<i64>,
}

/// What is taken off all times.
pub(super) fn t0(first: i64) -> i64 {
    turns_off::<HIGH_BITS>(first >> LOW_BITS) << LOW_BITS
}

impl Evt2 {
    pub(super) fn encode(
        &mut self,
        events: EventSlice<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        for (at, &t) in events.t.iter().enumerate() {
            let high = t >> LOW_BITS;
            if self.last != Some(high) {
                let show = |high: u32| bytes.extend_from_slice(&(TIME_HIGH | high).to_le_bytes());
                let shown = self.high.go_to(high, show);
                shown.map_err(|why| Misfit { at, why })?;
                self.last = Some(high);
            }
            let low = (t & ((1 << LOW_BITS) - 1)) as u32;
            let (x, y, p) = (events.x[at], events.y[at], events.p[at]);
            let word = u32::from(p) << 28 | low << 22 | u32::from(x) << 11 | u32::from(y);
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        Ok(())
    }
}
