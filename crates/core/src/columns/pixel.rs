//! Columns of coordinates.

use super::{Bad, Number};

/// Adds coordinates of any type to `out`, up to the first value that is none; that one is returned.
/// `name` is for messages.
pub fn pixels<N: Number>(
    values: impl Iterator<Item = N> + Clone,
    name: char,
    out: &mut Vec<u16>,
) -> Option<Bad> {
    let start = out.len();
    let mut all_fit = true;
    // Without a branch, so that many are done at once.
    out.extend(values.clone().map(|value| {
        let (pixel, fits) = value.pixel();
        all_fit &= fits;
        pixel
    }));
    if all_fit {
        return None;
    }
    let (row, value) = values.enumerate().find(|(_, value)| !value.pixel().1)?;
    out.truncate(start + row);
    let what = format!("{name} is {value}, where a whole number from 0 to 65535 is expected");
    Some(Bad::new(row, what))
}
