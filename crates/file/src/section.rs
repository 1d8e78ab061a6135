//! Decoding the values of a further column.

use std::ops::Range;

use evz_codec::extra::Section;
use evz_core::{Error, Result, ValuesMut};

use crate::wire::{ColumnSection, crc};

/// Fills `out` with the values at `range` of a section of `n_events` values. All bytes of the section
/// are looked at, and all of its values where all are wanted.
pub(crate) fn decode_section(
    column: &ColumnSection,
    bytes: &[u8],
    n_events: usize,
    range: Range<usize>,
    out: ValuesMut<'_>,
) -> Result<()> {
    if crc(bytes) != column.crc {
        return Err(Error::corrupt("", "the CRC of its section does not hold"));
    }
    let section = Section {
        codec: column.codec,
        column_type: out.column_type,
        n_events,
        bytes,
    };
    let all = range == (0..n_events);
    section.decode(range, &mut *out.bytes)?;
    if all && crc(out.bytes) != column.values_crc {
        let what = "its values are not those that were encoded";
        return Err(Error::corrupt("", what));
    }
    Ok(())
}
