//! Chunks as they stand in the file, for who decodes them elsewhere.

use std::ops::Range;

use evz_codec::ChunkTime;
use evz_core::{Error, Place, Result, Selection, read_range};

use super::Reader;
use crate::steps::{Chunk, Piece};
use crate::wire::{ChunkEntry, ChunkHead, RecordHeader, table_len};

/// A chunk that was not decoded; its checksum holds.
#[derive(Debug, Clone)]
pub struct CompressedChunk {
    /// The codec's number.
    pub codec: u16,
    /// Events in it.
    pub n_events: usize,
    /// How its times relate to ticks.
    pub time: ChunkTime,
    /// Its earliest time.
    pub t_min: i64,
    /// Its latest time.
    pub t_max: i64,
    /// Bytes of the table of contents at the payload's start.
    pub toc_len: usize,
    /// Positions of the events that were asked for. With a selection by region or polarity, or by
    /// time where the chunk is not in order, not all events there are selected.
    pub range: Range<usize>,
    chunk: Chunk,
}

impl CompressedChunk {
    /// What the codec made of the events.
    pub fn payload(&self) -> &[u8] {
        self.chunk.payload_bytes()
    }
}

/// A chunk that the index lists, not read yet.
pub struct ListedChunk {
    pub(super) reader: Reader,
    pub(super) piece: Piece,
}

impl ListedChunk {
    /// Events in it.
    pub fn n_events(&self) -> usize {
        self.piece.entry().n_events as usize
    }

    /// Bytes of its payload.
    pub fn payload_len(&self) -> u64 {
        let entry = self.piece.entry();
        let columns = entry.column_lens.iter().map(|len| u64::from(*len));
        let start = ChunkHead::ENCODED_SIZE + table_len(entry.column_lens.len() as u16);
        let others = columns.sum::<u64>() + start as u64;
        entry.body_len.saturating_sub(others)
    }

    /// What the index says of it: its times, its place, the number of its first event.
    pub fn entry(&self) -> &ChunkEntry {
        self.piece.entry()
    }

    /// Positions of the events that were asked for, as of a [`CompressedChunk`].
    pub fn range(&self) -> Range<usize> {
        self.piece.range()
    }

    /// Reads it.
    ///
    /// # Errors
    /// If it is damaged.
    pub fn read(&self) -> Result<CompressedChunk> {
        let read = self.reader.compressed_piece(&self.piece);
        read.map_err(|e| self.reader.blame(e))
    }
}

impl Reader {
    /// The chunks that hold events of a selection, in the order of the recording.
    pub fn compressed(
        &self,
        selection: &Selection,
    ) -> impl Iterator<Item = Result<CompressedChunk>> {
        self.listed(selection).map(|chunk| chunk?.read())
    }

    /// The same, to be read by whoever has room for them, side by side.
    pub fn listed(&self, selection: &Selection) -> impl Iterator<Item = Result<ListedChunk>> {
        let pieces = self.pieces(selection);
        pieces.map(|piece| match piece {
            Ok(piece) => Ok(ListedChunk {
                reader: self.clone(),
                piece,
            }),
            Err(error) => Err(self.blame(error)),
        })
    }

    fn compressed_piece(&self, piece: &Piece) -> Result<CompressedChunk> {
        let chunk = self.take(piece.whole_steps())?;
        let place = || Place::chunk(piece.chunk()).with_byte(piece.entry().offset);
        let record = RecordHeader::ENCODED_SIZE as u64;
        let record = read_range(self.bytes(), piece.entry().offset, record)?;
        RecordHeader::read_from(&record)
            .ok_or_else(|| Error::corrupt("", "no record starts here"))
            .and_then(|header| header.check(chunk.body()))
            .map_err(|e| e.within(place()))?;
        let head = chunk.head();
        Ok(CompressedChunk {
            codec: head.codec,
            n_events: head.n_events as usize,
            t_min: head.t_min,
            t_max: head.t_max,
            time: head.time(),
            toc_len: head.toc_len as usize,
            range: piece.range(),
            chunk,
        })
    }
}
