//! TIME_HIGH of the encodings whose words have the 6 low bits of their time, and nothing above them.

use crate::clock::Evt2High;

/// The value of a TIME_HIGH.
pub(super) const VALUE: u32 = 0xfff_ffff;

/// Takes note of a TIME_HIGH, of which bits from 28 on are left out. Whether the clock has started
/// again.
pub(super) fn show(high: &mut Option<Evt2High>, word: u32) -> bool {
    let value = word & VALUE;
    match high {
        Some(high) => high.show(value),
        None => {
            *high = Some(Evt2High::starting_at(value));
            false
        }
    }
}

/// The low bits of the time of an event or a trigger.
pub(super) fn low(word: u32) -> u32 {
    (word >> 22) & 0x3f
}

pub(super) fn time(high: Evt2High, low: u32) -> i64 {
    high.ticks() << 6 | i64::from(low)
}
