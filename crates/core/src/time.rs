//! Ticks and what they are worth.

use std::fmt;

/// Nanoseconds a tick: 1000 for a microsecond clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeBase {
    nanoseconds: u64,
}

impl TimeBase {
    /// A tick is a nanosecond.
    pub const NANOSECONDS: Self = Self { nanoseconds: 1 };
    /// A tick is a microsecond.
    pub const MICROSECONDS: Self = Self { nanoseconds: 1_000 };
    /// A tick is a millisecond.
    pub const MILLISECONDS: Self = Self {
        nanoseconds: 1_000_000,
    };
    /// A tick is a second.
    pub const SECONDS: Self = Self {
        nanoseconds: 1_000_000_000,
    };

    /// A tick of so many nanoseconds; none for 0.
    pub fn from_nanoseconds(nanoseconds: u64) -> Option<Self> {
        (nanoseconds > 0).then_some(Self { nanoseconds })
    }

    /// Nanoseconds a tick.
    pub fn nanoseconds(self) -> u64 {
        self.nanoseconds
    }

    /// `ticks` in nanoseconds, exactly.
    pub fn to_nanoseconds(self, ticks: i64) -> i128 {
        i128::from(ticks) * i128::from(self.nanoseconds)
    }

    /// `ticks` in whole microseconds, rounded down.
    pub fn to_microseconds(self, ticks: i64) -> i128 {
        self.to_nanoseconds(ticks).div_euclid(1_000)
    }

    /// The first tick that is not before `nanoseconds`, held within what a tick count can be: a
    /// window `[a, b)` in nanoseconds and the window of these ticks hold the same events.
    pub fn tick_at_or_after(self, nanoseconds: i128) -> i64 {
        let base = i128::from(self.nanoseconds);
        let tick = nanoseconds.div_euclid(base) + i128::from(nanoseconds.rem_euclid(base) != 0);
        tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nanoseconds {
            1 => f.write_str("nanoseconds"),
            1_000 => f.write_str("microseconds"),
            1_000_000 => f.write_str("milliseconds"),
            1_000_000_000 => f.write_str("seconds"),
            n => write!(f, "ticks of {n} ns"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_in_nanoseconds_keeps_its_events_in_ticks() {
        let us = TimeBase::MICROSECONDS;
        assert_eq!(us.tick_at_or_after(1_000), 1);
        assert_eq!(us.tick_at_or_after(1_001), 2);
        assert_eq!(us.tick_at_or_after(-1), 0);
        assert_eq!(us.tick_at_or_after(-1_000), -1);
        assert_eq!(us.tick_at_or_after(i128::MAX), i64::MAX);
    }

    #[test]
    fn microseconds_round_down() {
        assert_eq!(TimeBase::NANOSECONDS.to_microseconds(-1), -1);
        assert_eq!(TimeBase::NANOSECONDS.to_microseconds(1_999), 1);
    }
}
