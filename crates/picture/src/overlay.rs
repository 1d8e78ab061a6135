//! The time stamp and the scale bar on a picture.

use std::fmt::Write;
use std::ops::Range;

use evz_render::RepresentationFacts;
use font8x8::legacy::BASIC_LEGACY;

use crate::palette::{BACKGROUND, INK};
use crate::pixels::Picture;
use crate::time_stamp::TimeStamp;

/// Dots of a letter, in width and height.
pub(crate) const LETTER: usize = 8;

/// Dots of the scale bar.
const BAR: usize = 64;

/// Rows and columns of a picture for each pixel that a letter's dot is wide: text keeps its share of the
/// picture, a thirtieth of its height, and 25 letters fit into a row.
const ROWS_A_DOT: usize = 240;
const COLUMNS_A_DOT: usize = 200;

pub(crate) fn dot(picture: &Picture) -> usize {
    let fitting = (picture.height / ROWS_A_DOT).min(picture.width / COLUMNS_A_DOT);
    fitting.max(1)
}

/// Writes the moment of a window in the top left corner.
pub(crate) fn time_stamp(picture: &mut Picture, stamp: &TimeStamp, window: &Range<i64>) {
    let mut text = std::mem::take(&mut picture.scratch.text);
    stamp.text(window, &mut text);
    let dot = dot(picture);
    write_text(picture, 2 * dot, 2 * dot, dot, &text);
    picture.scratch.text = text;
}

/// What the ends of a scale bar are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Of values with a sign.
    Signed,
    /// Of what each polarity has, of which the stronger shows: a count of OFF events is no negative one.
    ByPolarity,
    /// From 0, without polarities.
    FromZero,
}

impl Ends {
    pub(crate) fn of(facts: &RepresentationFacts) -> Self {
        match (facts.columns.p, facts.by_polarity) {
            (false, _) => Self::FromZero,
            (true, true) => Self::ByPolarity,
            (true, false) => Self::Signed,
        }
    }
}

/// Dots of the scale bar from the lower edge to what stands above it.
pub(crate) const SCALE_BAR_HEIGHT: usize = LETTER + 4;

/// Draws the colours from one end to the other in the bottom left corner, between what they are.
pub(crate) fn scale_bar(
    picture: &mut Picture,
    full: f32,
    (ends, unit): (Ends, Unit),
    beyond: bool,
    index_of: impl Fn(f32) -> u8,
) {
    let dot = dot(picture);
    let y = picture.height.saturating_sub((LETTER + 2) * dot);
    let mut text = std::mem::take(&mut picture.scratch.text);
    let lowest = if ends == Ends::FromZero { 0.0 } else { -full };
    end(&mut text, lowest, ends, unit, beyond);
    let mut x = write_text(picture, 2 * dot, y, dot, &text) + 2 * dot;
    for step in 0..BAR {
        let share = (step as f32 + 0.5) / BAR as f32;
        let value = lowest + share * (full - lowest);
        picture.fill(x, y, dot, LETTER * dot, index_of(value));
        x += dot;
    }
    end(&mut text, full, ends, unit, beyond);
    write_text(picture, x + 2 * dot, y, dot, &text);
    picture.scratch.text = text;
}

/// What the values of a scale bar are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Events, or shares of one.
    Events,
    /// Seconds, written as milliseconds, as the time stamp.
    Seconds,
}

impl Unit {
    pub(crate) fn of(facts: &RepresentationFacts) -> Self {
        match facts.holds_times {
            true => Self::Seconds,
            false => Self::Events,
        }
    }
}

/// The words at an end: `-3 OFF`, `3 OFF`, or `0`; and `>=3` where there is more than that.
fn end(text: &mut String, value: f32, ends: Ends, unit: Unit, beyond: bool) {
    text.clear();
    text.push_str(match ends {
        _ if !beyond || value == 0.0 => "",
        Ends::Signed if value < 0.0 => "<=",
        _ => ">=",
    });
    text.push_str(match ends {
        Ends::Signed if value < 0.0 => "-",
        Ends::Signed if value > 0.0 => "+",
        _ => "",
    });
    let (factor, unit) = match unit {
        Unit::Events => (1.0, ""),
        Unit::Seconds => (1e3, " ms"),
    };
    let size = value.abs() * factor;
    // Writing to a string does not fail.
    let _ = match size {
        0.0 => write!(text, "0"),
        0.01..10.0 if size.fract() != 0.0 => write!(text, "{size:.2}"),
        0.01..1e6 => write!(text, "{size:.0}"),
        _ => write!(text, "{size:.1e}"),
    };
    text.push_str(unit);
    text.push_str(match ends {
        Ends::FromZero => "",
        _ if value < 0.0 => " OFF",
        _ => " ON",
    });
}

