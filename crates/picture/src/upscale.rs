//! Pictures made larger by a whole factor.

use crate::pixels::Picture;

/// Makes each pixel a square of `factor` pixels a side.
pub(crate) fn upscale(picture: &mut Picture, factor: usize) {
    let (width, height) = (picture.width, picture.height);
    if factor == 1 || width == 0 {
        return;
    }
    let mut small = std::mem::take(&mut picture.scratch.spread);
    std::mem::swap(&mut small, &mut picture.indices);
    picture.resize(width * factor, height * factor);
    let rows = picture.indices.chunks_exact_mut(width * factor * factor);
    for (rows, from) in rows.zip(small.chunks_exact(width)) {
        let (first, others) = rows.split_at_mut(width * factor);
        for (wide, index) in first.chunks_exact_mut(factor).zip(from) {
            wide.fill(*index);
        }
        for row in others.chunks_exact_mut(width * factor) {
            row.copy_from_slice(first);
        }
    }
    picture.scratch.spread = small;
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
