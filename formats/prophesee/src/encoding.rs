//! How events are put into words.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Question, Result};

/// How a file puts events into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// RAW, 32-bit words, an event a word.
    Evt2,
    /// RAW, 64-bit words, up to 32 neighbours in a row a word.
    Evt21,
    /// RAW, 16-bit words that change a state.
    Evt3,
    /// RAW, 32-bit words, an event a word, or up to 32 neighbours in a row two words.
    Evt4,
    /// DAT 1, 8 bytes an event, up to 512x256 pixels.
    Dat1,
    /// DAT 2, 8 bytes an event.
    Dat2,
}

impl Encoding {
    /// Every encoding.
    pub const ALL: [Self; 6] = [
        Self::Evt2,
        Self::Evt21,
        Self::Evt3,
        Self::Evt4,
        Self::Dat1,
        Self::Dat2,
    ];

    /// Those of RAW.
    pub(crate) const RAW: [Self; 4] = [Self::Evt2, Self::Evt21, Self::Evt3, Self::Evt4];
    /// Those of DAT.
    pub(crate) const DAT: [Self; 2] = [Self::Dat1, Self::Dat2];

    /// What options call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Evt2 => "evt2",
            Self::Evt21 => "evt2.1",
            Self::Evt3 => "evt3",
            Self::Evt4 => "evt4",
            Self::Dat1 => "dat1",
            Self::Dat2 => "dat2",
        }
    }

    /// Whether it is one of DAT rather than RAW.
    pub fn is_dat(self) -> bool {
        matches!(self, Self::Dat1 | Self::Dat2)
    }

    /// Bits of its clock of microseconds, which then starts again.
    pub(crate) fn clock_bits(self) -> u32 {
        match self {
            Self::Evt2 | Self::Evt21 | Self::Evt4 => 34,
            Self::Evt3 => 24,
            Self::Dat1 | Self::Dat2 => 32,
        }
    }

    /// Bytes of a word, which is never read in part.
    pub(crate) fn word_len(self) -> usize {
        match self {
            Self::Evt2 | Self::Evt4 => 4,
            Self::Evt3 => 2,
            Self::Evt21 | Self::Dat1 | Self::Dat2 => 8,
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Evt2 => "EVT2",
            Self::Evt21 => "EVT2.1",
            Self::Evt3 => "EVT3",
            Self::Evt4 => "EVT4",
            Self::Dat1 => "DAT 1",
            Self::Dat2 => "DAT 2",
        })
    }
}

impl From<Encoding> for String {
    fn from(encoding: Encoding) -> Self {
        encoding.name().to_owned()
    }
}

impl FromStr for Encoding {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
            .ok_or_else(|| {
                Error::invalid(format!("no encoding {name:?}"))
                    .settled_by(Question::Encoding, Self::ALL.map(Self::name))
            })
    }
}

/// In which order EVT2.1 stores the halves of its 64-bit words; each half is little-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WordOrder {
    /// The low half first, so that the whole word is little-endian: GenX320.
    Little,
    /// The high half first: IMX636 and older.
    Legacy,
}

impl WordOrder {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Little, Self::Legacy];

    /// What options and headers call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Little => "little",
            Self::Legacy => "legacy",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Little => Self::Legacy,
            Self::Legacy => Self::Little,
        }
    }
}

impl fmt::Display for WordOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<WordOrder> for String {
    fn from(order: WordOrder) -> Self {
        order.name().to_owned()
    }
}

impl FromStr for WordOrder {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|order| order.name() == name)
            .ok_or_else(|| {
                Error::invalid(format!("no word order {name:?}"))
                    .settled_by(Question::WordOrder, Self::ALL)
            })
    }
}
