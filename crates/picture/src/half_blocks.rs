//! Pictures as letters of a terminal: each is an upper half block, two pixels one above the other.

use std::io::Write;

use crate::palette::{BACKGROUND, Palette};
use crate::pixels::Picture;

/// How a terminal is told a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorDepth {
    /// Red, green and blue of 8 bits each.
    TrueColor,
    /// The nearest of the 256 colours that xterm has.
    Colors256,
}

/// What draws pictures of one palette as half blocks.
#[derive(Debug, Clone)]
pub struct HalfBlocks {
    /// The parameters that name each colour.
    colours: Vec<String>,
}

impl HalfBlocks {
    /// Pictures in these colours.
    pub fn new(palette: &Palette, depth: ColorDepth) -> Self {
        let name = |rgb: &[u8; 3]| match (depth, *rgb) {
            (ColorDepth::TrueColor, [r, g, b]) => format!("8;2;{r};{g};{b}"),
            (ColorDepth::Colors256, rgb) => format!("8;5;{}", nearest(rgb)),
        };
        Self {
            colours: palette.colours().iter().map(name).collect(),
        }
    }

    /// Appends what draws a picture with its top left corner in a column and row of the screen, counted from 0.
    /// Where it is told which picture of the same size stands there, nothing but the difference is drawn.
    pub fn encode(
        &self,
        picture: &Picture,
        before: Option<&Picture>,
        (column, row): (usize, usize),
        out: &mut Vec<u8>,
    ) {
        let before = before.filter(|b| (b.width, b.height) == (picture.width, picture.height));
        let mut pen = Pen::default();
        for y in 0..picture.height.div_ceil(2) {
            let mut at = None;
            for x in 0..picture.width {
                let cell = cell(picture, x, y);
                if before.is_some_and(|before| self::cell(before, x, y) == cell) {
                    continue;
                }
                if at != Some(x) {
                    put(
                        out,
                        format_args!("\x1b[{};{}H", row + y + 1, column + x + 1),
                    );
                }
                self.draw(cell, &mut pen, out);
                at = Some(x + 1);
            }
        }
        out.extend_from_slice(b"\x1b[0m");
    }

    fn draw(&self, [upper, lower]: [u8; 2], pen: &mut Pen, out: &mut Vec<u8>) {
        let colour = |index: u8| &self.colours[usize::from(index)];
        if pen.lower != Some(lower) {
            put(out, format_args!("\x1b[4{}m", colour(lower)));
            pen.lower = Some(lower);
        }
        if upper == lower {
            out.push(b' ');
            return;
        }
        if pen.upper != Some(upper) {
            put(out, format_args!("\x1b[3{}m", colour(upper)));
            pen.upper = Some(upper);
        }
        out.extend_from_slice("▀".as_bytes());
    }
}

/// The colours that the terminal draws with.
#[derive(Default)]
struct Pen {
    upper: Option<u8>,
    lower: Option<u8>,
}

/// The two pixels of a letter. What lies below the last row is background.
fn cell(picture: &Picture, x: usize, y: usize) -> [u8; 2] {
    let pixel = |y: usize| picture.indices.get(y * picture.width + x).copied();
    [2 * y, 2 * y + 1].map(|y| pixel(y).unwrap_or(BACKGROUND))
}

fn put(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // A vector takes all.
    let _ = out.write_fmt(text);
}

/// The steps of the cube of 6x6x6 colours, which are 16 to 231 of the 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The number of the nearest of the 256 colours: one of the cube, or one of the 24 greys behind it. The first
/// 16 look different everywhere.
fn nearest(rgb: [u8; 3]) -> u8 {
    let distance = |a: [u8; 3]| -> u32 {
        let off = a.iter().zip(rgb).map(|(a, b)| u32::from(a.abs_diff(b)));
        off.map(|off| off * off).sum()
    };
    let cube = (0..216_u8).map(|i| {
        (
            16 + i,
            [i / 36, i / 6 % 6, i % 6].map(|s| STEPS[usize::from(s)]),
        )
    });
    let greys = (0..24_u8).map(|i| (232 + i, [8 + 10 * i; 3]));
    let nearest = cube
        .chain(greys)
        .min_by_key(|(_, colour)| distance(*colour));
    nearest.map_or(16, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{Colors, Theme, index};

    fn picture(width: usize, indices: &[u8]) -> Picture {
        let mut picture = Picture::default();
        picture.resize(width, indices.len() / width);
        picture.indices.copy_from_slice(indices);
        picture
    }

    fn text(picture: &Picture, before: Option<&Picture>, depth: ColorDepth) -> String {
        let palette = Palette::new(Theme::Dark, Colors::RedBlue);
        let mut out = Vec::new();
        HalfBlocks::new(&palette, depth).encode(picture, before, (2, 1), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_letter_is_two_pixels() {
        let (on, off) = (index(127, false), index(127, true));
        let three_rows = picture(2, &[on, 0, off, 0, 0, off]);
        assert_eq!(
            text(&three_rows, None, ColorDepth::TrueColor),
            "\x1b[2;3H\x1b[48;2;72;136;255m\x1b[38;2;255;72;56m▀\x1b[48;2;25;25;25m \
             \x1b[3;3H \x1b[38;2;72;136;255m▀\x1b[0m"
        );
    }

    #[test]
    fn only_what_changed_is_drawn() {
        let on = index(127, false);
        let before = picture(3, &[0, 0, 0, 0, 0, 0]);
        let after = picture(3, &[0, 0, 0, 0, on, 0]);
        assert_eq!(
            text(&before, Some(&before), ColorDepth::TrueColor),
            "\x1b[0m"
        );
        assert_eq!(
            text(&after, Some(&before), ColorDepth::Colors256),
            "\x1b[2;4H\x1b[48;5;203m\x1b[38;5;234m▀\x1b[0m"
        );
        // Of another size, it says nothing of what stands there.
        let other = picture(1, &[0, 0]);
        assert_eq!(
            text(&other, Some(&before), ColorDepth::Colors256),
            "\x1b[2;3H\x1b[48;5;234m \x1b[0m"
        );
    }

    #[test]
    fn colours_of_the_cube_and_greys_are_their_own_nearest() {
        assert_eq!(nearest([0; 3]), 16);
        assert_eq!(nearest([255; 3]), 231);
        assert_eq!(nearest([95, 135, 175]), 67);
        assert_eq!(nearest([78; 3]), 239);
        assert_eq!(nearest([250, 2, 1]), 196);
    }
}
