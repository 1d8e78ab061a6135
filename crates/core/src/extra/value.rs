//! The types that values have in Rust.

use super::ColumnType;

/// A type of values of a column.
pub trait ColumnValue: Copy {
    /// What it is called.
    const TYPE: ColumnType;

    /// From its little-endian bytes, as many as the type has.
    #[doc(hidden)]
    fn read(bytes: &[u8]) -> Self;

    /// Puts its little-endian bytes behind others.
    #[doc(hidden)]
    fn put(self, out: &mut Vec<u8>);
}

macro_rules! values {
    ($($rust:ty => $column_type:ident),*) => {
        $(impl ColumnValue for $rust {
            const TYPE: ColumnType = ColumnType::$column_type;

            fn read(bytes: &[u8]) -> Self {
                Self::from_le_bytes(bytes.try_into().expect("the bytes of a value"))
            }

            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        })*
    };
}

values!(i8 => I8, i16 => I16, i32 => I32, i64 => I64, u8 => U8, u16 => U16, u32 => U32,
    u64 => U64, f32 => F32, f64 => F64);

impl ColumnValue for bool {
    const TYPE: ColumnType = ColumnType::Bool;

    fn read(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }

    fn put(self, out: &mut Vec<u8>) {
        out.push(self.into());
    }
}
