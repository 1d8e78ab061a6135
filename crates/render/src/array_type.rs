//! The types of values that arrays for networks have, and values of them.

use std::fmt;
use std::str::FromStr;

use evz_core::{Error, Result, alternatives};
use half::f16;
use pulp::bytemuck::cast_slice;

use crate::facts::ValueType;
use crate::frame::add_le_bytes;

/// The type of prepared values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArrayType {
    /// 8 bits, unsigned.
    U8,
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// 16-bit float.
    F16,
    /// 32-bit float.
    F32,
}

/// The values of a prepared frame: `[channels, height, width]`, the last index the fastest.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// Of 8 bits, unsigned.
    U8(Vec<u8>),
    /// Of 16 bits, signed.
    I16(Vec<i16>),
    /// Of 16 bits, unsigned.
    U16(Vec<u16>),
    /// 16-bit floats.
    F16(Vec<f16>),
    /// 32-bit floats.
    F32(Vec<f32>),
}

impl ArrayType {
    /// All types.
    pub const ALL: [Self; 5] = [Self::U8, Self::I16, Self::U16, Self::F16, Self::F32];

    /// Its name as Rust and NumPy users write it: `f16`.
    pub fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I16 => "i16",
            Self::U16 => "u16",
            Self::F16 => "f16",
            Self::F32 => "f32",
        }
    }

    /// How NumPy writes it, little-endian: `<f2`.
    pub fn descr(self) -> &'static str {
        match self {
            Self::U8 => "|u1",
            Self::I16 => "<i2",
            Self::U16 => "<u2",
            Self::F16 => "<f2",
            Self::F32 => "<f4",
        }
    }

    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::F32 => 4,
        }
    }
}

impl From<ValueType> for ArrayType {
    fn from(of: ValueType) -> Self {
        match of {
            ValueType::I16 => Self::I16,
            ValueType::U16 => Self::U16,
            ValueType::F32 => Self::F32,
        }
    }
}

impl FromStr for ArrayType {
    type Err = Error;

    /// One by its name.
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|of| of.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            Error::invalid(format!("no type {text:?}; it is {}", alternatives(&names)))
        })
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Prepared {
    pub(crate) fn of(array_type: ArrayType) -> Self {
        match array_type {
            ArrayType::U8 => Self::U8(Vec::new()),
            ArrayType::I16 => Self::I16(Vec::new()),
            ArrayType::U16 => Self::U16(Vec::new()),
            ArrayType::F16 => Self::F16(Vec::new()),
            ArrayType::F32 => Self::F32(Vec::new()),
        }
    }

    /// The type of the values.
    pub fn array_type(&self) -> ArrayType {
        match self {
            Self::U8(_) => ArrayType::U8,
            Self::I16(_) => ArrayType::I16,
            Self::U16(_) => ArrayType::U16,
            Self::F16(_) => ArrayType::F16,
            Self::F32(_) => ArrayType::F32,
        }
    }

    /// Adds the values to bytes, little-endian.
    pub fn add_le_bytes(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::U8(v) => bytes.extend_from_slice(v),
            Self::I16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::U16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::F16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::F32(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
        }
    }

    /// Copies the values, as bytes of the machine's order, to memory of the same length.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn copy_to(&self, out: &mut [u8]) {
        match self {
            Self::U8(v) => out.copy_from_slice(v),
            Self::I16(v) => out.copy_from_slice(cast_slice(v)),
            Self::U16(v) => out.copy_from_slice(cast_slice(v)),
            Self::F16(v) => {
                assert_eq!(out.len(), size_of_val(v.as_slice()), "memory for a frame");
                for (out, v) in out.chunks_exact_mut(2).zip(v) {
                    out.copy_from_slice(&v.to_ne_bytes());
                }
            }
            Self::F32(v) => out.copy_from_slice(cast_slice(v)),
        }
    }

    /// Puts floats in the place of the values, the nearest within what the type holds.
    pub(crate) fn put(&mut self, floats: &[f32]) {
        fn fill<T: ArrayValue>(values: &mut Vec<T>, floats: &[f32]) {
            values.clear();
            values.extend(floats.iter().map(|v| T::nearest(*v)));
        }
        match self {
            Self::U8(v) => fill(v, floats),
            Self::I16(v) => fill(v, floats),
            Self::U16(v) => fill(v, floats),
            Self::F16(v) => fill(v, floats),
            Self::F32(v) => fill(v, floats),
        }
    }
}

/// A value of a prepared frame.
pub(crate) trait ArrayValue: Copy + Default {
    /// The nearest one to a float, within what the type holds.
    fn nearest(of: f32) -> Self;
}

macro_rules! whole_numbers {
    ($($type:ty),*) => {
        $(impl ArrayValue for $type {
            #[inline(always)]
            fn nearest(of: f32) -> Self {
                of.round_ties_even() as Self
            }
        })*
    };
}

whole_numbers!(u8, i16, u16);

impl ArrayValue for f16 {
    #[inline(always)]
    fn nearest(of: f32) -> Self {
        let most = Self::MAX.to_f32();
        Self::from_f32(of.clamp(-most, most))
    }
}

impl ArrayValue for f32 {
    #[inline(always)]
    fn nearest(of: f32) -> Self {
        of
    }
}
