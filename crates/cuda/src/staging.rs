//! Memory that chunks are copied from to the device, which several threads fill.

use evz_core::{Error, Result};

use crate::chunk::Chunk;
use crate::lane::Lane;
use crate::memory::Pinned;
use crate::room::PADDING;

/// Chunks in memory that the device copies on its own: nothing copies them once more.
pub struct Staging {
    pub(crate) memory: Pinned,
    pub(crate) chunks: Vec<StagedChunk>,
}

/// A chunk, and where its payload is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StagedChunk {
    pub(crate) at: usize,
    pub(crate) room: usize,
    len: usize,
    codec: u16,
    n_events: u32,
    toc_len: u32,
    t_first: i64,
    t_divisor: u64,
    t_min: i64,
    t_max: i64,
}

/// Room for a chunk.
pub struct StagedPlace<'a> {
    bytes: &'a mut [u8],
    chunk: &'a mut StagedChunk,
}

impl StagedPlace<'_> {
    /// Copies a chunk here.
    ///
    /// # Errors
    /// If it has not as many bytes as there was to be room for.
    pub fn put(&mut self, chunk: &Chunk<'_>) -> Result<()> {
        if chunk.payload.len() != self.chunk.len {
            return Err(Error::invalid("a chunk has another length than was said"));
        }
        let (payload, padding) = self.bytes.split_at_mut(self.chunk.len);
        payload.copy_from_slice(chunk.payload);
        padding.fill(0);
        *self.chunk = StagedChunk {
            codec: chunk.codec,
            n_events: chunk.n_events,
            toc_len: chunk.toc_len,
            t_first: chunk.t_first,
            t_divisor: chunk.t_divisor,
            t_min: chunk.t_min,
            t_max: chunk.t_max,
            ..*self.chunk
        };
        Ok(())
    }
}

impl Staging {
    /// The places, to be filled in any order.
    pub fn places(&mut self) -> Vec<StagedPlace<'_>> {
        let mut rest = self.memory.bytes();
        let mut places = Vec::with_capacity(self.chunks.len());
        for chunk in &mut self.chunks {
            let (bytes, behind) = std::mem::take(&mut rest).split_at_mut(chunk.room);
            rest = behind;
            places.push(StagedPlace { bytes, chunk });
        }
        places
    }

    /// How many chunks there are.
    pub(crate) fn len(&self) -> usize {
        self.chunks.len()
    }

    pub(crate) fn chunk(&self, number: usize) -> Chunk<'_> {
        let chunk = &self.chunks[number];
        Chunk {
            payload: &self.memory.seen()[chunk.at..][..chunk.len],
            codec: chunk.codec,
            n_events: chunk.n_events,
            toc_len: chunk.toc_len,
            t_first: chunk.t_first,
            t_divisor: chunk.t_divisor,
            t_min: chunk.t_min,
            t_max: chunk.t_max,
        }
    }
}

impl Lane {
    /// Memory for chunks with payloads of so many bytes, all of which have to be put there. Give it
    /// back by [`Lane::keep_staging`], to be used for the next ones.
    ///
    /// # Errors
    /// If there is no such memory.
    pub fn staging(&mut self, lens: &[usize]) -> Result<Staging> {
        self.bind()?;
        let mut at = 0;
        let chunk = |len: &usize| {
            let room = (len + PADDING as usize).next_multiple_of(64);
            let chunk = StagedChunk {
                at,
                room,
                len: *len,
                ..StagedChunk::default()
            };
            at += room;
            chunk
        };
        let chunks = lens.iter().map(chunk).collect();
        let mut memory = std::mem::replace(&mut self.staged, Pinned::new(&self.shared.context));
        memory.reserve(at, &self.stream)?;
        Ok(Staging { memory, chunks })
    }

    /// Keeps the memory for later chunks. The lane does no work with these any more.
    pub fn keep_staging(&mut self, staging: Staging) {
        self.staged = staging.memory;
    }
}
