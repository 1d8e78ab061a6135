//! What is asked for, as Python says it.

use evz::{ColumnSet, Columns, Error, Polarity, Result, Roi, Selection};

/// Left and top edge, width and height.
pub(crate) type Region = (i64, i64, i64, i64);

/// From and to in ticks, from and to by number, a region, a polarity.
pub(crate) type Wish = (
    Option<(i64, i64)>,
    Option<(u64, u64)>,
    Option<Region>,
    Option<bool>,
);

/// A region, a polarity.
pub(crate) type Choice = (Option<Region>, Option<bool>);

/// The lowest four bits are t, x, y and p; the others have a bit for each further column.
pub(crate) type Bits = (u8, u64);

/// What is wished for, these columns of it.
pub(crate) fn selection(
    (time, events, roi, polarity): Wish,
    (columns, extra): Bits,
) -> Result<Selection> {
    let mut selection = Selection::default().with_columns(self::columns(columns, extra));
    // A window that ends before it starts is empty, as a slice is.
    selection.time = time.map(|(from, to)| from..to.max(from));
    selection.events = events.map(|(from, to)| from..to.max(from));
    selection.roi = roi.map(region).transpose()?;
    selection.polarity = polarity.map(|on| if on { Polarity::On } else { Polarity::Off });
    Ok(selection)
}

fn columns(bits: u8, extra: u64) -> Columns {
    let has = |bit: u8| bits >> bit & 1 == 1;
    let places = (0..64).filter(|place| extra >> place & 1 == 1);
    Columns {
        t: has(0),
        x: has(1),
        y: has(2),
        p: has(3),
        extra: places.fold(ColumnSet::NONE, ColumnSet::with),
    }
}

/// A region of pixels.
pub(crate) fn region((x, y, width, height): Region) -> Result<Roi> {
    let wrong = || {
        let what = format!(
            "a region of {width}x{height} pixels at ({x}, {y}); it is (x, y, width, height), none of \
             them negative, and begins at a pixel"
        );
        Error::invalid(what)
    };
    let roi = || {
        Some(Roi {
            x: u16::try_from(x).ok()?,
            y: u16::try_from(y).ok()?,
            width: u32::try_from(width).ok()?,
            height: u32::try_from(height).ok()?,
        })
    };
    roi().ok_or_else(wrong)
}
