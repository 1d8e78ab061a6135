//! Parts of a recording that are rows of a table.

use super::Signs;
use crate::{Error, PartReader, PartWriter, Result};

/// Rows that follow each other, as a part of a recording.
#[derive(Debug, Clone)]
pub struct RowPart {
    /// The number of the first one.
    pub first: u64,
    /// How many there are.
    pub rows: usize,
    /// What the polarities before have shown.
    pub signs: Signs,
}

impl RowPart {
    /// Rows of a part: a window decodes a few of them, and a chunk of an index has four.
    pub const ROWS: usize = 1 << 14;

    /// What is said of it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut part = PartWriter::new();
        part.uint(self.first);
        part.uint(self.rows as u64);
        part.uint(self.signs.shown());
        part.into_bytes()
    }

    /// What was said of one, whose polarities are read by `signs`.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(part: &[u8], signs: Signs) -> Result<Self> {
        let mut part = PartReader::new(part);
        let (first, rows, shown) = (part.uint()?, part.narrow()?, part.uint()?);
        part.end()?;
        if rows > Self::ROWS || first.checked_add(rows as u64).is_none() {
            return Err(Self::none());
        }
        let signs = signs.having_shown(shown);
        Ok(Self { first, rows, signs })
    }

    /// The error for rows that are not there.
    pub fn none() -> Error {
        Error::corrupt("", "what is said of a part of the recording makes no sense")
    }
}
