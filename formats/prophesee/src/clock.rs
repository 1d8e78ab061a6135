//! Clocks of few bits, carried into 64.

use evz_core::{Error, PartReader, PartWriter, Result};

/// A clock of `BITS` bits that starts again from 0 when they are used up.
///
/// A value that falls by half of what the clock can count, or more, has started again; one that
/// falls by less has run backwards, as sensors do by a few ticks. A value that leaps from within
/// `SLACK` of 0 to within `SLACK` of the end, where the clock has started again before, has run
/// backwards too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock<const BITS: u32, const SLACK: u32> {
    turns: i64,
    last: u32,
}

impl<const BITS: u32, const SLACK: u32> Clock<BITS, SLACK> {
    /// A clock that first shows `value`.
    pub(crate) fn starting_at(value: u32) -> Self {
        Self {
            turns: 0,
            last: value,
        }
    }

    /// Says where it is, to be told to [`Clock::told`].
    pub(crate) fn tell(clock: Option<Self>, part: &mut PartWriter) {
        part.maybe(clock.map(|clock| clock.last.into()));
        if let Some(clock) = clock {
            part.sint(clock.turns);
        }
    }

    /// A clock that is where it was said to be.
    pub(crate) fn told(part: &mut PartReader<'_>) -> Result<Option<Self>> {
        let Some(last) = part.maybe()? else {
            return Ok(None);
        };
        let last = u32::try_from(last).map_err(|_| no_clock())?;
        let turns = part.sint()?;
        Ok(Some(Self { turns, last }))
    }

    /// Shows `value` next, which is less than `2^BITS`. Whether the clock has started again.
    pub(crate) fn show(&mut self, value: u32) -> bool {
        let (last, next) = (u64::from(self.last), u64::from(value));
        let (full, slack) = (1 << BITS, u64::from(SLACK));
        self.last = value;
        if last >= next + full / 2 {
            self.turns += 1;
            return true;
        }
        if self.turns > 0 && last < slack && next >= full - slack {
            self.turns -= 1;
        }
        false
    }

    /// Shows `value` next, which is known to be of the same turn.
    pub(crate) fn stay(&mut self, value: u32) {
        self.last = value;
    }

    /// The value shown, with the turns before it.
    pub(crate) fn ticks(&self) -> i64 {
        (self.turns << BITS) | i64::from(self.last)
    }

    /// The value shown.
    pub(crate) fn value(&self) -> u32 {
        self.last
    }

    /// The ticks of the turns before the value shown.
    pub(crate) fn turned(&self) -> i64 {
        self.turns << BITS
    }
}

/// TIME_HIGH of EVT2, EVT2.1 and EVT4, in 64 us: with the 6 bits below a clock of 2^34 us, 4.8 hours. The
/// slack is 10 ms.
pub(crate) type Evt2High = Clock<28, 156>;

/// TIME_HIGH of EVT3, in 4.096 ms: with the 12 bits below a clock of 2^24 us, 16.8 s. The slack is
/// 66 ms.
pub(crate) type Evt3High = Clock<12, 16>;

/// The times of DAT: a clock of 2^32 us, 71.6 minutes. The slack is 1 s.
pub(crate) type DatTime = Clock<32, 1_000_000>;

fn no_clock() -> Error {
    Error::corrupt("", "a clock that shows more than its bits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_carried_over_its_end_and_back() {
        let mut clock = Evt3High::starting_at(4094);
        let shown = [4095, 0, 1, 0, 4095, 4094, 4095, 0, 2047, 2046, 3000];
        let ticks = shown.map(|value| {
            clock.show(value);
            clock.ticks()
        });
        let expected = [
            4095, 4096, 4097, 4096, 4095, 4094, 4095, 4096, 6143, 6142, 7096,
        ];
        assert_eq!(ticks, expected);
    }

    #[test]
    fn a_leap_in_the_first_turn_is_a_leap() {
        let mut clock = Evt3High::starting_at(0);
        assert!(!clock.show(4095));
        assert_eq!(clock.ticks(), 4095);
    }

    #[test]
    fn half_a_turn_back_has_started_again() {
        for (back, again) in [(2047, false), (2048, true)] {
            let mut clock = Evt3High::starting_at(4000);
            assert_eq!(clock.show(4000 - back), again);
        }
        let mut clock = DatTime::starting_at(u32::MAX);
        assert!(clock.show(0));
        assert_eq!(clock.ticks(), 1 << 32);
    }
}
