//! The numbers of a column, whatever their type.

use std::ops::Range;

use crate::npy::Scalar;

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
    /// The same numbers of some of the rows alone.
    pub(crate) fn part(self, rows: &Range<usize>) -> Self {
        let bytes = rows.start * self.stride..rows.end * self.stride;
        Self {
            bytes: self.bytes.get(bytes).unwrap_or_default(),
            ..self
        }
    }

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
