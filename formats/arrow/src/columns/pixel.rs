//! Columns of coordinates.

use super::{Bad, Number};

/// Adds coordinates of any type to `out`, as far as they are some; `name` is for messages.
pub(crate) fn pixels<N: Number>(values: &[N], name: char, out: &mut Vec<u16>) -> Option<Bad> {
    let start = out.len();
    out.extend(values.iter().map_while(|v| u16::try_from(v.whole()?).ok()));
    let row = out.len() - start;
    let value = values.get(row)?;
    Some(Bad {
        row,
        what: format!("{name} is {value}, where a whole number from 0 to 65535 is expected"),
    })
}
