//! Events as EVT2. The layout is described beside the decoder.

use evz_core::EventSlice;

use super::high::{High, MAX_TURNS, turns_off};
use super::misfit::{Misfit, Why};
use super::triggers::Trigger;

/// Bits of TIME_HIGH.
const HIGH_BITS: u32 = 28;
/// Bits of the time in the word of an event.
const LOW_BITS: u32 = 6;
/// Kinds of words.
const TIME_HIGH: u32 = 0x8 << 28;
/// docs.prophesee.ai, "EVT 2.0 Format", EXT_TRIGGER: time, channel in bits 12 to 8, edge in bit 0.
const EXT_TRIGGER: u32 = 0xa << 28;

/// The last channel that a trigger can have.
pub(super) const MAX_ID: u8 = 31;
/// How far after a time the next one can always be said.
pub(super) const REACH: i64 = MAX_TURNS << (HIGH_BITS + LOW_BITS);

#[derive(Debug, Default)]
pub(super) struct Evt2 {
    high: High<HIGH_BITS>,
    /// TIME_HIGH of the last word.
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
            let low = self.go_to(t, bytes).map_err(|why| Misfit { at, why })?;
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
        let low = self.go_to(trigger.t, bytes)?;
        let (id, rising) = (u32::from(trigger.id), u32::from(trigger.rising));
        push(bytes, EXT_TRIGGER | low | id << 8 | rising);
        Ok(())
    }

    /// Makes words say the high bits of the time `t`; gives the others, where a word has them.
    fn go_to(&mut self, t: i64, bytes: &mut Vec<u8>) -> Result<u32, Why> {
        let high = t >> LOW_BITS;
        if self.last != Some(high) {
            self.high
                .go_to(high, |high| push(bytes, TIME_HIGH | high))?;
            self.last = Some(high);
        }
        Ok(((t & ((1 << LOW_BITS) - 1)) as u32) << 22)
    }
}

fn push(bytes: &mut Vec<u8>, word: u32) {
    bytes.extend_from_slice(&word.to_le_bytes());
}
