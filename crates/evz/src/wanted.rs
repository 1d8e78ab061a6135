//! What is wanted of a recording, before anybody knows when it starts.

use std::ops::Range;

use evz_core::{Error, Polarity, Question, Result, Roi, Selection, TimeBase};

/// A point in time, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// After the first event.
    Relative(i128),
    /// On the recording's own clock.
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
}

impl Time {
    /// The time on the clock of a recording that starts at tick `first`, in nanoseconds.
    pub fn nanoseconds(self, time_base: TimeBase, first: Option<i64>) -> i128 {
        match self {
            Self::Relative(ns) => time_base.to_nanoseconds(first.unwrap_or(0)) + ns,
            Self::Absolute(ns) => ns,
        }
    }
}

impl Wanted {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// Events at or after this time.
    pub fn with_from(mut self, from: Time) -> Self {
        self.from = Some(from);
        self
    }

    /// Events before this time.
    pub fn with_to(mut self, to: Time) -> Self {
        self.to = Some(to);
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

    /// The selection in a recording that starts at tick `first`.
    ///
    /// # Errors
    /// If it ends before it starts.
    pub fn resolve(&self, time_base: TimeBase, first: Option<i64>) -> Result<Selection> {
        let nanoseconds = |time: Time| time.nanoseconds(time_base, first);
        let (from, to) = (self.from.map(nanoseconds), self.to.map(nanoseconds));
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(
                Error::invalid("the time that is wanted ends before it starts")
                    .without(Question::From)
                    .without(Question::To),
            );
        }
        let time = (from.is_some() || to.is_some()).then(|| {
            let tick = |ns| time_base.tick_at_or_after(ns);
            from.map_or(i64::MIN, tick)..to.map_or(i64::MAX, tick)
        });
        Ok(Selection {
            time,
            events: self.events.clone(),
            roi: self.roi,
            polarity: self.polarity,
            ..Selection::default()
        })
    }

    /// Whether it depends on when the recording starts.
    pub(crate) fn is_relative(&self) -> bool {
        let relative = |time: &Option<Time>| matches!(time, Some(Time::Relative(_)));
        relative(&self.from) || relative(&self.to)
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
