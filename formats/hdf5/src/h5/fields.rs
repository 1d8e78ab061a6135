//! Fields of a record, read one after the other.

use evz_core::{Error, Place, Result};

/// Bytes of an address and of a length, as the superblock says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) address: usize,
    pub(crate) length: usize,
}

/// What is left of a record.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the record begins in the file.
    start: u64,
    pub(crate) sizes: Sizes,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(bytes: &'a [u8], start: u64, sizes: Sizes) -> Self {
        let at = 0;
        Self {
            bytes,
            at,
            start,
            sizes,
        }
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Bytes that are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Where the next field stands in the file.
    pub(crate) fn place(&self) -> Place {
        Place::byte(self.start.saturating_add(self.at as u64))
    }

    /// An error of what stands here.
    pub(crate) fn corrupt(&self, what: impl Into<String>) -> Error {
        Error::corrupt(self.place(), what)
    }

    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(len).filter(|e| *e <= self.bytes.len());
        let Some(end) = end else {
            return Err(self.corrupt(format!(
                "{len} bytes are expected here and the record ends after {}",
                self.left()
            )));
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    pub(crate) fn skip(&mut self, len: usize) -> Result<()> {
        self.take(len).map(drop)
    }

    /// Goes on at the next multiple of so many bytes, or at the end if that is nearer.
    pub(crate) fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to).min(self.bytes.len());
    }

    /// A number of up to 8 bytes.
    pub(crate) fn uint(&mut self, len: usize) -> Result<u64> {
        if len > 8 {
            return Err(self.corrupt(format!("a number of {len} bytes, and 8 are the most")));
        }
        let mut bytes = [0; 8];
        bytes[..len].copy_from_slice(self.take(len)?);
        Ok(u64::from_le_bytes(bytes))
    }

    pub(crate) fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u16(&mut self) -> Result<u16> {
        self.uint(2).map(|n| n as u16)
    }

    pub(crate) fn u32(&mut self) -> Result<u32> {
        self.uint(4).map(|n| n as u32)
    }

    /// The same as a number of bytes in memory.
    pub(crate) fn size(&mut self, len: usize) -> Result<usize> {
        let n = self.uint(len)?;
        usize::try_from(n).map_err(|_| self.corrupt(format!("{n} is no number of bytes")))
    }

    /// A length.
    pub(crate) fn length(&mut self) -> Result<u64> {
        self.uint(self.sizes.length)
    }

    /// An address; none if it is undefined, which is written with all bits set.
    pub(crate) fn address(&mut self) -> Result<Option<u64>> {
        let len = self.sizes.address;
        let address = self.uint(len)?;
        let undefined = u64::MAX >> (64 - 8 * len as u32);
        Ok((address != undefined).then_some(address))
    }

    /// Refuses what does not begin with this.
    pub(crate) fn signature(&mut self, signature: &[u8; 4]) -> Result<()> {
        let here = *self;
        if self.take(4)? != signature {
            let name = String::from_utf8_lossy(signature);
            return Err(here.corrupt(format!("{name:?} is expected here")));
        }
        Ok(())
    }

    /// Refuses another number than this; `what` it is of is for the message.
    pub(crate) fn version(&mut self, version: u8, what: &str) -> Result<()> {
        let here = *self;
        match self.u8()? {
            found if found == version => Ok(()),
            found => Err(here.corrupt(format!(
                "{what} of version {found}, and {version} is expected"
            ))),
        }
    }

    /// Text up to a 0, or to the end.
    pub(crate) fn text(bytes: &[u8]) -> String {
        let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }

    /// Text that ends with a 0, which is passed too.
    pub(crate) fn text_to_0(&mut self) -> Result<String> {
        let rest = &self.bytes[self.at..];
        let Some(len) = rest.iter().position(|b| *b == 0) else {
            return Err(self.corrupt("a name that does not end"));
        };
        let text = Self::text(self.take(len + 1)?);
        Ok(text)
    }
}
