//! As much of SQLite as it takes to read a table from its first row to its last:
//! <https://www.sqlite.org/fileformat2.html>, whose sections are named here.
//!
//! The library itself is C, opens paths alone, and stops at the first page that is damaged.

mod record;
mod table;

pub(crate) use record::{Value, values};
pub(crate) use table::{Database, MAGIC, Met, Table};
