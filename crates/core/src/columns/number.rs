//! Numbers of any type.

use std::fmt::Display;

/// A number of any type, as whole numbers are taken out of it.
pub trait Number: Copy + Display {
    /// Its value, if that is whole and fits.
    fn whole(self) -> Option<i64>;

    /// Its value as a coordinate, and whether it is one.
    fn pixel(self) -> (u16, bool);

    /// Its value, or the one next to it.
    fn float(self) -> f64;
}

macro_rules! integers {
    ($($type:ty),*) => {
        $(impl Number for $type {
            #[inline]
            fn whole(self) -> Option<i64> {
                i64::try_from(self).ok()
            }

            #[inline]
            fn pixel(self) -> (u16, bool) {
                (self as u16, u16::try_from(self).is_ok())
            }

            #[inline]
            fn float(self) -> f64 {
                self as f64
            }
        })*
    };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// Floats below this in size are exact as `i64`, and no whole number is above it that is not.
const LARGEST: f64 = 9_223_372_036_854_774_784.0;

impl Number for f64 {
    #[inline]
    fn whole(self) -> Option<i64> {
        (self.trunc() == self && self.abs() <= LARGEST).then_some(self as i64)
    }

    #[inline]
    fn pixel(self) -> (u16, bool) {
        let pixel = self as u16;
        (pixel, f64::from(pixel) == self)
    }

    #[inline]
    fn float(self) -> f64 {
        self
    }
}

impl Number for f32 {
    #[inline]
    fn whole(self) -> Option<i64> {
        f64::from(self).whole()
    }

    #[inline]
    fn pixel(self) -> (u16, bool) {
        f64::from(self).pixel()
    }

    #[inline]
    fn float(self) -> f64 {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn whole_numbers_are_exact_or_none() {
        assert_eq!(u64::MAX.whole(), None);
        assert_eq!((i64::MAX as u64).whole(), Some(i64::MAX));
        assert_eq!((-1i8).whole(), Some(-1));
        assert_eq!(3.0f32.whole(), Some(3));
        for float in [0.5, f64::NAN, f64::INFINITY, 9.3e18, -9.3e18] {
            assert_eq!(float.whole(), None, "{float}");
        }
    }

    #[test]
    fn coordinates_have_16_bits() {
        assert_eq!(65_535i64.pixel(), (65_535, true));
        assert_eq!(65_535.0f32.pixel(), (65_535, true));
        assert!(!(-1i8).pixel().1 && !65_536u32.pixel().1 && !(1u64 << 40).pixel().1);
        for float in [0.5, -1.0, 65_536.0, f64::NAN, f64::INFINITY] {
            assert!(!float.pixel().1, "{float}");
        }
    }
}
