//! Parts of a recording that can be decoded by themselves.

use crate::{Error, EventBatch, Result};

/// Decodes parts of a recording, each by itself and many at once: what
/// [`EventSource::part`](crate::EventSource::part) said of a batch gives that batch again.
pub trait Parts: Send + Sync {
    /// Replaces the contents of `batch` by the events of a part: t, x, y and p.
    ///
    /// # Errors
    /// If the recording cannot be read there, or this is no part of it.
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()>;
}

/// Writes what is said of a part: whole numbers, most of them small, seven bits a byte.
#[derive(Debug, Default)]
pub struct PartWriter(Vec<u8>);

impl PartWriter {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    pub fn uint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    /// Adds a number of either sign.
    pub fn sint(&mut self, n: i64) {
        self.uint((n << 1 ^ n >> 63) as u64);
    }

    /// Adds a number that may be missing.
    pub fn maybe(&mut self, n: Option<u64>) {
        self.uint(n.is_some().into());
        if let Some(n) = n {
            self.uint(n);
        }
    }

    /// Adds bytes, with how many there are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.uint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    /// What was written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads what a [`PartWriter`] wrote.
#[derive(Debug)]
pub struct PartReader<'a>(&'a [u8]);

impl<'a> PartReader<'a> {
    /// What is said of a part.
    pub fn new(part: &'a [u8]) -> Self {
        Self(part)
    }

    /// The next number.
    ///
    /// # Errors
    /// If there is none, or it does not fit into 64 bits.
    pub fn uint(&mut self) -> Result<u64> {
        let mut n = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or_else(damaged)?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(damaged());
            }
            n |= bits << shift;
            if byte < 0x80 {
                return Ok(n);
            }
        }
        Err(damaged())
    }

    /// The next number, of a narrower type.
    ///
    /// # Errors
    /// As [`PartReader::uint`], and if it does not fit.
    pub fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T> {
        T::try_from(self.uint()?).map_err(|_| damaged())
    }

    /// The next number of either sign.
    ///
    /// # Errors
    /// As [`PartReader::uint`].
    pub fn sint(&mut self) -> Result<i64> {
        let n = self.uint()?;
        Ok((n >> 1) as i64 ^ -((n & 1) as i64))
    }

    /// The next number that may be missing.
    ///
    /// # Errors
    /// As [`PartReader::uint`].
    pub fn maybe(&mut self) -> Result<Option<u64>> {
        match self.uint()? {
            0 => Ok(None),
            1 => self.uint().map(Some),
            _ => Err(damaged()),
        }
    }

    /// The next bytes.
    ///
    /// # Errors
    /// If there are fewer than it says.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let n = self.narrow()?;
        let (bytes, rest) = self.0.split_at_checked(n).ok_or_else(damaged)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// Sees that nothing follows.
    ///
    /// # Errors
    /// If something does.
    pub fn end(self) -> Result<()> {
        match self.0 {
            [] => Ok(()),
            _ => Err(damaged()),
        }
    }
}

fn damaged() -> Error {
    Error::corrupt("", "what is said of a part of the recording makes no sense")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_others_are_refused() {
        let mut out = PartWriter::new();
        for n in [0, 127, 128, u64::MAX] {
            out.uint(n);
        }
        for n in [0, -1, i64::MIN, i64::MAX] {
            out.sint(n);
        }
        for n in [None, Some(7)] {
            out.maybe(n);
        }
        out.bytes(b"part");
        let bytes = out.into_bytes();
        let mut part = PartReader::new(&bytes);
        assert_eq!(
            [0; 4].map(|_| part.uint().unwrap()),
            [0, 127, 128, u64::MAX]
        );
        assert_eq!(
            [0; 4].map(|_| part.sint().unwrap()),
            [0, -1, i64::MIN, i64::MAX]
        );
        assert_eq!([0; 2].map(|_| part.maybe().unwrap()), [None, Some(7)]);
        assert_eq!(part.bytes().unwrap(), b"part");
        part.end().unwrap();
        assert!(PartReader::new(&[3, 1, 2]).bytes().is_err());
        assert!(PartReader::new(&[0x80]).uint().is_err());
        assert!(PartReader::new(&[0xff; 11]).uint().is_err());
        assert!(PartReader::new(&[2]).maybe().is_err());
        assert!(PartReader::new(&[0]).end().is_err());
        assert!(PartReader::new(&[0x80, 2]).narrow::<u8>().is_err());
    }
}
