//! What every kind of file offers: a table, and the rows of its columns of events.

use std::collections::BTreeMap;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::DataType;
use evz_core::{Error, LossKind, Progress, Result, columns::Roles};

/// Pairs of metadata as Arrow has them.
pub(crate) type Pairs = BTreeMap<String, String>;

/// A table before its rows are read.
pub(crate) trait Table: Send {
    /// The format, as metadata has it.
    fn format(&self) -> &'static str;
    /// Names and types of the columns.
    fn columns(&self) -> Vec<Column>;
    /// What the file says about itself.
    fn pairs(&self) -> &Pairs;
    /// The rows of these columns.
    fn into_rows(self: Box<Self>, roles: Roles) -> Box<dyn Rows>;
}

/// A column of a table.
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type, or what to call one that is not read.
    pub(crate) data_type: Result<DataType, String>,
}

/// The rows of the columns of events.
pub(crate) trait Rows: Send {
    /// The next rows, or what was lost in their place; none at the end.
    fn next(&mut self) -> Option<Result<Run, Lost>>;
    /// How far the reading has come.
    fn progress(&self) -> Progress;
    /// What the user should know of how the file ended.
    fn note(&self) -> Option<String> {
        None
    }
}

/// Rows that follow each other.
pub(crate) struct Run {
    /// The number of the first one in the file.
    pub(crate) first_row: u64,
    /// The columns in the order of the roles, of the same length.
    pub(crate) columns: [ArrayRef; 4],
}

impl Run {
    /// The rows of a batch whose columns are those of the events, in the order of the roles; the
    /// first has the number `row`, which goes on to the one behind the last.
    pub(crate) fn of_batch(batch: &RecordBatch, row: &mut u64) -> Self {
        let first_row = *row;
        *row += batch.num_rows() as u64;
        Self {
            first_row,
            columns: std::array::from_fn(|i| batch.column(i).clone()),
        }
    }
}

/// Rows that could not be read.
pub(crate) struct Lost {
    pub(crate) kind: LossKind,
    /// What was lost, as a plural.
    pub(crate) what: String,
    pub(crate) count: u64,
    /// Why.
    pub(crate) error: Error,
}
