//! Events as EVT2. The layout is described beside the decoder.

use evz_core::EventSlice;

use super::misfit::{Misfit, Why};
use super::times::{Times, push};
use super::triggers::Trigger;

/// Kinds of words.
const TIME_HIGH: u32 = 0x8 << 28;
/// docs.prophesee.ai, "EVT 2.0 Format", EXT_TRIGGER: time, channel in bits 12 to 8, edge in bit 0.
const EXT_TRIGGER: u32 = 0xa << 28;

#[derive(Debug, Default)]
pub(super) struct Evt2 {
    times: Times,
}

impl Evt2 {
    pub(super) fn encode(
        &mut self,
        events: EventSlice<'_>,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Misfit> {
        for (at, &t) in events.t.iter().enumerate() {
            let low = self.times.go_to(t, TIME_HIGH, bytes);
            let low = low.map_err(|why| Misfit { at, why })?;
            let (x, y, p) = (events.x[at], events.y[at], events.p[at]);
            push(
                bytes,
                u32::from(p) << 28 | low | u32::from(x) << 11 | u32::from(y),
            );
        }
        Ok(())
    }

    pub(super) fn encode_trigger(
        &mut self,
        trigger: Trigger,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Why> {
        self.times
            .encode_trigger(trigger, TIME_HIGH, EXT_TRIGGER, bytes)
    }
}
