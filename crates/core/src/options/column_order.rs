//! Which column holds what.

use std::{fmt, str::FromStr};

use crate::Error;

/// One of the four columns of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// When.
    T,
    /// The pixel from the left.
    X,
    /// The pixel from the top.
    Y,
    /// ON or OFF.
    P,
}

/// The order of the four columns, written as four letters: `txyp`, `xypt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnOrder([Column; 4]);

impl ColumnOrder {
    /// Time, x, y, polarity: the order of most text recordings.
    pub const TXYP: Self = Self([Column::T, Column::X, Column::Y, Column::P]);
    /// x, y, time, polarity.
    pub const XYTP: Self = Self([Column::X, Column::Y, Column::T, Column::P]);
    /// x, y, polarity, time: the order of Metavision CSV.
    pub const XYPT: Self = Self([Column::X, Column::Y, Column::P, Column::T]);

    /// The order, if each column stands in it once.
    pub fn new(columns: [Column; 4]) -> Option<Self> {
        let order = Self(columns);
        Column::ALL
            .iter()
            .all(|c| columns.contains(c))
            .then_some(order)
    }

    /// The columns from left to right.
    pub fn columns(self) -> [Column; 4] {
        self.0
    }

    /// Where a column stands, from 0 at the left.
    pub fn place(self, column: Column) -> usize {
        self.0.iter().position(|&c| c == column).unwrap_or(0)
    }

    /// The same order with x and y changed over.
    pub fn with_x_and_y_swapped(self) -> Self {
        Self(self.0.map(|c| match c {
            Column::X => Column::Y,
            Column::Y => Column::X,
            other => other,
        }))
    }

    /// The letters with blanks between them, for people.
    pub fn spaced(self) -> String {
        self.0.map(|c| c.letter().to_string()).join(" ")
    }
}

impl Column {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::T, Self::X, Self::Y, Self::P];

    /// How orders write it.
    pub fn letter(self) -> char {
        match self {
            Self::T => 't',
            Self::X => 'x',
            Self::Y => 'y',
            Self::P => 'p',
        }
    }

    fn from_letter(letter: char) -> Option<Self> {
        Some(match letter.to_ascii_lowercase() {
            't' => Self::T,
            'x' => Self::X,
            'y' => Self::Y,
            'p' => Self::P,
            _ => return None,
        })
    }
}

impl fmt::Display for ColumnOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|c| write!(f, "{}", c.letter()))
    }
}

impl FromStr for ColumnOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let columns: Option<Vec<Column>> = text.chars().map(Column::from_letter).collect();
        columns
            .and_then(|c| <[Column; 4]>::try_from(c).ok())
            .and_then(Self::new)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "no column order {text:?}; it is the letters t, x, y and p, each once, such as txyp"
                ))
            })
    }
}
