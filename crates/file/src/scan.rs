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
    /// A record whose header is whole and whose body would end behind the file, and the bytes up to what may be
    /// the next one.
    Cut {
        offset: u64,
        header: RecordHeader,
        len: u64,
    },
    /// Bytes that are no record.
    Gap { offset: u64, len: u64 },
}

impl Found {
    /// Where it starts.
    pub(crate) fn offset(&self) -> u64 {
        match self {
            Self::Record { offset, .. } | Self::Cut { offset, .. } | Self::Gap { offset, .. } => {
                *offset
            }
        }
    }

    /// Where its bytes end, padding not counted.
    pub(crate) fn end(&self) -> u64 {
        match self {
            Self::Record { offset, header } => {
                let head = RecordHeader::ENCODED_SIZE as u64;
                offset.saturating_add(head).saturating_add(header.body_len)
            }
            Self::Cut { offset, len, .. } | Self::Gap { offset, len } => offset + len,
        }
    }
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
        let Some(header) = self.header_at(offset)? else {
            let len = self.skip_to_next(offset)?;
            return Ok(Found::Gap { offset, len });
        };
        let body_end = offset
            .saturating_add(RecordHeader::ENCODED_SIZE as u64)
            .saturating_add(header.body_len);
        // A length that is not of this file says nothing of where the next record starts.
        if body_end > len {
            let len = self.skip_to_next(offset)?;
            return Ok(Found::Cut {
                offset,
                header,
                len,
            });
        }
        let record_len = header.record_len();
        self.offset = record_len.map_or(len, |n| offset.saturating_add(n));
        Ok(Found::Record { offset, header })
    }

    /// Goes on to the next record header behind `offset`, or to the end; gives the bytes between. Records are
    /// aligned, so that is where to look.
    fn skip_to_next(&mut self, offset: u64) -> Result<u64> {
        let len = self.bytes.len();
        let mut next = (offset + 1).next_multiple_of(ALIGNMENT);
        while next < len && self.header_at(next)?.is_none() {
            next += ALIGNMENT;
        }
        self.offset = next;
        Ok(next.min(len) - offset)
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
