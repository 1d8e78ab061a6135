//! Rows of side streams that are kept.

use std::ops::{Deref, DerefMut};

use crate::{Memory, Place, Result, SideRows};

/// Rows that are kept while more are read. What a recording may claim of them has no end: there are none without
/// the memory that they take, which is given back with them.
#[derive(Debug)]
pub struct KeptRows {
    rows: SideRows,
    _memory: Memory,
}

impl KeptRows {
    /// Keeps rows of the recording at this place.
    ///
    /// # Errors
    /// If their memory is not left.
    pub fn new(rows: SideRows, place: impl Into<Place>) -> Result<Self> {
        let what = format!("keeping rows of {:?}", rows.stream);
        let memory = Memory::take(rows.memory(), &what, place)?;
        Ok(Self {
            rows,
            _memory: memory,
        })
    }

    /// The rows, which are kept no longer.
    pub fn into_rows(self) -> SideRows {
        self.rows
    }
}

impl Deref for KeptRows {
    type Target = SideRows;

    fn deref(&self) -> &SideRows {
        &self.rows
    }
}

impl DerefMut for KeptRows {
    fn deref_mut(&mut self) -> &mut SideRows {
        &mut self.rows
    }
}
