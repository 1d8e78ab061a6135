//! Units of time in text.

use std::{fmt, str::FromStr};

use crate::{Error, TimeBase};

/// What a time of 1 means in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// Seconds, `s`.
    Seconds,
    /// Milliseconds, `ms`.
    Milliseconds,
    /// Microseconds, `us`.
    Microseconds,
    /// Nanoseconds, `ns`.
    Nanoseconds,
}

impl TimeUnit {
    /// All units, the longest first.
    pub const ALL: [Self; 4] = [
        Self::Seconds,
        Self::Milliseconds,
        Self::Microseconds,
        Self::Nanoseconds,
    ];

    /// How many decimals of this unit reach down to the nanosecond.
    pub fn decimals_to_nanosecond(self) -> u8 {
        match self {
            Self::Seconds => 9,
            Self::Milliseconds => 6,
            Self::Microseconds => 3,
            Self::Nanoseconds => 0,
        }
    }

    /// The unit in nanoseconds.
    pub fn nanoseconds(self) -> u64 {
        10u64.pow(u32::from(self.decimals_to_nanosecond()))
    }

    /// The unit as the worth of a tick.
    pub fn time_base(self) -> TimeBase {
        match self {
            Self::Seconds => TimeBase::SECONDS,
            Self::Milliseconds => TimeBase::MILLISECONDS,
            Self::Microseconds => TimeBase::MICROSECONDS,
            Self::Nanoseconds => TimeBase::NANOSECONDS,
        }
    }

    /// The unit that ticks of this worth count, if they do.
    pub fn of(base: TimeBase) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.time_base() == base)
    }

    /// The unit as options write it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
        }
    }

    /// The unit spelled out.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    /// The unit by any of the names that headers give it.
    pub fn from_any_name(name: &str) -> Option<Self> {
        Some(match name {
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Seconds,
            "ms" | "msec" | "millisecond" | "milliseconds" => Self::Milliseconds,
            "us" | "µs" | "μs" | "usec" | "microsecond" | "microseconds" => Self::Microseconds,
            "ns" | "nsec" | "nanosecond" | "nanoseconds" => Self::Nanoseconds,
            _ => return None,
        })
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl FromStr for TimeUnit {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|u| u.symbol() == text)
            .ok_or_else(|| Error::invalid(format!("no time unit {text:?}; it is s, ms, us or ns")))
    }
}
