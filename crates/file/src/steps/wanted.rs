//! Bytes that a machine waits for.

use std::ops::Range;

use evz_core::{Error, Place, Result};

use crate::buffer::Buffer;

/// A range of the file in memory, some of which may still be missing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    offset: u64,
    buffer: Buffer,
    /// What is missing of the buffer.
    missing: Range<usize>,
}

impl Wanted {
    /// `len` bytes from `offset` on of a file of `file_len`, all of them missing.
    pub(crate) fn new(offset: u64, len: u64, file_len: u64) -> Result<Self> {
        let end = offset.checked_add(len).filter(|end| *end <= file_len);
        let (Some(_), Ok(len)) = (end, usize::try_from(len)) else {
            let what = format!("{len} bytes are claimed here and the file has {file_len} in all");
            return Err(Error::insufficient(Place::byte(offset), what));
        };
        Ok(Self {
            offset,
            buffer: Buffer::new(len),
            missing: 0..len,
        })
    }

    /// Wants this part of them and nothing else.
    pub(crate) fn want(&mut self, part: Range<usize>) {
        self.missing = part;
    }

    /// What is missing, as a range of the file.
    pub(crate) fn missing(&self) -> Option<Range<u64>> {
        let Range { start, end } = self.missing;
        (start < end).then(|| self.offset + start as u64..self.offset + end as u64)
    }

    pub(crate) fn is_missing(&self) -> bool {
        !self.missing.is_empty()
    }

    /// All bytes; those that were never wanted hold anything.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// Reads what is missing.
    pub(crate) fn fill(&mut self, read: impl FnOnce(u64, &mut [u8]) -> Result<()>) -> Result<()> {
        if self.is_missing() {
            let offset = self.offset + self.missing.start as u64;
            read(offset, &mut self.buffer[self.missing.clone()])?;
            self.missing = 0..0;
        }
        Ok(())
    }

    /// Takes what is missing out of the bytes from `offset` on. What closes no end of the gap waits
    /// to be given again.
    pub(crate) fn give(&mut self, offset: u64, bytes: &[u8]) {
        let Some(missing) = self.missing() else {
            return;
        };
        let end = offset.saturating_add(bytes.len() as u64);
        let (from, to) = (offset.max(missing.start), end.min(missing.end));
        if from >= to || (from > missing.start && to < missing.end) {
            return;
        }
        let at = (from - self.offset) as usize..(to - self.offset) as usize;
        let source = (from - offset) as usize..(to - offset) as usize;
        self.buffer[at.clone()].copy_from_slice(&bytes[source]);
        match from == missing.start {
            true => self.missing.start = at.end,
            false => self.missing.end = at.start,
        }
    }
}
