//! The numbers of a column, whatever their type.

use std::fmt::Display;

use crate::npy::Scalar;

/// A number of any type, as whole numbers are taken out of it.
pub(crate) trait Number: Copy + Display {
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

/// A number in every row of some bytes.
#[derive(Clone, Copy)]
pub(crate) struct Column<'a> {
    /// Whole rows.
    pub(crate) bytes: &'a [u8],
    /// Bytes of a row.
    pub(crate) stride: usize,
    /// Where in a row the number stands.
    pub(crate) offset: usize,
    pub(crate) scalar: &'a Scalar,
}

impl<'a> Column<'a> {
    /// The bytes of each number.
    #[inline]
    pub(crate) fn rows<const SIZE: usize>(
        self,
    ) -> impl ExactSizeIterator<Item = [u8; SIZE]> + Clone + 'a {
        let Self { stride, offset, .. } = self;
        // A field ends before its row does, so that none is missing.
        self.bytes
            .chunks_exact(stride)
            .map(move |row| *row[offset..].first_chunk().unwrap_or(&[0; SIZE]))
    }
}

/// Calls `$act` with an iterator over the numbers of `$column`, whatever their type.
macro_rules! numbers {
    ($column:expr, $values:ident => $act:expr) => {{
        use $crate::npy::Kind as K;
        let column: $crate::columns::Column<'_> = $column;
        let scalar = column.scalar;
        macro_rules! of {
            ($number:ty) => {{
                const SIZE: usize = size_of::<$number>();
                if scalar.big_endian {
                    let $values = column.rows::<SIZE>().map(<$number>::from_be_bytes);
                    $act
                } else if column.stride == SIZE {
                    let packed = column.bytes.as_chunks::<SIZE>().0.iter();
                    let $values = packed.map(|bytes| <$number>::from_le_bytes(*bytes));
                    $act
                } else {
                    let $values = column.rows::<SIZE>().map(<$number>::from_le_bytes);
                    $act
                }
            }};
        }
        match (scalar.kind, scalar.size) {
            (K::Int, 1) => of!(i8),
            (K::Int, 2) => of!(i16),
            (K::Int, 4) => of!(i32),
            (K::Bool | K::Uint, 1) => of!(u8),
            (K::Uint, 2) => of!(u16),
            (K::Uint, 4) => of!(u32),
            (K::Uint, _) => of!(u64),
            (K::Float, 4) => of!(f32),
            (K::Float, _) => of!(f64),
            // There is no other type: see `Scalar::parse`.
            _ => of!(i64),
        }
    }};
}
pub(crate) use numbers;

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
