//! Finding records from the front, without the index.

use evz_core::{ReadAt, Result, read_range};

use crate::forever::ALIGNMENT;
use crate::steps::check_len;
use crate::wire::{FileHeader, RecordHeader};

/// What stands at a place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A record whose header is whole and whose body lies inside the file.
    Record { offset: u64, header: RecordHeader },
    /// A record whose header is whole and whose body the file's end cuts.
    Cut { offset: u64, header: RecordHeader },
    /// Bytes that are no record.
    Gap { offset: u64, len: u64 },
}

/// Walks over the records of a file, from the byte after the file header. What cannot be read is an error, once,
/// and the end.
pub(crate) struct Scan<'a> {
    bytes: &'a dyn ReadAt,
    offset: u64,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(bytes: &'a dyn ReadAt) -> Self {
        Self::from(bytes, FileHeader::ENCODED_SIZE as u64)
    }

    /// From this byte on.
    pub(crate) fn from(bytes: &'a dyn ReadAt, offset: u64) -> Self {
        Self { bytes, offset }
    }

    /// The header there, if there is one.
    fn header_at(&self, offset: u64) -> Result<Option<RecordHeader>> {
        let len = RecordHeader::ENCODED_SIZE as u64;
        if offset.saturating_add(len) > self.bytes.len() {
            return Ok(None);
        }
        let bytes = read_range(self.bytes, offset, len)?;
        Ok(RecordHeader::read_from(&bytes))
    }

    fn found(&mut self, offset: u64) -> Result<Found> {
        let len = self.bytes.len();
        // Nothing behind what cannot be read, unless it is found below where to go on.
        self.offset = len;
        if let Some(header) = self.header_at(offset)? {
            let body_end = offset
                .saturating_add(RecordHeader::ENCODED_SIZE as u64)
                .saturating_add(header.body_len);
            if body_end > len {
                return Ok(Found::Cut { offset, header });
            }
            let record_len = header.record_len();
            self.offset = record_len.map_or(len, |n| offset.saturating_add(n));
            return Ok(Found::Record { offset, header });
        }
        // Records are aligned, so that is where to look for the next one.
        let mut next = (offset + 1).next_multiple_of(ALIGNMENT);
        while next < len && self.header_at(next)?.is_none() {
            next += ALIGNMENT;
        }
        self.offset = next;
        let len = next.min(len) - offset;
        Ok(Found::Gap { offset, len })
    }
}

impl Iterator for Scan<'_> {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Result<Found>> {
        let offset = self.offset;
        (offset < self.bytes.len()).then(|| self.found(offset))
    }
}

/// The body of a record that was found, not checked yet.
pub(crate) fn body_at(bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<Vec<u8>> {
    check_len(header.body_len)?;
    let start = offset + RecordHeader::ENCODED_SIZE as u64;
    read_range(bytes, start, header.body_len)
}
