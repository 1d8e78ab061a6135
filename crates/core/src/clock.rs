//! What clock times are of.

use std::fmt;

use crate::{Loss, LossKind, TimeBase};

/// The clock of a recording. Times are relative to its epoch: the absolute time of tick `t`, on the
/// clock of this kind, is `t + epoch` ticks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Clock {
    /// What the clock counts from.
    pub kind: ClockKind,
    /// What tick 0 of the recording is on it.
    pub epoch: i64,
}

/// What a clock counts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ClockKind {
    /// Nobody says.
    #[default]
    Unknown,
    /// When the sensor started, or whatever else it counts from.
    Sensor,
    /// 1970-01-01 00:00:00 UTC, without leap seconds.
    Unix,
    /// 1980-01-06 00:00:00 UTC, with all seconds since.
    Gps,
    /// Some moment before the recording, such as the start of the computer.
    Monotonic,
}

impl Clock {
    /// A clock of this kind whose epoch is 0: times are absolute.
    pub fn of(kind: ClockKind) -> Self {
        Self { kind, epoch: 0 }
    }

    /// The same with another epoch.
    pub fn with_epoch(mut self, epoch: i64) -> Self {
        self.epoch = epoch;
        self
    }

    /// Tick 0 as an answer to [`Question::From`](crate::Question::From): `@0`, and of a clock with an
    /// epoch that epoch.
    pub fn tick_0(self, base: TimeBase) -> String {
        match self.epoch {
            0 => "@0".to_owned(),
            // Rounded down, which is behind the tick before.
            epoch => format!("@{}ns", base.to_nanoseconds(epoch)),
        }
    }

    /// What is lost of it where an output has no place for an epoch.
    pub fn lost_epoch(self) -> Option<Loss> {
        let what = "epochs of a clock, which the output has no place for";
        let epoch = format!(
            "times are ticks after {} on a clock of kind {}",
            self.epoch, self.kind
        );
        (self.epoch != 0).then(|| Loss::new(LossKind::Epoch, what, 1).with_examples([epoch]))
    }

    /// Whether there is nothing to say of it.
    pub fn is_unknown(self) -> bool {
        self == Self::default()
    }
}

impl ClockKind {
    /// All kinds, each at its number.
    pub const ALL: [Self; 5] = [
        Self::Unknown,
        Self::Sensor,
        Self::Unix,
        Self::Gps,
        Self::Monotonic,
    ];

    /// The number that files of evz give it.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The kind of a number; none if there is no such kind.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Sensor => "sensor",
            Self::Unix => "unix",
            Self::Gps => "gps",
            Self::Monotonic => "monotonic",
        }
    }

    /// The kind of a name; none if there is no such kind.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ClockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_number_and_by_name() {
        for (number, kind) in (0..).zip(ClockKind::ALL) {
            assert_eq!(kind.number(), number);
            assert_eq!(ClockKind::from_number(number), Some(kind));
            assert_eq!(ClockKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(ClockKind::from_number(5), None);
        assert_eq!(ClockKind::from_name("utc"), None);
        assert!(Clock::of(ClockKind::Unknown).is_unknown());
        assert!(!Clock::default().with_epoch(1).is_unknown());
        let ms = TimeBase::MILLISECONDS;
        assert_eq!(Clock::default().tick_0(ms), "@0");
        assert_eq!(Clock::default().with_epoch(-2).tick_0(ms), "@-2000000ns");
    }
}
