//! Times of EVT2 and EVT4: the 6 low bits in each word, the others in TIME_HIGH.

use super::high::{High, MAX_TURNS, turns_off};
use super::misfit::Why;
use super::triggers::Trigger;

/// Bits of TIME_HIGH.
const HIGH_BITS: u32 = 28;
/// Bits of the time in the word of an event.
const LOW_BITS: u32 = 6;

/// How far after a time the next one can always be said.
pub(super) const REACH: i64 = MAX_TURNS << (HIGH_BITS + LOW_BITS);

/// The last channel that a trigger can have.
pub(super) const MAX_ID: u8 = 31;

/// What is taken off all times.
pub(super) fn t0(first: i64) -> i64 {
    turns_off::<HIGH_BITS>(first >> LOW_BITS) << LOW_BITS
}

/// The time as the words so far say it.
#[derive(Debug, Default)]
pub(super) struct Times {
    high: High<HIGH_BITS>,
    /// TIME_HIGH of the last word.
    last: Option<i64>,
}

impl Times {
    /// Makes words of the kind `time_high` say the high bits of the time `t`; gives the others, where
    /// a word has them.
    pub(super) fn go_to(
        &mut self,
        t: i64,
        time_high: u32,
        bytes: &mut Vec<u8>,
    ) -> Result<u32, Why> {
        let high = t >> LOW_BITS;
        if self.last != Some(high) {
            self.high
                .go_to(high, |high| push(bytes, time_high | high))?;
            self.last = Some(high);
        }
        Ok(((t & ((1 << LOW_BITS) - 1)) as u32) << 22)
    }

    /// Writes a trigger as a word of the kind `ext_trigger`, which has the same fields in all encodings
    /// of such times.
    pub(super) fn encode_trigger(
        &mut self,
        trigger: Trigger,
        time_high: u32,
        ext_trigger: u32,
        bytes: &mut Vec<u8>,
    ) -> Result<(), Why> {
        let low = self.go_to(trigger.t, time_high, bytes)?;
        let (id, rising) = (u32::from(trigger.id), u32::from(trigger.rising));
        push(bytes, ext_trigger | low | id << 8 | rising);
        Ok(())
    }
}

pub(super) fn push(bytes: &mut Vec<u8>, word: u32) {
    bytes.extend_from_slice(&word.to_le_bytes());
}
