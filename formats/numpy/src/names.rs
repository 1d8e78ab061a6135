//! What a further column is called in a file.

use evz_core::columns::Role;

use crate::metadata::{CLOCK, DESCRIPTION, EPOCH, HEIGHT, META, TICK, TIME_BASE, UNIT, WIDTH};

/// What stands before the name of a column that would mean something else.
const COLUMN: &str = "column.";

/// What the member or field of a further column is called: as the column is, but `column.time` and
/// `column.width`, for these names are taken.
pub(crate) fn written(column: &str) -> String {
    match is_taken(column) {
        true => format!("{COLUMN}{column}"),
        false => column.to_owned(),
    }
}

/// The name of the further column in a member or field.
pub(crate) fn read(written: &str) -> &str {
    let column = written.strip_prefix(COLUMN);
    column.filter(|name| is_taken(name)).unwrap_or(written)
}

/// Whether a member or field of this name is read as times, pixels, polarities or metadata. So is a
/// name with `column.` before such a one, for that is taken off.
fn is_taken(name: &str) -> bool {
    let name = name.trim_start_matches(COLUMN);
    let metadata = [TIME_BASE, TICK, CLOCK, EPOCH, WIDTH, HEIGHT];
    let prefixes = [META, UNIT, DESCRIPTION];
    metadata.contains(&name)
        || prefixes.iter().any(|prefix| name.starts_with(prefix))
        || Role::of(name).is_some_and(|named| named.usual)
}

#[cfg(test)]
mod tests {
    use super::{read, written};

    #[test]
    fn names_come_back() {
        for (column, expected) in [
            ("label", "label"),
            ("time", "column.time"),
            ("T_us", "column.T_us"),
            ("x@346", "column.x@346"),
            ("width", "column.width"),
            ("meta.a", "column.meta.a"),
            ("column.label", "column.label"),
            ("column.time", "column.column.time"),
            ("column.", "column."),
        ] {
            assert_eq!(written(column), expected);
            assert_eq!(read(expected), column);
        }
        assert_eq!(read("width"), "width");
    }
}
