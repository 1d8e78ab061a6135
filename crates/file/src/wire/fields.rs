//! Numbers of variable length, texts and bytes, of which the index and the metadata are made.

use evz_core::{Error, Result};

use crate::limits::MAX_TEXT_LEN;

/// Takes the fields of a body, one after the other.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next `n` bytes.
    pub(crate) fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (head, tail) = self.rest.split_at_checked(n).ok_or_else(|| {
            let what = format!("{} bytes where {n} more are claimed", self.rest.len());
            Error::corrupt("", what)
        })?;
        self.rest = tail;
        Ok(head)
    }

    /// A `uint`.
    pub(crate) fn uint(&mut self) -> Result<u64> {
        let mut number = 0;
        for (i, byte) in self.rest.iter().enumerate() {
            let bits = u64::from(byte & 0x7f);
            let shift = 7 * i as u32;
            if i == 9 && bits > 1 || i > 9 {
                return Err(Error::corrupt("", "a number of more than 64 bits"));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                if *byte == 0 && i > 0 {
                    return Err(Error::corrupt(
                        "",
                        "a number that is not in its shortest form",
                    ));
                }
                self.rest = &self.rest[i + 1..];
                return Ok(number);
            }
        }
        Err(Error::corrupt("", "it ends within a number"))
    }

    /// A `sint`.
    pub(crate) fn sint(&mut self) -> Result<i64> {
        let number = self.uint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A `uint` that is at most `most`; `name` says what it counts.
    pub(crate) fn at_most(&mut self, most: u64, name: &str) -> Result<u64> {
        let number = self.uint()?;
        match number > most {
            true => {
                let what = format!("{name}: {number} are claimed; at most {most}");
                Err(Error::limit("", what))
            }
            false => Ok(number),
        }
    }

    /// A `uint` that counts what is at least `size` bytes each, and what is left holds.
    pub(crate) fn count(&mut self, most: usize, size: usize, name: &str) -> Result<usize> {
        let n = self.at_most(most as u64, name)? as usize;
        match n * size > self.left() {
            true => {
                let what = format!("{n} {name} are claimed in {} bytes", self.left());
                Err(Error::corrupt("", what))
            }
            false => Ok(n),
        }
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("4 bytes")))
    }

    /// A `bytes`.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8]> {
        let len = self.uint()?;
        self.take(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// A `text`; `name` says what it is.
    pub(crate) fn text(&mut self, name: &str) -> Result<String> {
        let bytes = self.bytes()?;
        if bytes.len() > MAX_TEXT_LEN {
            let n = bytes.len();
            let what = format!("{name}: a text of {n} bytes; at most {MAX_TEXT_LEN}");
            return Err(Error::limit("", what));
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err(Error::corrupt(
                "",
                format!("{name}: text that is not UTF-8"),
            )),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<()> {
        match self.rest {
            [] => Ok(()),
            rest => Err(Error::corrupt(
                "",
                format!("{} bytes behind its last field", rest.len()),
            )),
        }
    }
}

/// Adds fields to a body.
pub(crate) trait Put {
    fn put_uint(&mut self, number: u64);
    fn put_sint(&mut self, number: i64);
    fn put_u32(&mut self, number: u32);
    fn put_bytes(&mut self, bytes: &[u8]);
}

impl Put for Vec<u8> {
    fn put_uint(&mut self, mut number: u64) {
        while number > 0x7f {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    fn put_sint(&mut self, number: i64) {
        self.put_uint((number << 1 ^ number >> 63) as u64);
    }

    fn put_u32(&mut self, number: u32) {
        self.extend_from_slice(&number.to_le_bytes());
    }

    fn put_bytes(&mut self, bytes: &[u8]) {
        self.put_uint(bytes.len() as u64);
        self.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_have_one_form_each() {
        let read = |bytes: &[u8]| Fields::new(bytes).uint();
        assert_eq!(read(&[0]).unwrap(), 0);
        assert_eq!(read(&[0xe5, 0x8e, 0x26]).unwrap(), 624_485);
        let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(read(&largest).unwrap(), u64::MAX);
        let mut beyond = largest;
        beyond[9] = 2;
        assert!(read(&beyond).is_err());
        assert!(read(&[0x80, 0]).is_err(), "not the shortest form");
        assert!(read(&[0x80]).is_err(), "cut");
        assert!(read(&[]).is_err());
        assert!(read(&[0x80; 11]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_put_is_taken(uint: u64, small in 0..300u64, sint: i64, bytes: Vec<u8>, text: String) {
            let mut out = Vec::new();
            out.put_uint(uint);
            out.put_uint(small);
            out.put_sint(sint);
            out.put_bytes(&bytes);
            out.put_bytes(text.as_bytes());
            let mut fields = Fields::new(&out);
            prop_assert_eq!(fields.uint().unwrap(), uint);
            prop_assert_eq!(fields.uint().unwrap(), small);
            prop_assert_eq!(fields.sint().unwrap(), sint);
            prop_assert_eq!(fields.bytes().unwrap(), &bytes);
            prop_assert_eq!(fields.text("text").unwrap(), text);
            fields.end().unwrap();
        }
    }
}
