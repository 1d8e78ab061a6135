//! Pictures as Sixel: bands of six rows, in each a line for every colour, whose letters say which of six pixels
//! have it.

use std::io::Write;

use crate::palette::Palette;
use crate::pixels::Picture;

/// Rows of a band.
const BAND: usize = 6;

/// Appends what shows a picture where the cursor stands.
pub fn sixel(picture: &Picture, palette: &Palette, out: &mut Vec<u8>) {
    let (width, height) = (picture.width, picture.height);
    // A vector takes all.
    let _ = write!(out, "\x1bP0;1;0q\"1;1;{width};{height}");
    for index in used(&picture.indices) {
        let percent = |c: u8| (u32::from(c) * 100 + 127) / 255;
        let [r, g, b] = palette.colours()[usize::from(index)].map(percent);
        let _ = write!(out, "#{index};2;{r};{g};{b}");
    }
    let mut letters = Vec::new();
    for band in picture.indices.chunks(BAND * width.max(1)) {
        for index in used(band) {
            letters.clear();
            letters.resize(width, 0);
            for (y, row) in band.chunks_exact(width).enumerate() {
                for (bits, pixel) in letters.iter_mut().zip(row) {
                    *bits |= u8::from(*pixel == index) << y;
                }
            }
            let _ = write!(out, "#{index}");
            append_runs(&letters, out);
            // Back to the start of the band.
            out.push(b'$');
        }
        out.push(b'-');
    }
    out.extend_from_slice(b"\x1b\\");
}

/// The indices that are there, in order.
fn used(indices: &[u8]) -> impl Iterator<Item = u8> {
    let mut there = [false; 256];
    indices.iter().for_each(|i| there[usize::from(*i)] = true);
    (0..=u8::MAX).filter(move |i| there[usize::from(*i)])
}

/// Appends letters, of which runs are counted; pixels of other colours at the end of a line are left out.
fn append_runs(letters: &[u8], out: &mut Vec<u8>) {
    let end = letters.iter().rposition(|bits| *bits != 0);
    for run in letters[..end.map_or(0, |end| end + 1)].chunk_by(|a, b| a == b) {
        let letter = b'?' + run[0];
        match run.len() {
            n if n > 3 => {
                let _ = write!(out, "!{n}");
                out.push(letter);
            }
            n => out.extend(std::iter::repeat_n(letter, n)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::{Colors, Theme, index};

    fn encoded(width: usize, indices: &[u8]) -> String {
        let mut picture = Picture::default();
        picture.resize(width, indices.len() / width.max(1));
        picture.indices.copy_from_slice(indices);
        let mut out = Vec::new();
        sixel(
            &picture,
            &Palette::new(Theme::Dark, Colors::RedBlue),
            &mut out,
        );
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_letter_is_six_pixels_of_one_colour() {
        let on = index(127, false);
        let mut pixels = [0; 7 * 5];
        pixels[5 + 1] = on;
        pixels[6 * 5] = on;
        // Rows 0 and 2 to 5 are 2^0 + 2^2 + … + 2^5 = 61, `|`; row 1 is 2, `A`; row 6 is the first of a band.
        assert_eq!(
            encoded(5, &pixels),
            "\x1bP0;1;0q\"1;1;5;7#0;2;10;10;10#254;2;100;28;22\
             #0~|~~~$#254?A$-#0?!4@$#254@$-\x1b\\"
        );
    }

    #[test]
    fn nothing_is_a_picture_of_no_pixels() {
        assert_eq!(encoded(0, &[]), "\x1bP0;1;0q\"1;1;0;0\x1b\\");
    }
}
