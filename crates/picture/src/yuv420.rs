//! Pictures as what every player shows: BT.709 in the limited range, four pixels to a colour.
//!
//! ffmpeg would do the same from red, green and blue, one picture after the other and behind a pipe that is twice as
//! wide; a table for each index does it on all cores.

use crate::palette::Palette;
use crate::pixels::Picture;

/// Y, Cb, Cr of a colour, by ITU-R BT.709.
pub(crate) fn yuv(rgb: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = rgb.map(|c| f32::from(c) / 255.0);
    let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let (cb, cr) = ((b - y) / 1.8556, (r - y) / 1.5748);
    [16.0 + 219.0 * y, 128.0 + 224.0 * cb, 128.0 + 224.0 * cr].map(|c| c.round() as u8)
}

/// The colours of a palette.
pub(crate) fn colours(palette: &Palette) -> [[u8; 3]; 256] {
    palette.colours().map(yuv)
}

/// A side of a picture with one pixel more where it is odd.
pub(crate) fn even(side: usize) -> usize {
    side + side % 2
}

/// Appends the three planes of a picture whose pixels have these colours, in their order. Sides are made even by
/// pixels of colour `beyond`.
pub(crate) fn append(
    picture: &Picture,
    mut colours: impl Iterator<Item = [u8; 3]>,
    beyond: [u8; 3],
    bytes: &mut Vec<u8>,
) {
    let (width, height) = (even(picture.width), even(picture.height));
    let (from, pixels) = (bytes.len(), width * height);
    bytes.resize(from + pixels + pixels / 2, 0);
    let (luma, chroma) = bytes[from..].split_at_mut(pixels);
    let (blue, red) = chroma.split_at_mut(pixels / 4);
    let half = width / 2;
    let mut two = vec![beyond; 2 * width];
    let rows = luma.chunks_exact_mut(2 * width);
    let chroma = blue.chunks_exact_mut(half).zip(red.chunks_exact_mut(half));
    for (pair, (luma, (blue, red))) in rows.zip(chroma).enumerate() {
        for (row, pixels) in two.chunks_exact_mut(width).enumerate() {
            match 2 * pair + row < picture.height {
                true => {
                    let pixels = pixels[..picture.width].iter_mut();
                    pixels
                        .zip(&mut colours)
                        .for_each(|(pixel, color)| *pixel = color);
                }
                false => pixels.fill(beyond),
            }
        }
        for (luma, [y, ..]) in luma.iter_mut().zip(&two) {
            *luma = *y;
        }
        let (upper, lower) = two.split_at(width);
        let fours = upper.chunks_exact(2).zip(lower.chunks_exact(2));
        for ((upper, lower), (blue, red)) in fours.zip(blue.iter_mut().zip(red)) {
            let mean = |plane: usize| {
                let four = [upper[0], upper[1], lower[0], lower[1]];
                let sum: u16 = four.iter().map(|color| u16::from(color[plane])).sum();
                ((sum + 2) / 4) as u8
            };
            (*blue, *red) = (mean(1), mean(2));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_bt_709() {
        // From the recommendation, table 3: black, white, and red, of which Y is 16 + 219 * 0.2126.
        let known = [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [63, 102, 240]),
            ([0, 0, 255], [32, 240, 118]),
        ];
        for (rgb, expected) in known {
            assert_eq!(yuv(rgb), expected);
        }
    }

    #[test]
    fn four_pixels_share_a_colour_and_sides_become_even() {
        let mut picture = Picture::default();
        picture.resize(3, 1);
        let colours = [[1, 10, 100], [2, 20, 100], [3, 30, 100]];
        let mut bytes = vec![7];
        append(&picture, colours.into_iter(), [9, 50, 60], &mut bytes);
        let luma = [1, 2, 3, 9, 9, 9, 9, 9];
        // (10 + 20 + 50 + 50) / 4 and (30 + 50 + 50 + 50) / 4; (100 + 100 + 60 + 60) / 4 and (100 + 3 * 60) / 4.
        let expected: Vec<u8> = [&[7][..], &luma, &[33, 45], &[80, 70]].concat();
        assert_eq!(bytes, expected);
    }
}
