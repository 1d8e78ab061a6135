//! Chunks onto the device, decoded there.

use evz_core::{Error, Result};

use crate::job::Chunk;
use crate::kernels::{Grid, launch, params};
use crate::lane::Lane;
use crate::layout::{ChunkDesc, Columns};
use crate::memory::Buffer;
use crate::plain::write_all;
use crate::scratch::{HEAD_LEN, head_at, scratch_len};

/// Codecs, by their numbers in the file.
const FAST: u16 = 1;
const SMALL: u16 = 2;

/// Events that a thread block of `evz_decode_fast` takes, of 256 threads.
const FAST_EVENTS: u32 = 8_192;
/// The same of the kernels of `small` that take segments, of 128 threads.
const SMALL_EVENTS: u32 = 4 * 8_192;
/// Blocks that share the making of a chunk's tables.
const TABLE_BLOCKS: u32 = 8;

/// Bytes behind each payload that a kernel may read.
const PADDING: u64 = 64;

/// What a chunk takes on the device, besides columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    /// Its payload and its descriptor.
    pub(crate) bytes: u64,
    /// Memory to work in.
    pub(crate) scratch: u64,
}

impl Room {
    pub(crate) fn of(chunk: &Chunk<'_>) -> Self {
        let payload = (chunk.payload.len() as u64 + PADDING).next_multiple_of(64);
        let head = chunk.payload.get(head_at(chunk.n_events)..);
        let scratch = match head.and_then(|h| h.first_chunk::<HEAD_LEN>()) {
            // Without a head, the kernels find the chunk damaged before they need any.
            Some(head) if chunk.codec == SMALL => scratch_len(head, chunk.n_events),
            _ => 0,
        };
        Self {
            bytes: payload + size_of::<ChunkDesc>() as u64,
            scratch,
        }
    }
}

/// Chunks that were copied, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Copied {
    /// Address of the payloads, and of the descriptors.
    bytes: u64,
    descs: u64,
    chunks: u32,
    /// Events of the longest chunk of each codec, if it has any.
    fast: Option<u32>,
    small: Option<u32>,
}

impl Copied {
    fn new(bytes: u64, descs: usize, chunks: &[Chunk<'_>]) -> Self {
        let longest = |codec: u16| {
            let of = chunks.iter().filter(|c| c.codec == codec);
            of.map(|c| c.n_events).max()
        };
        Self {
            bytes,
            descs: bytes + descs as u64,
            chunks: chunks.len() as u32,
            fast: longest(FAST),
            small: longest(SMALL),
        }
    }
}

/// Chunks that stay on the device, for jobs and measurements that do not wait for copies.
pub struct Resident {
    _bytes: Buffer,
    pub(crate) copied: Copied,
    pub(crate) n_events: u64,
    pub(crate) scratch: u64,
}

impl Resident {
    /// Events in them.
    pub fn n_events(&self) -> u64 {
        self.n_events
    }
}

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
            copied: Copied::new(bytes.at(), descs, chunks),
            _bytes: bytes,
            n_events: chunks.iter().map(|c| u64::from(c.n_events)).sum(),
            scratch: chunks.iter().map(|c| Room::of(c).scratch).sum(),
        })
    }

    /// Copies chunks and has them decoded.
    pub(crate) fn decode(&mut self, chunks: &[Chunk<'_>], columns: Columns) -> Result<()> {
        let len: u64 = chunks.iter().map(|c| Room::of(c).bytes).sum();
        self.staging.reserve(len as usize, &self.stream)?;
        let staged = &mut self.staging.bytes()[..len as usize];
        let descs = stage(chunks, staged)?;
        self.bytes.write(0, staged, &self.stream)?;
        self.decode_copied(&Copied::new(self.bytes.at(), descs, chunks), columns)
    }

    /// Has chunks decoded that are on the device.
    pub(crate) fn decode_copied(&self, copied: &Copied, columns: Columns) -> Result<()> {
        let Copied { bytes, descs, .. } = *copied;
        let grid = |blocks: u32, threads: u32| Grid {
            blocks: blocks.max(1),
            frames: copied.chunks,
            threads,
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
                launch(stream, &kernels.small_tables, grid(1, 32), &mut params)?;
                let mut tables = params![bytes, descs, scratch, columns];
                launch(
                    stream,
                    &kernels.small_frequencies,
                    grid(TABLE_BLOCKS, 128),
                    &mut tables,
                )?;
                launch(stream, &kernels.small_times, grid(blocks, 128), &mut params)?;
                launch(
                    stream,
                    &kernels.small_places,
                    grid(blocks, 128),
                    &mut params,
                )?;
            }
        }
        Ok(())
    }
}

/// Puts payloads, then descriptors, where they are copied from. Returns where the descriptors are.
fn stage(chunks: &[Chunk<'_>], staged: &mut [u8]) -> Result<usize> {
    let (mut at, mut out, mut scratch) = (0, 0, 0);
    let mut descs = Vec::with_capacity(chunks.len());
    for (k, chunk) in chunks.iter().enumerate() {
        if ![FAST, SMALL].contains(&chunk.codec) {
            return Err(Error::unsupported(
                "the GPU",
                format!("chunk {k} of the job has codec {}", chunk.codec),
            ));
        }
        let end = at + chunk.payload.len();
        staged[at..end].copy_from_slice(chunk.payload);
        let scratch_len = Room::of(chunk).scratch;
        descs.push(ChunkDesc {
            payload: at as u64,
            payload_len: chunk.payload.len() as u64,
            out,
            t_first: chunk.t_first,
            t_divisor: chunk.t_divisor,
            n_events: chunk.n_events,
            toc_len: chunk.toc_len,
            codec: u32::from(chunk.codec),
            reserved: 0,
            scratch,
            scratch_len,
        });
        out += u64::from(chunk.n_events);
        scratch += scratch_len;
        let next = (end as u64 + PADDING).next_multiple_of(64) as usize;
        staged[end..next].fill(0);
        at = next;
    }
    write_all(&mut staged[at..], &descs);
    Ok(at)
}
