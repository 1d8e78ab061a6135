//! Further columns: values as they are, or exactly as another type.

use evz_core::columns::Bad;
use evz_core::{ColumnType, Values};

use super::{Column, numbers};

/// Fills `values` with those of a column, up to the first that the type of `values` does not have;
/// that one is returned. `name` is for messages.
pub(crate) fn read_values(column: Column<'_>, name: &str, values: &mut Values) -> Option<Bad> {
    let to = values.column_type();
    if column.scalar.column_type() == Some(to) {
        copy(column, values);
        let no_bool = |b: &u8| to == ColumnType::Bool && *b > 1;
        let bytes = values.as_slice().as_bytes();
        let row = bytes.iter().position(no_bool)?;
        let what = format!(
            "{name} is {}, where a bool, 0 or 1, is expected",
            bytes[row]
        );
        return Some(Bad::new(row, what));
    }
    numbers!(column, numbers => {
        for (row, number) in numbers.enumerate() {
            if !put(number.into(), values) {
                let what = format!("{name} is {number}, which no {to} is");
                return Some(Bad::new(row, what));
            }
        }
        None
    })
}

/// Values of the same type, bit by bit.
fn copy(column: Column<'_>, values: &mut Values) {
    fn of<const SIZE: usize>(column: Column<'_>, bytes: &mut [u8]) {
        let places = bytes.as_chunks_mut::<SIZE>().0.iter_mut();
        for (place, mut value) in places.zip(column.rows::<SIZE>()) {
            if column.scalar.big_endian {
                value.reverse();
            }
            *place = value;
        }
    }
    let rows = column.bytes.len() / column.stride;
    values.resize(rows);
    let Some(to) = values.get_mut(0..rows) else {
        return;
    };
    match to.column_type.size() {
        1 => of::<1>(column, to.bytes),
        2 => of::<2>(column, to.bytes),
        4 => of::<4>(column, to.bytes),
        _ => of::<8>(column, to.bytes),
    }
}

/// A number of any type.
#[derive(Clone, Copy)]
enum Exact {
    Whole(i128),
    Real(f64),
}

macro_rules! exact {
    ($variant:ident: $($number:ty),*) => {
        $(impl From<$number> for Exact {
            fn from(number: $number) -> Self {
                Self::$variant(number.into())
            }
        })*
    };
}

exact!(Whole: i8, i16, i32, i64, u8, u16, u32, u64);
exact!(Real: f32, f64);

impl Exact {
    fn whole(self) -> Option<i128> {
        match self {
            Self::Whole(n) => Some(n),
            // More than any type holds.
            Self::Real(x) => (x.trunc() == x && x.abs() < 1e30).then_some(x as i128),
        }
    }

    fn double(self) -> Option<f64> {
        match self {
            Self::Whole(n) => Some(n as f64).filter(|x| *x as i128 == n),
            Self::Real(x) => Some(x),
        }
    }

    fn single(self) -> Option<f32> {
        match self {
            Self::Whole(n) => Some(n as f32).filter(|x| *x as i128 == n),
            Self::Real(x) => Some(x as f32).filter(|y| f64::from(*y) == x || x.is_nan()),
        }
    }
}

/// Adds a number; false if it is none of the type.
fn put(number: Exact, values: &mut Values) -> bool {
    macro_rules! integer {
        ($type:ty) => {
            (number.whole())
                .and_then(|n| <$type>::try_from(n).ok())
                .map(|n| values.push(n))
        };
    }
    let put = match values.column_type() {
        ColumnType::Bool => (number.whole())
            .filter(|n| matches!(n, 0 | 1))
            .map(|n| values.push(n == 1)),
        ColumnType::I8 => integer!(i8),
        ColumnType::I16 => integer!(i16),
        ColumnType::I32 => integer!(i32),
        ColumnType::I64 => integer!(i64),
        ColumnType::U8 => integer!(u8),
        ColumnType::U16 => integer!(u16),
        ColumnType::U32 => integer!(u32),
        ColumnType::U64 => integer!(u64),
        ColumnType::F32 => number.single().map(|x| values.push(x)),
        ColumnType::F64 => number.double().map(|x| values.push(x)),
    };
    put.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn becomes(number: impl Into<Exact>, column_type: ColumnType) -> bool {
        let mut values = Values::new(column_type);
        let fits = put(number.into(), &mut values);
        assert_eq!(values.len(), usize::from(fits));
        fits
    }

    #[test]
    fn only_what_is_the_same_number() {
        use ColumnType as C;
        assert!(becomes(255.0, C::U8) && !becomes(256.0, C::U8) && !becomes(0.5, C::U8));
        assert!(becomes(-128i64, C::I8) && !becomes(-129i64, C::I8) && !becomes(-1i8, C::U64));
        assert!(becomes(u64::MAX, C::U64) && !becomes(u64::MAX, C::I64));
        assert!(!becomes(18_446_744_073_709_551_616.0, C::U64));
        assert!(becomes(1u8, C::Bool) && !becomes(2u8, C::Bool));
        assert!(becomes(1i64 << 53, C::F64) && !becomes((1i64 << 53) + 1, C::F64));
        assert!(becomes(1u32 << 24, C::F32) && !becomes((1u32 << 24) + 1, C::F32));
        assert!(!becomes(u64::MAX, C::F64) && becomes(1u64 << 63, C::F32));
        assert!(becomes(0.5, C::F32) && !becomes(0.1, C::F32) && becomes(0.1f32, C::F64));
        assert!(becomes(f64::NAN, C::F32) && becomes(f64::INFINITY, C::F32));
        assert!(!becomes(f64::NAN, C::I64) && !becomes(f64::INFINITY, C::I64));
        assert!(!becomes(1e300, C::F32));
    }
}
