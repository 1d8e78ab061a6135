//! Rows of side streams until they are taken.

use crate::SideRows;

/// Bytes of rows that may wait to be taken. Frames can be far more than the events beside them.
const MAX_WAITING: usize = 16 << 20;

/// Rows read since they were last taken, a table a stream.
#[derive(Debug, Default)]
pub struct SideStore {
    tables: Vec<SideRows>,
    bytes: usize,
}

impl SideStore {
    /// Whether nothing more is to be read before the rows are taken.
    pub fn is_full(&self) -> bool {
        self.bytes > MAX_WAITING
    }

    /// Adds rows behind those of the same stream.
    pub fn add(&mut self, rows: SideRows) {
        if rows.is_empty() {
            return;
        }
        self.bytes += rows.bytes();
        match self.tables.iter_mut().find(|t| t.stream == rows.stream) {
            Some(table) => {
                // A side stream has the same columns in every row.
                table.append(rows);
            }
            None => self.tables.push(rows),
        }
    }

    /// The rows of one stream, until none is left.
    pub fn take(&mut self) -> Option<SideRows> {
        let rows = (!self.tables.is_empty()).then(|| self.tables.remove(0))?;
        self.bytes -= rows.bytes();
        Some(rows)
    }
}