/// Writes ASCII in dots of so many pixels a side, on a ground of its own, so that it can be read over events,
/// and returns where it ends.
pub(crate) fn write_text(
    picture: &mut Picture,
    x: usize,
    y: usize,
    dot: usize,
    text: &str,
) -> usize {
    let end = x + text.len() * LETTER * dot;
    let (left, top) = (x.saturating_sub(dot), y.saturating_sub(dot));
    let bottom = y + (LETTER + 1) * dot;
    picture.fill(left, top, end + dot - left, bottom - top, BACKGROUND);
    for (n, letter) in text.bytes().enumerate() {
        let glyph = BASIC_LEGACY[usize::from(letter) % BASIC_LEGACY.len()];
        for (row, bits) in glyph.into_iter().enumerate() {
            for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                let x = x + (n * LETTER + column) * dot;
                picture.fill(x, y + row * dot, dot, dot, INK);
            }
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use evz_core::TimeBase;

    use super::*;

    fn blank(width: usize, height: usize) -> Picture {
        let mut picture = Picture::default();
        picture.resize(width, height);
        picture.indices.fill(7);
        picture
    }

    #[test]
    fn the_time_stamp_stands_in_its_corner() {
        let mut picture = blank(240, 180);
        let stamp = TimeStamp::new(TimeBase::MICROSECONDS, 0);
        time_stamp(&mut picture, &stamp, &(0..20_003));
        assert_eq!(picture.scratch.text, "20.003 ms");
        let touched = |x: usize, y: usize| picture.indices[y * 240 + x] != 7;
        assert!(touched(2, 2) && touched(73, 9));
        assert!(!touched(90, 2) && !touched(2, 12));
    }

    #[test]
    fn text_is_cut_at_the_edge_of_a_tiny_picture() {
        for (width, height) in [(1, 1), (5, 3), (34, 34)] {
            let mut picture = blank(width, height);
            time_stamp(&mut picture, &TimeStamp::new(TimeBase::SECONDS, 0), &(0..1));
            scale_bar(
                &mut picture,
                3.0,
                (Ends::Signed, Unit::Events),
                false,
                |_| 9,
            );
            assert_eq!(picture.indices.len(), width * height);
        }
    }

    #[test]
    fn the_ends_are_what_they_stand_for() {
        let (signed, counts, zero) = (Ends::Signed, Ends::ByPolarity, Ends::FromZero);
        for (value, ends, expected) in [
            (3.0, signed, "+3 ON"),
            (-3.0, signed, "-3 OFF"),
            (0.0, zero, "0"),
            (3.0, zero, "3"),
            (3.0, counts, "3 ON"),
            (-3.0, counts, "3 OFF"),
            (-0.25, counts, "0.25 OFF"),
            (0.5, signed, "+0.50 ON"),
            (12.25, signed, "+12 ON"),
            (1e-5, signed, "+1.0e-5 ON"),
            (3e9, signed, "+3.0e9 ON"),
        ] {
            let mut text = String::new();
            end(&mut text, value, ends, Unit::Events, false);
            assert_eq!(text, expected);
        }
        for (value, ends, expected) in [
            (3.0, signed, ">=+3 ON"),
            (-3.0, signed, "<=-3 OFF"),
            (-3.0, counts, ">=3 OFF"),
            (3.0, zero, ">=3"),
            (0.0, zero, "0"),
        ] {
            let mut text = String::new();
            end(&mut text, value, ends, Unit::Events, true);
            assert_eq!(text, expected);
        }
        for (value, ends, expected) in [
            (0.0, zero, "0 ms"),
            (0.0295, zero, "30 ms"),
            (0.0025, counts, "2.50 ms ON"),
            (-0.25, counts, "250 ms OFF"),
        ] {
            let mut text = String::new();
            end(&mut text, value, ends, Unit::Seconds, false);
            assert_eq!(text, expected);
        }
        let of = |r: evz_render::Representation| Ends::of(&r.facts());
        use evz_render::Representation as R;
        assert_eq!([R::Signed, R::voxel(5)].map(of), [signed; 2]);
        assert_eq!([R::Counts, R::TimeSurface].map(of), [counts; 2]);
        assert_eq!([R::Total, R::MergedTimeSurface].map(of), [zero; 2]);
    }
}
