//! The types of values as pco sees them.

use pco::data_types::{Number, NumberType};

/// A value that pco packs.
pub(super) trait Value: Number + Default {
    /// Bytes of it.
    const SIZE: usize = size_of::<Self>();

    /// From its little-endian bytes, of which there are [`Value::SIZE`].
    fn read(bytes: &[u8]) -> Self;

    /// To its little-endian bytes, of which there are [`Value::SIZE`].
    fn write(self, bytes: &mut [u8]);

    /// Its bits.
    fn bits(self) -> u64;
}

macro_rules! value {
    ($value:ty, $bits:expr) => {
        impl Value for $value {
            fn read(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("the bytes of a value"))
            }

            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_le_bytes());
            }

            fn bits(self) -> u64 {
                $bits(self)
            }
        }
    };
}

value!(i8, |v: i8| v as u8 as u64);
value!(i16, |v: i16| v as u16 as u64);
value!(i32, |v: i32| v as u32 as u64);
value!(i64, |v: i64| v as u64);
value!(u8, u64::from);
value!(u16, u64::from);
value!(u32, u64::from);
value!(u64, u64::from);
value!(f32, |v: f32| v.to_bits().into());
value!(f64, f64::to_bits);

/// The byte that stands for the type in pco.
pub(super) fn type_byte<T: Value>() -> u8 {
    NumberType::new::<T>() as u8
}

/// Calls a function that is generic over [`Value`] with the type that stands for a column type.
macro_rules! with_value {
    ($column_type:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $column_type {
            ColumnType::Bool | ColumnType::U8 => $function::<u8>($($argument),*),
            ColumnType::I8 => $function::<i8>($($argument),*),
            ColumnType::I16 => $function::<i16>($($argument),*),
            ColumnType::I32 => $function::<i32>($($argument),*),
            ColumnType::I64 => $function::<i64>($($argument),*),
            ColumnType::U16 => $function::<u16>($($argument),*),
            ColumnType::U32 => $function::<u32>($($argument),*),
            ColumnType::U64 => $function::<u64>($($argument),*),
            ColumnType::F32 => $function::<f32>($($argument),*),
            ColumnType::F64 => $function::<f64>($($argument),*),
        }
    };
}
pub(super) use with_value;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extra::ColumnType;

    #[test]
    fn pco_keeps_its_numbers() {
        fn byte<T: Value>(column_type: ColumnType) -> u8 {
            assert_eq!(T::SIZE, column_type.size());
            type_byte::<T>()
        }
        let bytes = ColumnType::ALL.map(|t| with_value!(t, byte(t)));
        assert_eq!(bytes, [10, 11, 8, 3, 4, 10, 7, 1, 2, 5, 6]);
    }
}
