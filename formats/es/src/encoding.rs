//! The types of streams that hold events with a pixel, and how each puts an event into bytes: "DVS
//! events", "ATIS events" and "Color events".

use std::fmt;
use std::str::FromStr;

use evz_core::{ColumnType, Error, ExtraColumn, Question};

/// A type of stream whose events have a pixel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Events of light that changed.
    Dvs,
    /// The same, and threshold crossings, halves of exposure measurements, which are rows of the side
    /// stream `exposure`.
    Atis,
    /// Events with a colour, in the columns `r`, `g` and `b`, and without a polarity.
    Color,
}

/// Bytes of an event of a type of stream. Byte 0 is the time since the event before and what stands
/// beside it; then come x and y, of two bytes each, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of an event.
    pub(crate) len: usize,
    /// Low bits of byte 0 that are not the time's.
    pub(crate) flags: u32,
    /// The least byte in the place of byte 0 that begins no event: this one is a reset, and those
    /// behind it say how often the longest time has passed.
    pub(crate) reset: u8,
    /// The longest time in microseconds, which no event has in its byte 0.
    pub(crate) longest: u8,
}

impl Layout {
    /// Bit 0 is the polarity, `is_increase`.
    pub(crate) const DVS: Self = Self {
        len: 5,
        flags: 1,
        reset: 0b1111_1110,
        longest: 0b0111_1111,
    };
    /// Bit 0 is `is_tc` and marks threshold crossings, bit 1 is the polarity.
    pub(crate) const ATIS: Self = Self {
        len: 5,
        flags: 2,
        reset: 0b1111_1100,
        longest: 0b0011_1111,
    };
    /// Red, green and blue stand behind y.
    pub(crate) const COLOR: Self = Self {
        len: 8,
        flags: 0,
        reset: 0b1111_1110,
        longest: 0b1111_1110,
    };

    /// How often the longest time can pass with a byte.
    pub(crate) fn most(self) -> u8 {
        u8::MAX - self.reset
    }
}

impl Encoding {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Dvs, Self::Atis, Self::Color];

    /// What options and metadata call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dvs => "dvs",
            Self::Atis => "atis",
            Self::Color => "color",
        }
    }

    /// "Version 2.0", byte 15.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Dvs => 1,
            Self::Atis => 2,
            Self::Color => 4,
        }
    }

    pub(crate) fn layout(self) -> Layout {
        match self {
            Self::Dvs => Layout::DVS,
            Self::Atis => Layout::ATIS,
            Self::Color => Layout::COLOR,
        }
    }

    /// What its events have beside t, x, y and p.
    pub(crate) fn columns(self) -> Vec<ExtraColumn> {
        match self {
            Self::Dvs | Self::Atis => Vec::new(),
            Self::Color => [("r", "red"), ("g", "green"), ("b", "blue")]
                .map(|(name, what)| ExtraColumn::new(name, ColumnType::U8).with_description(what))
                .to_vec(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|e| e.name() == name);
        known.ok_or_else(|| {
            Error::invalid(format!("no encoding {name:?}"))
                .settled_by(Question::Encoding, Self::ALL)
        })
    }
}
