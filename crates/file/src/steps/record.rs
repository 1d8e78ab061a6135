//! Taking one record that is no chunk.

use evz_core::{Error, Place, Result};

use super::{DEFAULT_GAP, Machine, Wanted};
use crate::limits::MAX_BODY_LEN;
use crate::wire::{Kind, RecordHeader, RecordRef};

/// A record of a kind that something refers to, header and body.
pub(crate) struct RecordSteps {
    kind: Kind,
    expected: RecordRef,
    number: u64,
    wanted: Wanted,
}

impl RecordSteps {
    /// The record with this number in its header: 0, or of a batch that of its first row.
    pub(crate) fn new(kind: Kind, expected: RecordRef, number: u64, file_len: u64) -> Result<Self> {
        let place = Place::byte(expected.offset);
        check_len(expected.body_len).map_err(|e| e.within(place))?;
        let len = expected.body_len + RecordHeader::ENCODED_SIZE as u64;
        Ok(Self {
            kind,
            expected,
            number,
            wanted: Wanted::new(expected.offset, len, file_len)?,
        })
    }

    /// The body, checked against its checksum, once nothing is missing.
    pub(crate) fn body(&self) -> Result<&[u8]> {
        let len = self.expected.body_len;
        let body = body_of(self.kind, self.wanted.bytes(), len, self.number);
        let body =
            body.and_then(
                |(header, body)| match header.body_crc == self.expected.body_crc {
                    true => Ok(body),
                    false => Err(Error::corrupt("", "the index refers to another record")),
                },
            );
        body.map_err(|e| e.within(Place::byte(self.expected.offset)))
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.wanted.is_missing()
    }

    pub(crate) fn wanted_mut(&mut self) -> &mut Wanted {
        &mut self.wanted
    }
}

impl Machine for RecordSteps {
    type Output = Vec<u8>;

    fn advance(&mut self) -> Result<Option<Vec<u8>>> {
        match self.wanted.is_missing() {
            true => Ok(None),
            false => self.body().map(|body| Some(body.to_vec())),
        }
    }

    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted)) {
        act(&mut self.wanted);
    }

    fn gap(&self) -> u64 {
        DEFAULT_GAP
    }
}

/// Bounds what is claimed of a body.
pub(crate) fn check_len(body_len: u64) -> Result<()> {
    match body_len > MAX_BODY_LEN {
        true => {
            let what = format!("{body_len} bytes are claimed; at most {MAX_BODY_LEN}");
            Err(Error::limit("", what))
        }
        false => Ok(()),
    }
}

/// The body of a record of this kind, length and number, checked against its checksum.
pub(crate) fn body_of(
    kind: Kind,
    record: &[u8],
    body_len: u64,
    number: u64,
) -> Result<(RecordHeader, &[u8])> {
    let expected = (kind as u16, kind.flags(), body_len, number);
    let header = RecordHeader::read_from(record)
        .filter(|h| (h.kind, h.flags, h.body_len, h.number) == expected)
        .ok_or_else(|| {
            Error::corrupt("", format!("no whole {kind:?} record of {body_len} bytes"))
        })?;
    let body = &record[RecordHeader::ENCODED_SIZE..];
    header.check(body).map(|()| (header, body))
}
