//! Arrays of plain numbers, which are no events: times, say.

use std::io::Read;

use evz_core::{Error, Input, Place, Result};

use crate::columns::{Column, numbers};
use crate::npy::{Dtype, Header, Kind};

/// The numbers of an array, the last index the fastest.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainArray {
    /// The numbers.
    pub values: PlainValues,
    /// Its sides.
    pub shape: Vec<u64>,
}

/// The numbers of an array, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct PlainNumbers {
    /// The numbers.
    pub values: PlainValues,
    /// How many there are in a row: 1 of an array of one dimension.
    pub columns: usize,
}

/// Plain numbers by their type.
#[derive(Debug, Clone, PartialEq)]
pub enum PlainValues {
    /// Whole numbers, of any width.
    Whole(Vec<i64>),
    /// Floats, of 32 or 64 bits.
    Real(Vec<f64>),
}

/// The most bytes that are read: all of it is held.
const MOST_BYTES: u64 = 1 << 30;

/// Reads an NPY file of numbers of one dimension, or of N x M in C order.
///
/// # Errors
/// If it is no such array, is cut, or holds more than 1 GiB or a number beyond 64 bits with a sign.
pub fn plain_numbers(input: Input) -> Result<PlainNumbers> {
    let (values, header) = read(input, |header| match header.shape[..] {
        [_] => Ok(()),
        [_, columns] if columns > 0 && !header.fortran => Ok(()),
        _ => Err("save one dimension, or rows and columns in C order"),
    })?;
    let columns = header.shape.get(1).map_or(1, |columns| *columns as usize);
    Ok(PlainNumbers { values, columns })
}

/// Reads an NPY file of numbers of any number of dimensions, in C order.
///
/// # Errors
/// As [`plain_numbers`].
pub fn plain_array(input: Input) -> Result<PlainArray> {
    let (values, Header { shape, .. }) = read(input, |header| {
        let in_order = !header.fortran || header.shape.len() < 2;
        in_order.then_some(()).ok_or("save it in C order")
    })?;
    Ok(PlainArray { values, shape })
}

/// The numbers of an array whose head fits; `fits` says what to save instead.
fn read(
    input: Input,
    fits: impl FnOnce(&Header) -> Result<(), &'static str>,
) -> Result<(PlainValues, Header)> {
    let place = Place::file(input.name());
    let mut reader = input.into_reader();
    let header = Header::read(&mut reader, &place)?;
    let scalar = match &header.dtype {
        Dtype::Scalar(scalar) if !matches!(scalar.kind, Kind::Bool | Kind::Time(_)) => scalar,
        _ => {
            let what = "it holds no whole numbers and no floats; save such";
            return Err(Error::unsupported(&place, what));
        }
    };
    fits(&header).map_err(|save| {
        let sides: Vec<String> = header.shape.iter().map(u64::to_string).collect();
        let what = format!("it is of shape ({}); {save}", sides.join(", "));
        Error::unsupported(&place, what)
    })?;
    let bytes = (header.shape.iter()).try_fold(scalar.size as u64, |n, side| n.checked_mul(*side));
    let Some(bytes) = bytes.filter(|bytes| *bytes <= MOST_BYTES) else {
        let what = format!("it claims more than {MOST_BYTES} bytes, and all of them are held");
        return Err(Error::limit(&place, what));
    };
    let mut found = Vec::new();
    let read = reader.take(bytes).read_to_end(&mut found);
    read.map_err(|e| Error::io(place.to_string(), "cannot read", e))?;
    if (found.len() as u64) < bytes {
        let what = format!(
            "{bytes} bytes of numbers are claimed, and it ends after {}",
            found.len()
        );
        return Err(Error::insufficient(&place, what));
    }
    let column = Column {
        bytes: &found,
        stride: scalar.size,
        offset: 0,
        scalar,
    };
    let values = match scalar.kind {
        Kind::Float => PlainValues::Real(numbers!(column, values => values.map(real).collect())),
        _ => {
            let whole: Option<Vec<i64>> = numbers!(column, values => values.map(whole).collect());
            PlainValues::Whole(whole.ok_or_else(|| {
                Error::limit(&place, "a number of it is beyond 64 bits with a sign")
            })?)
        }
    };
    Ok((values, header))
}

trait Plain: Copy {
    fn real(self) -> f64;
    fn whole(self) -> Option<i64>;
}

macro_rules! plain {
    ($($number:ty),*) => {
        $(impl Plain for $number {
            fn real(self) -> f64 {
                self as f64
            }

            fn whole(self) -> Option<i64> {
                let whole = self as i64;
                (whole as $number == self && (whole < 0) == (self < (0 as $number))).then_some(whole)
            }
        })*
    };
}

plain!(i8, i16, i32, i64, u8, u16, u32, u64, f32, f64);

fn real(number: impl Plain) -> f64 {
    number.real()
}

fn whole(number: impl Plain) -> Option<i64> {
    number.whole()
}

#[cfg(test)]
mod tests {
    use evz_core::npy::NpyHeader;

    use super::*;

    fn array(descr: &str, shape: &[u64], values: &[u8]) -> Result<PlainNumbers> {
        let header = NpyHeader {
            descr,
            fortran_order: false,
            shape,
            remark: "",
        };
        let bytes = [header.to_bytes(0), values.to_vec()].concat();
        plain_numbers(Input::from_reader(
            std::io::Cursor::new(bytes),
            "times.npy",
        )?)
    }

    #[test]
    fn numbers_of_any_width_in_rows() {
        let found = array(
            "'<i8'",
            &[2],
            &[
                1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
            ],
        );
        let (values, columns) = (PlainValues::Whole(vec![1, -1]), 1);
        assert_eq!(found.unwrap(), PlainNumbers { values, columns });
        let found = array("'>u2'", &[1, 2], &[0, 1, 1, 0]).unwrap();
        let (values, columns) = (PlainValues::Whole(vec![1, 256]), 2);
        assert_eq!(found, PlainNumbers { values, columns });
        let found = array("'<f8'", &[1], &1.5f64.to_le_bytes()).unwrap();
        assert_eq!(found.values, PlainValues::Real(vec![1.5]));
    }

    #[test]
    fn what_is_no_list_of_numbers_is_refused() {
        let why = |descr, shape: &[u64], bytes: &[u8]| {
            array(descr, shape, bytes).unwrap_err().to_string()
        };
        assert!(why("'<u8'", &[1], &[255; 8]).contains("beyond 64 bits"));
        assert!(why("'<u8'", &[2], &[1; 8]).contains("ends after 8"));
        assert!(why("'<u8'", &[1 << 60], &[]).contains("claims more than"));
        assert!(why("'<u8'", &[1 << 60, 1 << 60], &[]).contains("claims more than"));
        assert!(why("'<u8'", &[1, 1, 1], &[0; 8]).contains("shape (1, 1, 1)"));
        assert!(why("'<M8[us]'", &[1], &[0; 8]).contains("no whole numbers"));
    }
}
