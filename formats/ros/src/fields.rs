//! Little-endian fields of records, one after the other.

/// The bytes of a record that were not read yet. What is asked for beyond their end is none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl<'a> Fields<'a> {
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    pub(crate) fn bytes(&mut self, n: usize) -> Option<&'a [u8]> {
        self.0.split_off(..n)
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Bytes behind their length in 32 bits.
    pub(crate) fn sized(&mut self) -> Option<&'a [u8]> {
        let len = self.u32()?;
        self.bytes(len as usize)
    }

    /// A name behind its length, if it is as short as names are.
    pub(crate) fn name(&mut self) -> Option<String> {
        name(self.sized()?)
    }
}

/// Longer names of topics and types are none.
const MAX_NAME: usize = 4096;

/// Bytes as a name; none if they are too many. What is no UTF-8 is replaced.
pub(crate) fn name(bytes: &[u8]) -> Option<String> {
    (bytes.len() <= MAX_NAME).then(|| String::from_utf8_lossy(bytes).into_owned())
}
