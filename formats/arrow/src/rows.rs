//! What every kind of file offers: a table, and the rows of those of its columns that are read.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::DataType;
use evz_core::{Error, LossKind, Progress, Result};

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
    /// The rows of these columns, of which none is there twice.
    fn into_rows(self: Box<Self>, wanted: &[usize]) -> Box<dyn Rows>;
}

/// A column of a table.
pub(crate) struct Column {
    pub(crate) name: String,
    /// Its type, or what to call one that is not read.
    pub(crate) data_type: Result<DataType, String>,
    /// What its field says about it.
    pub(crate) pairs: Pairs,
}

/// The rows of the columns that are read.
pub(crate) trait Rows: Send {
    /// The next rows, or what was lost in their place; none at the end.
    fn next(&mut self) -> Option<Result<Run, Lost>>;
    /// How far the reading has come.
    fn progress(&self) -> Progress;
    /// Goes over the parts of the file whose first column is all outside a range, as far as the file
    /// says what is in them. `bounds` gives the smallest and the largest of some values of it.
    fn only_within(&mut self, time: &Range<i64>, bounds: &Bounds<'_>) {
        let _ = (time, bounds);
    }
    /// What was left out by that, for people.
    fn left_out(&self) -> Option<String> {
        None
    }
    /// What the user should know of how the file ended.
    fn note(&self) -> Option<String> {
        None
    }
}

/// The smallest and the largest time in a column; none if there is none, or one that is no time.
pub(crate) type Bounds<'a> = dyn Fn(&ArrayRef) -> Option<(i64, i64)> + 'a;

/// Rows that follow each other.
pub(crate) struct Run {
    /// The number of the first one in the file.
    pub(crate) first_row: u64,
    /// The columns in the order in which they were asked for, of the same length: t, x, y, p and the
    /// further ones.
    pub(crate) columns: Vec<ArrayRef>,
}

impl Run {
    /// The rows of a batch whose columns are those that were asked for; the first has the number
    /// `row`, which goes on to the one behind the last.
    pub(crate) fn of_batch(batch: &RecordBatch, row: &mut u64) -> Self {
        let first_row = *row;
        *row += batch.num_rows() as u64;
        Self {
            first_row,
            columns: batch.columns().to_vec(),
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
