//! Pictures made to fit a screen: no event is lost to sight.

use crate::pixels::Picture;

impl Picture {
    /// The largest size within `width` by `height` that keeps the shape of the picture: where it is enlarged,
    /// by a whole factor, so that all pixels look the same. Nothing fits into nothing.
    pub fn fitted(&self, width: usize, height: usize) -> (usize, usize) {
        if [self.width, self.height, width, height].contains(&0) {
            return (0, 0);
        }
        let factor = (width / self.width).min(height / self.height);
        if factor > 0 {
            return (factor * self.width, factor * self.height);
        }
        match width * self.height <= height * self.width {
            true => (width, (width * self.height / self.width).max(1)),
            false => ((height * self.width / self.height).max(1), height),
        }
    }

    /// Draws the picture anew in another size. Each pixel is the strongest of those that it stands for: a
    /// single event is seen however much the picture shrinks.
    pub fn resample(&self, width: usize, height: usize, into: &mut Self) {
        into.resize(width, height);
        if into.indices.is_empty() || self.indices.is_empty() {
            return;
        }
        for (y, row) in into.indices.chunks_exact_mut(width).enumerate() {
            for from in part(y, height, self.height) {
                let from = &self.indices[from * self.width..][..self.width];
                for (x, pixel) in row.iter_mut().enumerate() {
                    let strongest = from[part(x, width, self.width)].iter().max();
                    *pixel = (*pixel).max(*strongest.unwrap_or(pixel));
                }
            }
        }
    }
}

/// Which of `n` pixels the pixel `i` of `of` stands for: at least one, and each for some.
fn part(i: usize, of: usize, n: usize) -> std::ops::Range<usize> {
    let start = i * n / of;
    start..((i + 1) * n / of).max(start + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::palette::index;

    fn picture(width: usize, height: usize) -> Picture {
        let mut picture = Picture::default();
        picture.resize(width, height);
        picture
    }

    #[test]
    fn what_fits_keeps_its_shape() {
        let fitted = |w, h, width, height| picture(w, h).fitted(width, height);
        assert_eq!(fitted(640, 480, 80, 46), (61, 46));
        assert_eq!(fitted(1280, 720, 80, 100), (80, 45));
        assert_eq!(fitted(34, 34, 200, 100), (68, 68));
        assert_eq!(fitted(346, 260, 346, 260), (346, 260));
        assert_eq!(fitted(1280, 720, 1, 1), (1, 1));
        assert_eq!(fitted(1000, 1, 10, 10), (10, 1));
        assert_eq!(fitted(1280, 720, 0, 5), (0, 0));
        assert_eq!(fitted(0, 0, 9, 5), (0, 0));
    }

    #[test]
    fn any_single_event_is_seen_in_any_smaller_picture() {
        let (on, off) = (index(50, false), index(51, true));
        for (width, height) in [(1, 1), (2, 3), (5, 4), (7, 5), (6, 6)] {
            for pixel in 0..7 * 6 {
                let mut from = picture(7, 6);
                from.indices[pixel] = on;
                let mut to = Picture::default();
                from.resample(width, height, &mut to);
                let seen = to.indices().iter().filter(|i| **i == on).count();
                assert_eq!(seen, 1, "pixel {pixel} in {width}x{height}");
                from.indices[41 - pixel] = off;
                from.resample(1, 1, &mut to);
                assert_eq!(to.indices(), [off], "the stronger of two");
            }
        }
    }

    #[test]
    fn a_picture_is_enlarged_pixel_by_pixel() {
        let mut from = picture(2, 1);
        from.indices.copy_from_slice(&[8, 9]);
        let mut to = Picture::default();
        from.resample(4, 2, &mut to);
        assert_eq!(to.indices(), [8, 8, 9, 9, 8, 8, 9, 9]);
        from.resample(0, 0, &mut to);
        assert!(to.indices().is_empty());
    }
}
