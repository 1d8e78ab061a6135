//! What is wanted of a recording, before anybody knows when it starts.

use std::ops::Range;
use std::time::Duration;

use evz_core::{Error, Note, Polarity, Question, Result, Roi, Selection, StreamInfo};

use crate::origin::Origin;

/// A point in time, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// After the first event.
    Relative(i128),
    /// On the recording's own clock: where that has an epoch, what comes before it counts.
    Absolute(i128),
}

/// Which events are wanted. Every part narrows the others; the default is everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wanted {
    /// Events at or after this time.
    pub from: Option<Time>,
    /// Events before this time.
    pub to: Option<Time>,
    /// Event numbers from the start (included) to the end (excluded), counted from 0.
    pub events: Option<Range<u64>>,
    /// Only pixels in this region.
    pub roi: Option<Roi>,
    /// Only this polarity.
    pub polarity: Option<Polarity>,
    /// What their times count from.
    pub origin: Origin,
}

impl Time {
    /// The first tick that is not before this time, in a recording whose first event is at tick
    /// `first`.
    pub fn tick(self, info: &StreamInfo, first: Option<i64>) -> i64 {
        match self {
            Self::Relative(ns) => info.time_base.tick_after(first.unwrap_or(0).into(), ns),
            Self::Absolute(ns) => {
                let epoch = i128::from(info.clock.epoch);
                info.time_base.tick_after(-epoch, ns)
            }
        }
    }

    /// The time so many nanoseconds earlier.
    pub fn earlier(self, nanoseconds: i128) -> Self {
        match self {
            Self::Relative(ns) => Self::Relative(ns.saturating_sub(nanoseconds)),
            Self::Absolute(ns) => Self::Absolute(ns.saturating_sub(nanoseconds)),
        }
    }
}

/// So long after the first event.
impl From<Duration> for Time {
    fn from(after: Duration) -> Self {
        // A duration has less than 2^64 seconds.
        Self::Relative(after.as_nanos() as i128)
    }
}

impl Wanted {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// Events at or after this time; a `Duration` counts from the first event.
    pub fn with_from(mut self, from: impl Into<Time>) -> Self {
        self.from = Some(from.into());
        self
    }

    /// Events before this time; a `Duration` counts from the first event.
    pub fn with_to(mut self, to: impl Into<Time>) -> Self {
        self.to = Some(to.into());
        self
    }

    /// Events with these numbers.
    pub fn with_events(mut self, events: Range<u64>) -> Self {
        self.events = Some(events);
        self
    }

    /// Only pixels in `roi`.
    pub fn with_roi(mut self, roi: Roi) -> Self {
        self.roi = Some(roi);
        self
    }

    /// Only events of this polarity.
    pub fn with_polarity(mut self, polarity: Polarity) -> Self {
        self.polarity = Some(polarity);
        self
    }

    /// With times that count from there.
    pub fn with_origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The selection in a recording whose first event is at tick `first`.
    ///
    /// # Errors
    /// If it ends before it starts.
    pub fn resolve(&self, info: &StreamInfo, first: Option<i64>) -> Result<Selection> {
        let tick = |time: Time| time.tick(info, first);
        let (from, to) = (self.from.map(tick), self.to.map(tick));
        let backwards = match (self.from, self.to) {
            (Some(Time::Relative(from)), Some(Time::Relative(to)))
            | (Some(Time::Absolute(from)), Some(Time::Absolute(to))) => from > to,
            _ => from.zip(to).is_some_and(|(from, to)| from > to),
        };
        if backwards {
            return Err(
                Error::invalid("the time that is wanted ends before it starts")
                    .without(Question::From)
                    .without(Question::To),
            );
        }
        let time = (from.is_some() || to.is_some())
            .then(|| from.unwrap_or(i64::MIN)..to.unwrap_or(i64::MAX));
        Ok(Selection {
            time,
            events: self.events.clone(),
            roi: self.roi,
            polarity: self.polarity,
            ..Selection::default()
        })
    }

    /// What to say where no event is in the time that is wanted: mostly a time of the recording's clock was
    /// taken for one after the first event. That is at tick `first`.
    pub fn note_of_nothing(&self, info: &StreamInfo, first: Option<i64>) -> Option<Note> {
        let first = first.filter(|_| self.is_of_time())?;
        let base = info.time_base;
        let ns = base.to_nanoseconds(first) + base.to_nanoseconds(info.clock.epoch);
        let (sign, ns) = (if ns < 0 { "-" } else { "" }, ns.unsigned_abs());
        let (s, ns) = (ns / 1_000_000_000, ns % 1_000_000_000);
        let what = format!(
            "no event is in the time that is wanted; times without @ count from the first event, which is at \
             @{sign}{s}.{ns:09}s"
        );
        Some(Note::Other(what))
    }

    /// Whether a time is wanted.
    pub fn is_of_time(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// Whether it depends on when the recording starts.
    pub(crate) fn is_relative(&self) -> bool {
        let relative = |time: &Option<Time>| matches!(time, Some(Time::Relative(_)));
        relative(&self.from) || relative(&self.to) || self.origin.is_relative()
    }

    /// The first that is wanted of what events alone have.
    pub(crate) fn of_events(&self) -> Option<Question> {
        [
            (Question::Events, self.events.is_some()),
            (Question::Roi, self.roi.is_some()),
            (Question::Polarity, self.polarity.is_some()),
        ]
        .into_iter()
        .find_map(|(question, wanted)| wanted.then_some(question))
    }
}

#[cfg(test)]
mod tests {
    use evz_core::{Clock, ClockKind, TimeBase};

    use super::*;

    fn window(wanted: &Wanted, info: &StreamInfo, first: i64) -> Range<i64> {
        wanted.resolve(info, Some(first)).unwrap().time.unwrap()
    }

    #[test]
    fn absolute_times_count_what_comes_before_the_epoch() {
        let unix = Clock::of(ClockKind::Unix).with_epoch(1_600_000_000_000);
        let info = StreamInfo::new(TimeBase::MILLISECONDS).with_clock(unix);
        let second = |s: i128| s * 1_000_000_000;
        let wanted = Wanted::all()
            .with_from(Time::Absolute(second(1_600_000_001)))
            .with_to(Time::Absolute(second(1_600_000_002) + 1));
        assert_eq!(window(&wanted, &info, 7), 1_000..2_001);
        let far = Wanted::all().with_from(Time::Absolute(i128::MIN / 4));
        assert_eq!(window(&far, &info, 7), i64::MIN..i64::MAX);
    }

    #[test]
    fn relative_times_are_counted_in_ticks_from_the_first_event() {
        let info = StreamInfo::new(TimeBase::new(1, 3).unwrap());
        let of = |from, to| {
            Wanted::all()
                .with_from(Time::Relative(from))
                .with_to(Time::Relative(to))
        };
        // A third of a second after the first event, and not a tick before it.
        assert_eq!(window(&of(0, 333_333_334), &info, 2), 2..4);
        assert_eq!(window(&of(333_333_333, 1_000_000_000), &info, 2), 3..5);
        assert!(of(2, 1).resolve(&info, Some(0)).is_err());
    }
}
