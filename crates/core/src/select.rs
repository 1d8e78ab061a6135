//! What a reader is asked for.

use std::ops::Range;

use crate::{ColumnSet, EventSlice, Roi};

/// One of the two polarities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Polarity {
    /// Brighter: `p` is 1.
    On,
    /// Darker: `p` is 0.
    Off,
}

impl Polarity {
    /// The value in the `p` column.
    pub fn bit(self) -> u8 {
        match self {
            Self::On => 1,
            Self::Off => 0,
        }
    }
}

/// Which columns a reader fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Columns {
    /// Times.
    pub t: bool,
    /// Columns of the pixels.
    pub x: bool,
    /// Rows of the pixels.
    pub y: bool,
    /// Polarities.
    pub p: bool,
    /// Further columns.
    pub extra: ColumnSet,
}

impl Columns {
    /// All that there are.
    pub const ALL: Self = Self {
        t: true,
        x: true,
        y: true,
        p: true,
        extra: ColumnSet::ALL,
    };
    /// None, for who names those that are wanted.
    pub const NONE: Self = Self {
        t: false,
        x: false,
        y: false,
        p: false,
        extra: ColumnSet::NONE,
    };
    /// Times, pixels and polarities without further columns.
    pub const TXYP: Self = Self {
        extra: ColumnSet::NONE,
        ..Self::ALL
    };
    /// Times alone.
    pub const T: Self = Self {
        t: true,
        ..Self::NONE
    };
    /// Pixels and polarities: what a count image needs.
    pub const XYP: Self = Self {
        t: false,
        ..Self::TXYP
    };
}

impl Default for Columns {
    fn default() -> Self {
        Self::ALL
    }
}

/// Whether a window of times holds one: from its start (included) to its end (excluded). One that ends at the
/// largest tick has no end, and holds that tick too, which no end could be behind.
#[inline]
pub fn window_holds(window: &Range<i64>, t: i64) -> bool {
    window.start <= t && (t < window.end || window.end == i64::MAX)
}

/// The last tick that a window of times can hold; none if it is empty.
#[inline]
pub fn last_tick(window: &Range<i64>) -> Option<i64> {
    let last = match window.end {
        i64::MAX => i64::MAX,
        end => end.checked_sub(1)?,
    };
    (window.start <= last).then_some(last)
}

/// Which events, and which columns of them. Every part narrows the others; the default is
/// everything. Event numbers count from 0 in the order of the recording.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Times from the start (included) to the end (excluded), in ticks of the recording; to the last event
    /// where the end is `i64::MAX`.
    pub time: Option<Range<i64>>,
    /// Event numbers from the start (included) to the end (excluded).
    pub events: Option<Range<u64>>,
    /// Only pixels in this region.
    pub roi: Option<Roi>,
    /// Only this polarity.
    pub polarity: Option<Polarity>,
    /// The columns wanted.
    pub columns: Columns,
}

impl Selection {
    /// Only events with `time.start <= t < time.end`, in ticks of the recording's own clock: the first
    /// event seldom is at 0.
    pub fn with_time(mut self, time: Range<i64>) -> Self {
        self.time = Some(time);
        self
    }

    /// Only events with these numbers.
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

    /// Fill only these columns.
    pub fn with_columns(mut self, columns: Columns) -> Self {
        self.columns = columns;
        self
    }

    /// Whether event `i` of `events`, which has the number `number`, is selected.
    #[inline]
    pub fn keeps(&self, events: EventSlice<'_>, i: usize, number: u64) -> bool {
        self.time
            .as_ref()
            .is_none_or(|r| window_holds(r, events.t[i]))
            && self.events.as_ref().is_none_or(|r| r.contains(&number))
            && self
                .roi
                .is_none_or(|r| r.contains(events.x[i], events.y[i]))
            && self.polarity.is_none_or(|p| p.bit() == events.p[i])
    }
}
