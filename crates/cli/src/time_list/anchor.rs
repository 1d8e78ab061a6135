//! A time that a window lies at.

use std::ops::Range;

use evz::{StreamInfo, Time, TimeBase};

use crate::args::Lies;

/// So many nanoseconds after a tick, or after the negative of an epoch: exact also where a tick is no
/// whole number of nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Anchor {
    origin: i128,
    nanoseconds: i128,
}

impl Anchor {
    /// A time, in a recording whose first event is at tick `first`.
    pub(crate) fn of(time: Time, info: &StreamInfo, first: Option<i64>) -> Self {
        match time {
            Time::Relative(nanoseconds) => Self {
                origin: first.unwrap_or(0).into(),
                nanoseconds,
            },
            Time::Absolute(nanoseconds) => Self {
                origin: -i128::from(info.clock.epoch),
                nanoseconds,
            },
        }
    }

    /// A tick as the recording has it.
    pub(super) fn of_tick(tick: i64) -> Self {
        Self {
            origin: tick.into(),
            nanoseconds: 0,
        }
    }

    /// So many ticks of the recording's clock, of which what comes before its epoch counts.
    pub(super) fn of_clock(ticks: i128, info: &StreamInfo) -> Self {
        Self {
            origin: ticks.saturating_sub(info.clock.epoch.into()),
            nanoseconds: 0,
        }
    }

    /// The first tick that is not before so many nanoseconds behind it.
    pub(super) fn tick(self, behind: i128, base: TimeBase) -> i64 {
        base.tick_after(self.origin, self.nanoseconds.saturating_add(behind))
    }

    /// Whether there is a tick that is not before it.
    pub(super) fn is_counted(self, base: TimeBase) -> bool {
        let tick = self.tick(0, base);
        // Those are what is beyond them, too.
        tick != i64::MIN && tick != i64::MAX
    }

    /// The window of so many nanoseconds that lies so.
    pub(crate) fn window(self, lies: Lies, nanoseconds: i128, base: TimeBase) -> Range<i64> {
        let start = match lies {
            Lies::Before => -nanoseconds,
            Lies::Around => -(nanoseconds / 2),
            Lies::After => 0,
        };
        self.tick(start, base)..self.tick(start + nanoseconds, base)
    }
}
