//! A column of events: where its numbers stand in the pieces of a dataset, and what they are.

use crate::h5::{Kind, Scalar};
use crate::stream::Piece;

/// Where the numbers of a column stand.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// The number of its stream.
    pub(crate) stream: usize,
    /// Bytes of a row of what stands before the column in a piece.
    pub(crate) ahead: usize,
    /// Bytes of a row, and where in it the number stands.
    pub(crate) stride: usize,
    pub(crate) offset: usize,
    pub(crate) scalar: Scalar,
}

/// The numbers of a column in some rows.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    /// Whole rows.
    bytes: &'a [u8],
    pub(crate) stride: usize,
    offset: usize,
    pub(crate) scalar: Scalar,
}

impl Column {
    /// The numbers of `n` rows, of which this is the first.
    pub(crate) fn values<'a>(&self, piece: &'a Piece, row: u64, n: usize) -> Values<'a> {
        let from = self.ahead * piece.capacity + (row - piece.first) as usize * self.stride;
        Values {
            bytes: piece.bytes.get(from..from + n * self.stride).unwrap_or(&[]),
            stride: self.stride,
            offset: self.offset,
            scalar: self.scalar,
        }
    }
}

impl<'a> Values<'a> {
    /// The numbers at an offset in rows of some bytes.
    pub(crate) fn new(bytes: &'a [u8], stride: usize, offset: usize, scalar: Scalar) -> Self {
        Self {
            bytes,
            stride,
            offset,
            scalar,
        }
    }

    /// The numbers themselves, where they are bytes without a sign and have nothing between them.
    pub(crate) fn bytes(self) -> Option<&'a [u8]> {
        let is_bytes = matches!(self.scalar.kind, Kind::Uint | Kind::Bool) && self.stride == 1;
        is_bytes.then_some(self.bytes)
    }

    /// The bytes of numbers that have nothing between them.
    pub(crate) fn packed<const SIZE: usize>(
        self,
    ) -> impl ExactSizeIterator<Item = [u8; SIZE]> + Clone + 'a {
        self.bytes.as_chunks::<SIZE>().0.iter().copied()
    }

    /// The bytes of each number.
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

/// Calls `$act` with an iterator over numbers, whatever their type.
macro_rules! numbers {
    ($values:expr, $numbers:ident => $act:expr) => {{
        use $crate::h5::Kind as K;
        let values: $crate::column::Values<'_> = $values;
        let scalar = values.scalar;
        macro_rules! of {
            ($number:ty) => {{
                const SIZE: usize = size_of::<$number>();
                if scalar.big_endian {
                    let $numbers = values.rows::<SIZE>().map(<$number>::from_be_bytes);
                    $act
                } else if values.stride == SIZE {
                    let $numbers = values.packed::<SIZE>().map(<$number>::from_le_bytes);
                    $act
                } else {
                    let $numbers = values.rows::<SIZE>().map(<$number>::from_le_bytes);
                    $act
                }
            }};
        }
        match (scalar.kind, scalar.size) {
            (K::Int, 1) => of!(i8),
            (K::Int, 2) => of!(i16),
            (K::Int, 4) => of!(i32),
            (K::Int, _) => of!(i64),
            (K::Bool, _) | (K::Uint, 1) => of!(u8),
            (K::Uint, 2) => of!(u16),
            (K::Uint, 4) => of!(u32),
            (K::Uint, _) => of!(u64),
            (K::Float, 4) => of!(f32),
            (K::Float, _) => of!(f64),
        }
    }};
}
pub(crate) use numbers;
