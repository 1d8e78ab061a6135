//! One chunk of an open file, checked as far as it is read.

use std::borrow::Cow;
use std::ops::Range;

use evz_codec::{Codec, Payload, by_id};
use evz_core::{ColumnsMut, Error, Result};

use crate::read::Reader;
use crate::storage::read_range;
use crate::wire::{ChunkEntry, ChunkHead, RecordHeader};

/// The codec of a chunk, or an error that says its number.
pub(crate) fn codec_of(head: &ChunkHead) -> Result<&'static dyn Codec> {
    by_id(head.codec).ok_or_else(|| {
        Error::unsupported(
            "",
            format!(
                "codec {} is unknown to evz {}; get a newer evz",
                head.codec,
                env!("CARGO_PKG_VERSION")
            ),
        )
    })
}

/// The payload of a chunk body whose head was read.
pub(crate) fn payload<'a>(head: &ChunkHead, body: &'a [u8]) -> Payload<'a> {
    Payload {
        bytes: &body[ChunkHead::ENCODED_SIZE..],
        toc_len: head.toc_len as usize,
        n_events: head.n_events as usize,
        time: head.time(),
    }
}

/// A chunk that the index lists, its head and table of contents found whole. Errors name the chunk,
/// not yet the file.
pub(crate) struct ChunkView<'a> {
    number: u64,
    offset: u64,
    body: Cow<'a, [u8]>,
    head: ChunkHead,
    codec: &'static dyn Codec,
}

impl<'a> ChunkView<'a> {
    pub(crate) fn new(reader: &'a Reader, entry: &ChunkEntry, number: u64) -> Result<Self> {
        let open = || {
            let start = entry
                .offset
                .saturating_add(RecordHeader::ENCODED_SIZE as u64);
            let body = read_range(reader.storage(), start, entry.body_len)?;
            let head = ChunkHead::read_from(&body)?;
            let codec = codec_of(&head)?;
            let same = head.first_event == entry.first_event
                && head.n_events == entry.n_events
                && (head.t_first, head.t_min, head.t_max)
                    == (entry.t_first, entry.t_min, entry.t_max)
                && (head.codec, head.flags) == (entry.codec, entry.flags);
            if !same {
                return Err(Error::corrupt("", "the index describes another chunk"));
            }
            Ok((body, head, codec))
        };
        let (body, head, codec) = open().map_err(|e| e.within(place(number, entry.offset)))?;
        Ok(Self {
            number,
            offset: entry.offset,
            body,
            head,
            codec,
        })
    }

    /// Position of the first event that is not before `t`; the chunk is in order.
    pub(crate) fn lower_bound(&self, t: i64) -> Result<usize> {
        self.codec
            .lower_bound(payload(&self.head, &self.body), t)
            .map_err(|e| self.blame(e))
    }

    /// Both lower bounds of a window of times.
    pub(crate) fn window(&self, t: Range<i64>) -> Result<Range<usize>> {
        self.codec
            .window(payload(&self.head, &self.body), t)
            .map_err(|e| self.blame(e))
    }

    /// Fills the wanted columns with the events of `range`.
    pub(crate) fn decode(&self, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()> {
        self.codec
            .decode(payload(&self.head, &self.body), range, out)
            .map_err(|e| self.blame(e))
    }

    /// Its head, and its bytes from the head on.
    pub(crate) fn into_parts(self) -> (ChunkHead, Cow<'a, [u8]>) {
        (self.head, self.body)
    }

    fn blame(&self, error: Error) -> Error {
        error.within(place(self.number, self.offset))
    }
}

fn place(number: u64, offset: u64) -> String {
    format!("chunk {number} at byte {offset}")
}
