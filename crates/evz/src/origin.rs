//! What the times of an output count from.

use std::str::FromStr;

use evz_core::{Clock, Error, EventSource, LossKind, Report, Result, StreamInfo};

use crate::peeked::Peeked;
use crate::shifted::Shifted;

/// What the times of what is read count from. The clock's epoch goes the other way, so that the absolute
/// time of an event is the same with each of them, wherever an output has a place for an epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Times are as the recording has them.
    #[default]
    Recorded,
    /// From what the recording's clock counts from: its epoch is added, and is 0 then.
    Clock,
    /// From the first event of the recording, as [`Time::Relative`](crate::Time::Relative) does.
    FirstEvent,
    /// From the first event that is wanted, whose time is 0 then.
    FirstWanted,
}

impl FromStr for Origin {
    type Err = Error;

    /// `recorded`, `absolute`, `relative` or `zero`, in the order of the kinds.
    fn from_str(name: &str) -> Result<Self> {
        match name {
            "recorded" => Ok(Self::Recorded),
            "absolute" => Ok(Self::Clock),
            "relative" => Ok(Self::FirstEvent),
            "zero" => Ok(Self::FirstWanted),
            _ => Err(Error::invalid(format!(
                "no such choice {name:?} of what times count from; it is recorded, absolute, relative or \
                 zero"
            ))),
        }
    }
}

/// How far times are moved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Move {
    /// Ticks that are added.
    pub(crate) ticks: i128,
    /// What clock they are of then.
    pub(crate) clock: Clock,
}

impl Origin {
    /// How far the times of a recording are moved, whose first event is at tick `first`; `wanted` gives
    /// the first that is wanted of it. None if they stay as they are.
    ///
    /// # Errors
    /// If the epoch does not fit 64 bits then, or as `wanted` says.
    pub(crate) fn shift(
        self,
        clock: Clock,
        first: Option<i64>,
        wanted: impl FnOnce() -> Result<Option<i64>>,
        name: &str,
    ) -> Result<Option<Move>> {
        let ticks = match self {
            Self::Recorded => return Ok(None),
            Self::Clock => i128::from(clock.epoch),
            Self::FirstEvent => -i128::from(first.unwrap_or_default()),
            Self::FirstWanted => -i128::from(wanted()?.unwrap_or_default()),
        };
        let epoch = i64::try_from(i128::from(clock.epoch) - ticks).map_err(|_| {
            let what =
                "an event lies too far from what its clock counts from to be counted from anew";
            Error::unsupported(name, what)
        })?;
        let clock = clock.with_epoch(epoch);
        Ok((ticks != 0).then_some(Move { ticks, clock }))
    }

    /// Whether it has to be known when the recording starts.
    pub(crate) fn is_relative(self) -> bool {
        self == Self::FirstEvent
    }

    /// The selected events of a recording with their times counted from here; `first` is the time of the
    /// recording's first event.
    ///
    /// # Errors
    /// As [`Origin::shift`], or if the source cannot be read up to its first event.
    pub(crate) fn apply(
        self,
        source: Box<dyn EventSource>,
        first: Option<i64>,
        name: &str,
    ) -> Result<Box<dyn EventSource>> {
        let (source, wanted) = match self {
            Self::FirstWanted => {
                let source = Peeked::new(source)?;
                let wanted = source.first_time();
                (Box::new(source) as Box<dyn EventSource>, wanted)
            }
            _ => (source, None),
        };
        let moved = self.shift(source.info().clock, first, || Ok(wanted), name)?;
        Ok(match moved {
            Some(moved) => moved.apply(source, name),
            None => source,
        })
    }

    /// Takes an epoch that an output has no place for as agreed, where times were to count from elsewhere.
    pub fn agree(self, report: &mut Report) {
        if self != Self::Recorded {
            report.agree(LossKind::Epoch);
        }
    }
}

impl Move {
    pub(crate) fn apply(self, source: Box<dyn EventSource>, name: &str) -> Box<dyn EventSource> {
        let info = StreamInfo {
            clock: self.clock,
            ..source.info().clone()
        };
        Shifted::of(source, info, self.ticks, name)
    }
}
