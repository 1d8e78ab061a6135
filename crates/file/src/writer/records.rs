//! Records as they leave, one behind the other.

use std::io::Write;

use evz_core::{Error, Result};

use crate::forever::ALIGNMENT;
use crate::limits::MAX_BODY_LEN;
use crate::wire::{Kind, RecordHeader, RecordRef, crc};

/// An output with a place for the next record.
pub(super) struct Records<W> {
    out: W,
    place: String,
    offset: u64,
}

impl<W: Write> Records<W> {
    /// An output, called `place` in errors, that has `offset` bytes.
    pub(super) fn new(out: W, place: String, offset: u64) -> Self {
        Self { out, place, offset }
    }

    pub(super) fn get_ref(&self) -> &W {
        &self.out
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Bytes so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Where the next record starts.
    pub(super) fn next(&self) -> u64 {
        self.offset.next_multiple_of(ALIGNMENT)
    }

    /// Writes a record; says where it stands.
    pub(super) fn record(&mut self, kind: Kind, number: u64, body: &[u8]) -> Result<RecordRef> {
        self.record_with_crc(kind, number, body, crc(body))
    }

    /// Writes a record with a body whose checksum is known.
    pub(super) fn record_with_crc(
        &mut self,
        kind: Kind,
        number: u64,
        body: &[u8],
        body_crc: u32,
    ) -> Result<RecordRef> {
        let record = RecordRef {
            offset: self.next(),
            body_len: body.len() as u64,
            body_crc,
        };
        if record.body_len > MAX_BODY_LEN {
            let len = record.body_len;
            let what = format!("a {kind:?} record of {len} bytes; at most {MAX_BODY_LEN}");
            return Err(Error::invalid(what).within(&self.place));
        }
        let padding = record.offset - self.offset;
        self.write(&[0; ALIGNMENT as usize][..padding as usize])?;
        let header = RecordHeader::new(kind, number, record.body_len, record.body_crc);
        self.write(&header.write_to())?;
        self.write(body)?;
        Ok(record)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(|e| Error::io(&self.place, "cannot write", e))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn flush(&mut self) -> Result<()> {
        let flushed = self.out.flush();
        flushed.map_err(|e| Error::io(&self.place, "cannot write", e))
    }

    /// The output, and what it is called.
    pub(super) fn into_inner(self) -> (W, String) {
        (self.out, self.place)
    }
}
