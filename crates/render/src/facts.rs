//! What there is to say of a representation: one row of a table.

use std::fmt;
use std::time::Duration;

use evz_core::Columns;

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
    /// What of it can be chosen.
    pub parameter: Parameter,
    /// Whether its values are times in seconds, -1 where there is no event. All others are 0 there.
    pub holds_times: bool,
    /// Channels of each polarity, where no parameter says how many.
    pub planes: usize,
    /// Whether it makes pictures; if not, arrays alone.
    pub is_drawn: bool,
    /// What a value is, in one line.
    pub line: &'static str,
}

/// What can be chosen of a representation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// Nothing.
    None,
    /// How many bins there are in the time of a window. Each has a channel, or one of each polarity.
    Bins {
        /// How many, if nothing is said.
        default: usize,
    },
    /// How many events of each pixel and polarity it holds, each with a channel.
    Depth {
        /// How many, if nothing is said.
        default: usize,
    },
    /// How fast a value decays.
    Tau {
        /// Its time, if nothing is said.
        default: Duration,
    },
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
        parameter: Parameter::None,
        holds_times: false,
        planes: 1,
        is_drawn: true,
        line: "",
    };

    /// Whether it has bins of time.
    pub fn has_bins(&self) -> bool {
        matches!(self.parameter, Parameter::Bins { .. })
    }

    /// Channels of each bin, or of all if there are no bins.
    pub fn polarities(&self) -> usize {
        if self.by_polarity { 2 } else { 1 }
    }

    /// How many channels there are, as text: `2 * bins`.
    pub fn channels_text(&self) -> &'static str {
        match (self.by_polarity, self.parameter) {
            (false, Parameter::Bins { .. }) => "bins",
            (true, Parameter::Bins { .. }) => "2 * bins",
            (_, Parameter::Depth { .. }) => "2 * depth",
            (false, _) => "1",
            (true, _) if self.planes == 2 => "4",
            (true, _) => "2",
        }
    }
}
