//! Single pixels made wide enough to be seen.

use crate::palette::BACKGROUND;
use crate::pixels::Picture;

/// Gives each background pixel the strongest of its eight neighbours. Pixels with events stay as they
/// are.
pub(crate) fn dilate(picture: &mut Picture) {
    let width = picture.width;
    if width == 0 {
        return;
    }
    // The strongest in the row first, then that of three rows.
    let spread = &mut picture.scratch.spread;
    spread.clear();
    spread.extend_from_slice(&picture.indices);
    for (wide, row) in spread
        .chunks_exact_mut(width)
        .zip(picture.indices.chunks_exact(width))
    {
        for (wide, left) in wide[1..].iter_mut().zip(row) {
            *wide = (*wide).max(*left);
        }
        for (wide, right) in wide.iter_mut().zip(&row[1..]) {
            *wide = (*wide).max(*right);
        }
    }
    let rows = picture.height;
    for (y, row) in picture.indices.chunks_exact_mut(width).enumerate() {
        let wide = |y: usize| &spread[y * width..][..width];
        let (above, below) = (wide(y.saturating_sub(1)), wide((y + 1).min(rows - 1)));
        for (((pixel, here), above), below) in row.iter_mut().zip(wide(y)).zip(above).zip(below) {
            if *pixel == BACKGROUND {
                *pixel = (*here).max(*above).max(*below);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_becomes_nine_and_neighbours_keep_their_own_colour() {
        let mut picture = Picture::default();
        picture.resize(5, 4);
        picture.indices[5 + 1] = 9;
        picture.indices[5 + 3] = 20;
        dilate(&mut picture);
        #[rustfmt::skip]
        assert_eq!(picture.indices, [
            9, 9, 20, 20, 20,
            9, 9, 20, 20, 20,
            9, 9, 20, 20, 20,
            0, 0,  0,  0,  0,
        ]);
    }

    #[test]
    fn a_pixel_in_the_corner_does_not_reach_the_other_side() {
        let mut picture = Picture::default();
        picture.resize(3, 3);
        picture.indices[2] = 5;
        dilate(&mut picture);
        assert_eq!(picture.indices, [0, 5, 5, 0, 5, 5, 0, 0, 0]);
        picture.resize(1, 1);
        picture.indices[0] = 5;
        dilate(&mut picture);
        assert_eq!(picture.indices, [5]);
    }
}
