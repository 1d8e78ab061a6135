//! TIME_HIGH for readers that count how often it starts again.

use super::misfit::Why;

/// TIME_HIGH of `BITS` bits as the words so far have shown it.
#[derive(Debug, Default)]
pub(super) struct High<const BITS: u32> {
    shown: Option<i64>,
}

/// Turns of the clock that are shown at most to come to a time: 2 kilobytes of words of EVT3 an
/// hour.
pub(super) const MAX_TURNS: i64 = 1024;

/// What is taken off all times in units of TIME_HIGH, of which this is the first: whole turns, if
/// they are too many to be shown.
pub(super) fn turns_off<const BITS: u32>(first: i64) -> i64 {
    let turns = first >> BITS;
    if turns <= MAX_TURNS { 0 } else { turns << BITS }
}

impl<const BITS: u32> High<BITS> {
    /// Shows `high`, which counts on beyond `BITS` bits, in words that `show` writes. An error says
    /// why it cannot be shown.
    ///
    /// Readers tell that the clock has started again by how far it falls, some only if from its last
    /// value to 0. So every turn is shown, from 0 to its last value, in steps of at most a quarter.
    pub(super) fn go_to(&mut self, high: i64, mut show: impl FnMut(u32)) -> Result<(), Why> {
        let full = 1 << BITS;
        let mut shown = match self.shown {
            Some(shown) if high < shown => return Err(Why::Backward),
            Some(shown) => shown,
            None => {
                show(0);
                0
            }
        };
        if high - shown > (MAX_TURNS + 1) * full {
            return Err(Why::Gap);
        }
        while shown < high {
            let end_of_turn = shown | (full - 1);
            shown = if shown == end_of_turn {
                shown + 1
            } else {
                high.min(end_of_turn).min(shown + full / 4)
            };
            show((shown & (full - 1)) as u32);
        }
        self.shown = Some(shown);
        Ok(())
    }
}
