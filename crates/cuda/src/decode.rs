//! Chunks onto the device, decoded there.

use std::ops::Range;

use evz_core::{Error, Result};

use crate::chunk::Chunk;
use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{ChunkDesc, ColumnAddresses};
use crate::memory::Buffer;
use crate::plain::write_all;
use crate::resident::{Copied, Resident};
use crate::room::{FAST, PADDING, Room, SMALL, has_cells};
use crate::staging::Staging;

/// Events that a thread block of `evz_decode_fast` takes, of 256 threads.
const FAST_EVENTS: u32 = 8_192;
/// The same of the kernels of `small` that take segments, of 128 threads.
const SMALL_EVENTS: u32 = 4 * 8_192;
/// And of `evz_small_places`, of 256 threads.
const PLACES_EVENTS: u32 = 8 * 8_192;
/// Blocks that share the making of a chunk's tables.
const TABLE_BLOCKS: u32 = 8;

impl Lane {
    /// Copies chunks to the device, to stay there. They do not count as memory of the lane.
    ///
    /// # Errors
    /// If the device cannot decode them, or has no room.
    pub fn upload(&mut self, chunks: &[Chunk<'_>]) -> Result<Resident> {
        self.bind()?;
        let mut bytes = Buffer::new(&self.shared.context);
        let len: u64 = chunks.iter().map(|c| Room::of(c).bytes).sum();
        self.staging.reserve(len as usize, &self.stream)?;
        bytes.reserve(len as usize, &self.stream)?;
        let staged = &mut self.staging.bytes()[..len as usize];
        let descs = stage(chunks, staged)?;
        bytes.write(0, staged, &self.stream)?;
        self.wait()?;
        Ok(Resident {
            copied: copied(bytes.at(), descs, chunks),
            _bytes: bytes,
            n_events: chunks.iter().map(|c| u64::from(c.n_events)).sum(),
            scratch: chunks.iter().map(|c| Room::of(c).scratch).sum(),
        })
    }

    /// Copies chunks and has them decoded. Says where they are.
    pub(crate) fn decode(
        &mut self,
        chunks: &[Chunk<'_>],
        columns: ColumnAddresses,
    ) -> Result<Copied> {
        let len: u64 = chunks.iter().map(|c| Room::of(c).bytes).sum();
        self.staging.reserve(len as usize, &self.stream)?;
        let staged = &mut self.staging.bytes()[..len as usize];
        let descs = stage(chunks, staged)?;
        self.bytes.write(0, staged, &self.stream)?;
        let copied = copied(self.bytes.at(), descs, chunks);
        self.decode_copied(&copied, columns)?;
        Ok(copied)
    }

    /// Copies chunks from where they are staged, and has them decoded. Says where they are, if there are any.
    pub(crate) fn decode_staged(
        &mut self,
        staging: &Staging,
        numbers: Range<usize>,
        columns: ColumnAddresses,
    ) -> Result<Option<Copied>> {
        let chunks: Vec<Chunk<'_>> = numbers.clone().map(|k| staging.chunk(k)).collect();
        let all = &staging.chunks[numbers];
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return Ok(None);
        };
        let (start, end) = (first.at, last.at + last.room);
        let places: Vec<usize> = all.iter().map(|c| c.at - start).collect();
        let descs = described(&chunks, &places)?;
        let len = size_of_val(&descs[..]);
        self.staging.reserve(len, &self.stream)?;
        let staged = &mut self.staging.bytes()[..len];
        write_all(staged, &descs);
        self.bytes
            .write(0, &staging.memory.seen()[start..end], &self.stream)?;
        self.bytes.write(end - start, staged, &self.stream)?;
        let copied = copied(self.bytes.at(), end - start, &chunks);
        self.decode_copied(&copied, columns)?;
        Ok(Some(copied))
    }

    /// Has chunks decoded that are on the device.
    pub(crate) fn decode_copied(&self, copied: &Copied, columns: ColumnAddresses) -> Result<()> {
        let Copied { bytes, descs, .. } = *copied;
        let grid = |blocks: u32, threads: u32| Grid {
            blocks: blocks.max(1),
            frames: copied.chunks,
            threads,
            shared: 0,
        };
        let (scratch, error) = (self.scratch.at(), self.error.at());
        let (stream, kernels) = (&self.stream, &self.shared.kernels);
        // SAFETY: payloads and descriptors lie where they were copied to, chunks have the scratch
        // memory that their descriptors say, and the columns have room for the events of all
        // chunks. Whatever the payloads say, the kernels stay within these.
        unsafe {
            if let Some(longest) = copied.fast {
                let mut params = params![bytes, descs, columns, error];
                let blocks = longest.div_ceil(FAST_EVENTS);
                launch(stream, &kernels.decode_fast, grid(blocks, 256), &mut params)?;
            }
            if let Some(longest) = copied.small {
                let blocks = longest.div_ceil(SMALL_EVENTS);
                let mut params = params![bytes, descs, scratch, columns, error];
                launch(stream, &kernels.small_tables, grid(1, 256), &mut params)?;
                let mut tables = params![bytes, descs, scratch, columns];
                launch(
                    stream,
                    &kernels.small_frequencies,
                    grid(TABLE_BLOCKS, 128),
                    &mut tables,
                )?;
                launch(stream, &kernels.small_times, grid(blocks, 128), &mut params)?;
                if let Some(longest) = copied.by_before {
                    let grid = grid(longest.div_ceil(PLACES_EVENTS), 256);
                    launch(stream, &kernels.small_places, grid, &mut params)?;
                }
                if let Some(longest) = copied.by_cells {
                    let grid = grid(longest.div_ceil(SMALL_EVENTS), 128);
                    launch(stream, &kernels.small_cells, grid, &mut params)?;
                }
            }
        }
        Ok(())
    }
}

/// Where chunks are whose payloads start at `bytes`, and their descriptors `descs` behind that.
fn copied(bytes: u64, descs: usize, chunks: &[Chunk<'_>]) -> Copied {
    let longest_of = |wanted: &dyn Fn(&Chunk<'_>) -> bool| {
        let of = chunks.iter().filter(|c| wanted(c));
        of.map(|c| c.n_events).max()
    };
    let longest = |codec: u16| longest_of(&|c| c.codec == codec);
    Copied {
        bytes,
        descs: bytes + descs as u64,
        chunks: chunks.len() as u32,
        fast: longest(FAST),
        small: longest(SMALL),
        by_before: longest_of(&|c| c.codec == SMALL && !has_cells(c)),
        by_cells: longest_of(&has_cells),
    }
}

/// Puts payloads, then descriptors, where they are copied from. Returns where the descriptors are.
fn stage(chunks: &[Chunk<'_>], staged: &mut [u8]) -> Result<usize> {
    let (mut at, mut places) = (0, Vec::with_capacity(chunks.len()));
    for chunk in chunks {
        places.push(at);
        let end = at + chunk.payload.len();
        staged[at..end].copy_from_slice(chunk.payload);
        let next = (end as u64 + PADDING).next_multiple_of(64) as usize;
        staged[end..next].fill(0);
        at = next;
    }
    write_all(&mut staged[at..], &described(chunks, &places)?);
    Ok(at)
}

/// The descriptors of chunks whose payloads are at these places.
fn described(chunks: &[Chunk<'_>], places: &[usize]) -> Result<Vec<ChunkDesc>> {
    let (mut out, mut scratch) = (0, 0);
    let mut descs = Vec::with_capacity(chunks.len());
    for (k, (chunk, at)) in chunks.iter().zip(places).enumerate() {
        if ![FAST, SMALL].contains(&chunk.codec) {
            return Err(Error::unsupported(
                "the GPU",
                format!("chunk {k} of the job has codec {}", chunk.codec),
            ));
        }
        let scratch_len = Room::of(chunk).scratch;
        descs.push(ChunkDesc {
            payload: *at as u64,
            payload_len: chunk.payload.len() as u64,
            out,
            t_first: chunk.t_first,
            t_divisor: chunk.t_divisor,
            t_min: chunk.t_min,
            t_max: chunk.t_max,
            n_events: chunk.n_events,
            toc_len: chunk.toc_len,
            codec: u32::from(chunk.codec),
            reserved: 0,
            scratch,
            scratch_len,
        });
        out += u64::from(chunk.n_events);
        scratch += scratch_len;
    }
    Ok(descs)
}
