//! Chunks as they stand in the file, for who decodes them elsewhere.

use std::borrow::Cow;
use std::ops::Range;

use evz_codec::ChunkTime;
use evz_core::{Error, Result, Selection};

use crate::plan::{Piece, Plan};
use crate::read::Reader;
use crate::storage::read_range;
use crate::view::ChunkView;
use crate::wire::{ChunkHead, RecordHeader, crc};

/// A chunk that was not decoded; its checksum holds.
#[derive(Debug, Clone)]
pub struct CompressedChunk<'a> {
    /// The codec's number.
    pub codec: u16,
    /// Events in it.
    pub n_events: usize,
    /// How its times relate to ticks.
    pub time: ChunkTime,
    /// Bytes of the table of contents at the payload's start.
    pub toc_len: usize,
    /// Positions of the events that were asked for. With a selection by region or polarity, or by
    /// time where the chunk is not in order, not all events there are selected.
    pub range: Range<usize>,
    body: Cow<'a, [u8]>,
}

impl CompressedChunk<'_> {
    /// What the codec made of the events.
    pub fn payload(&self) -> &[u8] {
        &self.body[ChunkHead::ENCODED_SIZE..]
    }
}

impl Reader {
    /// The chunks that hold events of a selection, in the order of the recording.
    pub fn compressed(
        &self,
        selection: &Selection,
    ) -> impl Iterator<Item = Result<CompressedChunk<'_>>> {
        Plan::new(self.clone(), selection.clone())
            .map(|piece| self.compressed_piece(&piece?).map_err(|e| self.blame(e)))
    }

    fn compressed_piece(&self, piece: &Piece) -> Result<CompressedChunk<'_>> {
        let (entry, number) = (piece.entry(), piece.chunk());
        let (head, body) = ChunkView::new(self, entry, number)?.into_parts();
        let corrupt = |what| {
            let place = format!("chunk {number} at byte {}", entry.offset);
            Error::corrupt(place, what)
        };
        let record = RecordHeader::ENCODED_SIZE as u64;
        let record = read_range(self.storage(), entry.offset, record)?;
        let expected = RecordHeader::read_from(&record)
            .ok_or_else(|| corrupt("no record starts here".to_owned()))?
            .body_crc;
        let found = crc(&body);
        if found != expected {
            return Err(corrupt(format!("CRC {found:08x}, expected {expected:08x}")));
        }
        Ok(CompressedChunk {
            codec: head.codec,
            n_events: head.n_events as usize,
            time: head.time(),
            toc_len: head.toc_len as usize,
            range: piece.range.clone(),
            body,
        })
    }
}
