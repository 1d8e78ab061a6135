//! Pictures made larger by a whole factor.

use crate::pixels::Picture;

/// Makes each pixel a square of `factor` pixels a side.
pub(crate) fn upscale(picture: &mut Picture, factor: usize) {
    let width = picture.width;
    if factor == 1 || width == 0 {
        return;
    }
    picture.width *= factor;
    picture.height *= factor;
    let scratch = &mut picture.scratch.spread;
    enlarge(&mut picture.indices, width, factor, scratch);
    if !picture.ground.is_empty() {
        enlarge(&mut picture.ground, width, factor, scratch);
    }
}

fn enlarge(pixels: &mut Vec<u8>, width: usize, factor: usize, small: &mut Vec<u8>) {
    std::mem::swap(small, pixels);
    pixels.clear();
    pixels.resize(small.len() * factor * factor, 0);
    let rows = pixels.chunks_exact_mut(width * factor * factor);
    for (rows, from) in rows.zip(small.chunks_exact(width)) {
        let (first, others) = rows.split_at_mut(width * factor);
        for (wide, index) in first.chunks_exact_mut(factor).zip(from) {
            wide.fill(*index);
        }
        for row in others.chunks_exact_mut(width * factor) {
            row.copy_from_slice(first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_becomes_a_square() {
        let mut picture = Picture::default();
        for _ in 0..2 {
            picture.resize(2, 2);
            picture.indices.copy_from_slice(&[1, 2, 3, 4]);
            upscale(&mut picture, 3);
            assert_eq!((picture.width, picture.height), (6, 6));
            let (upper, lower) = ([1, 1, 1, 2, 2, 2], [3, 3, 3, 4, 4, 4]);
            let expected = [upper, upper, upper, lower, lower, lower];
            assert_eq!(picture.indices, expected.as_flattened());
        }
        picture.resize(0, 5);
        upscale(&mut picture, 3);
        assert!(picture.indices.is_empty());
    }
}
