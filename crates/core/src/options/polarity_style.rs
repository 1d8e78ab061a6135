//! How a text writes polarity.

use std::{fmt, str::FromStr};

use crate::Error;

/// How a text writes OFF and ON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolarityStyle {
    /// `0` and `1`.
    ZeroOne,
    /// `-1` and `1`.
    MinusPlus,
    /// `False` and `True`, as Python prints them.
    FalseTrue,
    /// `false` and `true`.
    LowerFalseTrue,
    /// `FALSE` and `TRUE`.
    UpperFalseTrue,
}

impl PolarityStyle {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ZeroOne,
        Self::MinusPlus,
        Self::FalseTrue,
        Self::LowerFalseTrue,
        Self::UpperFalseTrue,
    ];

    /// The words for OFF and ON.
    pub fn words(self) -> [&'static str; 2] {
        match self {
            Self::ZeroOne => ["0", "1"],
            Self::MinusPlus => ["-1", "1"],
            Self::FalseTrue => ["False", "True"],
            Self::LowerFalseTrue => ["false", "true"],
            Self::UpperFalseTrue => ["FALSE", "TRUE"],
        }
    }

    /// The style that has this word, for the words of truth.
    pub fn of_word(word: &[u8]) -> Option<Self> {
        [Self::FalseTrue, Self::LowerFalseTrue, Self::UpperFalseTrue]
            .into_iter()
            .find(|s| s.words().iter().any(|w| w.as_bytes() == word))
            .or_else(|| Self::truth(word).map(|_| Self::FalseTrue))
    }

    /// The polarity that a word of truth says, in any case.
    pub fn truth(word: &[u8]) -> Option<u8> {
        if word.eq_ignore_ascii_case(b"true") {
            Some(1)
        } else if word.eq_ignore_ascii_case(b"false") {
            Some(0)
        } else {
            None
        }
    }

    /// Whether it is written as words of truth.
    pub fn is_word(self) -> bool {
        !matches!(self, Self::ZeroOne | Self::MinusPlus)
    }
}

impl fmt::Display for PolarityStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [off, on] = self.words();
        write!(f, "{off}/{on}")
    }
}

impl FromStr for PolarityStyle {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|s| s.to_string() == text)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "no polarity style {text:?}; it is 0/1, -1/1, False/True, false/true or FALSE/TRUE"
                ))
            })
    }
}
