//! A plot as PNG.

use evz_core::Result;

use super::shapes::{Anchor, Color, LETTER, Shape};
use super::{LineColor, Plot};
use crate::overlay::write_text;
use crate::palette::{Colors, INK, Palette, STRENGTHS, Theme, index};
use crate::pixels::Picture;
use crate::png;

/// The index of the lines of the grid.
const GRID: u8 = 1;

/// Pixels of a dot of a letter, whose 8 dots make its side.
const DOT: usize = LETTER / 8;

/// Rows of a line of values.
const THICK: usize = 2;

pub(super) fn png(shapes: &[Shape]) -> Result<Vec<u8>> {
    let mut picture = Picture::default();
    picture.resize(Plot::WIDTH, Plot::HEIGHT);
    for shape in shapes {
        match shape {
            Shape::Rect {
                x,
                y,
                width,
                height,
                color,
            } => picture.fill(*x, *y, *width, *height, index_of(*color)),
            Shape::Text { x, y, anchor, text } => {
                let width = text.len() * LETTER;
                let left = match anchor {
                    Anchor::Start => *x,
                    Anchor::Middle => x.saturating_sub(width / 2),
                    Anchor::End => x.saturating_sub(width),
                };
                write_text(&mut picture, left, *y, DOT, text);
            }
            Shape::Line { x, rows, color } => {
                for (x, (high, low)) in (*x..).zip(rows) {
                    let height = low - high + THICK;
                    picture.fill(x, high - THICK / 2, THICK, height, index_of(*color));
                }
            }
        }
    }
    let palette = Palette::new(Theme::Light, Colors::RedBlue).with_color(GRID, [224; 3]);
    let mut bytes = Vec::new();
    png::encode(&picture, &palette, None, &mut bytes)?;
    Ok(bytes)
}

fn index_of(color: Color) -> u8 {
    match color {
        Color::Grid => GRID,
        Color::Line(LineColor::Ink) => INK,
        Color::Line(LineColor::On) => index(STRENGTHS, false),
        Color::Line(LineColor::Off) => index(STRENGTHS, true),
    }
}
