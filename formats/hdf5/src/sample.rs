//! The first numbers of a column, for what names and types do not tell.

use evz_core::columns::{Number, Role};

use crate::column::numbers;
use crate::found::At;
use crate::stream::{Ahead, Missing, Stream};

/// Numbers that are looked at, at most.
const MAX: usize = 4096;

/// The first numbers of a column; none if they cannot be read.
pub(crate) fn sample(at: &At) -> Vec<f64> {
    try_sample(at).unwrap_or_default()
}

fn try_sample(at: &At) -> Option<Vec<f64>> {
    let mut stream = Stream::open(&at.dataset, at.second()).ok()?;
    let column = at.column(Role::Polarity, 0).ok()?;
    let mut row = 0;
    while row < at.dataset.rows() {
        match stream.at(row) {
            Ahead::Rows(n) => {
                let n = usize::try_from(n).map_or(MAX, |n| n.min(MAX));
                let values = column.values(stream.piece.as_ref()?, row, n);
                return Some(numbers!(values, numbers => numbers.map(Number::float).collect()));
            }
            Ahead::Missing(_, Missing::Refused) => return None,
            Ahead::Missing(n, _) => row += n,
        }
    }
    None
}
