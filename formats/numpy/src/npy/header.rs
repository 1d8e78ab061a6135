//! The head of an array.

use std::io::{self, Read};

use evz_core::npy::MAGIC;
use evz_core::{Error, Place, Result, read_error};

use super::Dtype;
use super::dtype::Unusable;
use super::literal::{self, Literal};

/// What the head of an array says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Header {
    pub(crate) dtype: Dtype,
    /// Whether the first index runs fastest.
    pub(crate) fortran: bool,
    pub(crate) shape: Vec<u64>,
    /// Bytes of the head, before the values.
    pub(crate) len: u64,
}

/// A head of more bytes than that describes no events; numpy itself stops at 10,000.
const MAX_LEN: u32 = 1 << 16;

impl Header {
    /// Reads the head at the start of an array; `place` is for messages.
    ///
    /// # Errors
    /// If there is none, or it describes values that are no numbers.
    pub(crate) fn read(input: &mut impl Read, place: &Place) -> Result<Self> {
        let failed = |e: io::Error| match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                Error::insufficient(place, "it is cut off in the head of the array")
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
                Error::corrupt(place, format!("the head of the array is damaged: {e}"))
            }
            _ => read_error(place, e),
        };
        let mut start = [0; 8];
        input.read_exact(&mut start).map_err(failed)?;
        let [magic @ .., major, _] = start;
        if magic != MAGIC {
            return Err(Error::corrupt(place, "it does not start as a NumPy array"));
        }
        let (text_len, start_len) = match major {
            1 => {
                let mut len = [0; 2];
                input.read_exact(&mut len).map_err(failed)?;
                (u32::from(u16::from_le_bytes(len)), 10)
            }
            2 | 3 => {
                let mut len = [0; 4];
                input.read_exact(&mut len).map_err(failed)?;
                (u32::from_le_bytes(len), 12)
            }
            other => {
                let what = format!("it has version {other} of the format; 1, 2 and 3 are read");
                return Err(Error::unsupported(place, what));
            }
        };
        if text_len > MAX_LEN {
            let what = format!("a head of {text_len} bytes is claimed; at most {MAX_LEN} are read");
            return Err(Error::limit(place, what));
        }
        let mut text = Vec::new();
        let n = input.take(text_len.into()).read_to_end(&mut text);
        if n.map_err(failed)? < text_len as usize {
            return Err(failed(io::ErrorKind::UnexpectedEof.into()));
        }
        // Latin-1 before version 3.
        let text = match major {
            3 => String::from_utf8_lossy(&text).into_owned(),
            _ => text.iter().map(|b| char::from(*b)).collect(),
        };
        Self::parse(&text, start_len + u64::from(text_len), place)
    }

    fn parse(text: &str, len: u64, place: &Place) -> Result<Self> {
        let nonsense = || {
            let shown: String = text.trim_end().chars().take(120).collect();
            let what = format!("its head does not describe an array: {shown:?}");
            Error::corrupt(place, what)
        };
        // The last one is not in a name of a field, unless there is no remark.
        let remarked = text.rsplit_once("# evz: ");
        let remarked = remarked.and_then(|(text, remark)| Some((literal::parse(text)?, remark)));
        let (found, remark) = match remarked {
            Some((found, remark)) => (Some(found), remark.trim_end()),
            None => (literal::parse(text), ""),
        };
        let Some(Literal::Dict(entries)) = found else {
            return Err(nonsense());
        };
        let entry = |name: &str| entries.iter().find(|(key, _)| key == name).map(|e| &e.1);
        let (Some(descr), Some(Literal::Bool(fortran)), Some(Literal::Tuple(shape))) =
            (entry("descr"), entry("fortran_order"), entry("shape"))
        else {
            return Err(nonsense());
        };
        let side = |side: &Literal| match side {
            Literal::Int(n) => Some(*n),
            _ => None,
        };
        let shape: Option<Vec<u64>> = shape.iter().map(side).collect();
        let mut dtype = Dtype::parse(descr).map_err(|why| match why {
            Unusable::Objects => Error::unsupported(
                place,
                "it holds pickled Python objects, which only Python can read",
            )
            .advise("save t, x, y and p as plain arrays"),
            Unusable::Large => Error::limit(place, "its values have more bytes than an event has")
                .advise("save t, x, y and p alone"),
            Unusable::Nonsense => nonsense(),
        })?;
        for second in remark.split(", ") {
            dtype.name_again(second);
        }
        Ok(Self {
            dtype,
            fortran: *fortran,
            shape: shape.ok_or_else(nonsense)?,
            len,
        })
    }

    /// Rows of an array that is a list of values, if it is one: all sides but one are 1.
    pub(crate) fn rows(&self) -> Option<u64> {
        let mut long = self.shape.iter().filter(|side| **side != 1);
        match (self.shape.is_empty(), long.next(), long.next()) {
            (true, ..) | (_, Some(_), Some(_)) => None,
            (_, rows, _) => Some(*rows.unwrap_or(&1)),
        }
    }
}
