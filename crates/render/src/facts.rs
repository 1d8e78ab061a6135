//! What there is to say of a representation: one row of a table.

use std::fmt;
use std::time::Duration;

use evz_core::Columns;

use crate::time_span::TimeSpan;

/// The facts about a representation that painters, options, help and pages share.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RepresentationFacts {
    /// Its name, as options write it.
    pub name: &'static str,
    /// The type of its values.
    pub value_type: ValueType,
    /// Whether OFF events and ON events have channels of their own, OFF first.
    pub by_polarity: bool,
    /// Whether that can be chosen.
    pub may_split: bool,
    /// Whether it has to be known when the first and the last event of a window are, before any is looked
    /// at.
    pub needs_span: bool,
    /// The columns that it is made of.
    pub columns: Columns,
    /// How many bins of time it has by default, if it has bins. Each has a channel, or one of each polarity.
    pub bins: Option<usize>,
    /// Its time constant by default, if it decays.
    pub tau: Option<Duration>,
    /// How many events of each pixel and polarity it holds by default, if it holds each. Each has a channel.
    pub depth: Option<usize>,
    /// Whether it can be chosen what the time of a window is: [`TimeSpan`].
    pub may_span: bool,
    /// Whether its values are times in seconds, -1 where there is no event. All others are 0 there.
    pub holds_times: bool,
    /// Channels of each polarity, where no parameter says how many.
    pub planes: usize,
    /// Whether its images are of cells of pixels, with a channel for each pixel around an event.
    pub of_cells: bool,
    /// Whether it makes pictures; if not, arrays alone.
    pub is_drawn: bool,
    /// What a value is, in one line.
    pub line: &'static str,
}

/// The type of a representation's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// 32-bit float.
    F32,
}

impl ValueType {
    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::I16 | Self::U16 => 2,
            Self::F32 => 4,
        }
    }

    /// How NumPy writes it, little-endian: `<i2`.
    pub fn descr(self) -> &'static str {
        match self {
            Self::I16 => "<i2",
            Self::U16 => "<u2",
            Self::F32 => "<f4",
        }
    }

    /// Its name as Rust and NumPy users write it: `i16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::F32 => "f32",
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl RepresentationFacts {
    /// What most rows have: a value a pixel, made of pixels and polarities.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        value_type: ValueType::I16,
        by_polarity: false,
        may_split: false,
        needs_span: false,
        columns: Columns::XYP,
        bins: None,
        tau: None,
        depth: None,
        may_span: false,
        holds_times: false,
        planes: 1,
        of_cells: false,
        is_drawn: true,
        line: "",
    };

    /// The same of floats that are made of the times of events.
    pub(crate) const fn of_times(self) -> Self {
        Self {
            value_type: ValueType::F32,
            columns: Columns::TXYP,
            ..self
        }
    }

    /// The same within this time of a window.
    pub(crate) const fn within(self, span: TimeSpan) -> Self {
        Self {
            may_span: true,
            needs_span: matches!(span, TimeSpan::Events),
            ..self
        }
    }

    /// Channels of each bin, or of all if there are no bins.
    pub fn polarities(&self) -> usize {
        if self.by_polarity { 2 } else { 1 }
    }

    /// How many channels there are, as text: `2 * bins`.
    pub fn channels_text(&self) -> &'static str {
        if self.of_cells {
            return "2 * side * side";
        }
        match (self.bins, self.depth, self.planes) {
            (Some(_), ..) if self.by_polarity => "2 * bins",
            (Some(_), ..) => "bins",
            (_, Some(_), _) => "2 * depth",
            (.., 2) => "4",
            (.., 3) => "3",
            _ if self.by_polarity => "2",
            _ => "1",
        }
    }
}
