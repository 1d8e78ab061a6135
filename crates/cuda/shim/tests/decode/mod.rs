//! Chunks on the device: what the tests of decoding share.
#![allow(dead_code, reason = "each test file uses its own part")]

#[path = "../../../../codec/tests/cases/mod.rs"]
pub(crate) mod cases;
#[path = "../../../../codec/tests/data/mod.rs"]
pub(crate) mod data;
pub(crate) mod made_up;
mod memory;
#[path = "../../../src/scratch.rs"]
pub(crate) mod scratch;

use evz_core::{Columns, EventBatch};
use evz_cuda_shim::Kernel;

use cases::Chunk;
pub(crate) use memory::Memory;

/// As `ChunkDesc` in layout.cuh.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChunkDesc {
    pub(crate) payload: u64,
    pub(crate) payload_len: u64,
    pub(crate) out: u64,
    pub(crate) t_first: i64,
    pub(crate) t_divisor: u64,
    pub(crate) t_min: i64,
    pub(crate) t_max: i64,
    pub(crate) n_events: u32,
    pub(crate) toc_len: u32,
    pub(crate) codec: u32,
    pub(crate) reserved: u32,
    pub(crate) scratch: u64,
    pub(crate) scratch_len: u64,
}

/// As `Columns` in layout.cuh.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnPointers {
    t: *mut i64,
    x: *mut u16,
    y: *mut u16,
    p: *mut u8,
}

/// What stands in columns before anything is decoded.
const NOTHING: (i64, u16, u8) = (-3, 0xa5a5, 0xa5);

/// Chunks that are decoded together.
pub(crate) struct Batch {
    pub(crate) bytes: Memory<u8>,
    pub(crate) chunks: Memory<ChunkDesc>,
    pub(crate) n_events: usize,
    pub(crate) scratch_len: usize,
}

/// Columns on the device. They end where their memory does.
pub(crate) struct Device {
    t: Memory<i64>,
    x: Memory<u16>,
    y: Memory<u16>,
    p: Memory<u8>,
    pub(crate) error: Memory<u32>,
}

impl Batch {
    /// Chunks one behind the other, whose events follow each other.
    pub(crate) fn new<'a>(chunks: impl IntoIterator<Item = &'a Chunk>) -> Self {
        let (mut bytes, mut descs) = (Vec::new(), Vec::new());
        let (mut n_events, mut scratch) = (0, 0);
        for chunk in chunks {
            bytes.resize(usize::next_multiple_of(bytes.len(), 64), 0xa5);
            let head_at = scratch::head_at(chunk.n_events as u32);
            let head = chunk
                .bytes
                .get(head_at..)
                .and_then(|head| head.first_chunk());
            let scratch_len = match head {
                Some(head) if chunk.case.codec.id() == 2 => {
                    scratch::scratch_len(head, chunk.n_events as u32)
                }
                _ => 0,
            };
            descs.push(ChunkDesc {
                payload: bytes.len() as u64,
                payload_len: chunk.bytes.len() as u64,
                out: n_events as u64,
                t_first: chunk.time.first,
                t_divisor: chunk.time.divisor,
                // Whoever decodes does not look at these.
                t_min: 0,
                t_max: 0,
                n_events: chunk.n_events as u32,
                toc_len: chunk.toc_len as u32,
                codec: chunk.case.codec.id().into(),
                reserved: 0,
                scratch: scratch as u64,
                scratch_len,
            });
            scratch += scratch_len as usize;
            bytes.extend_from_slice(&chunk.bytes);
            n_events += chunk.n_events;
        }
        Self {
            bytes: Memory::from_slice(&bytes),
            chunks: Memory::from_slice(&descs),
            n_events,
            scratch_len: scratch,
        }
    }

    /// The most events of a chunk.
    pub(crate) fn longest(&self) -> u32 {
        self.chunks.iter().map(|c| c.n_events).max().unwrap_or(0)
    }
}

impl Device {
    pub(crate) fn new(n_events: usize, columns: Columns) -> Self {
        let len = |wanted| if wanted { n_events } else { 0 };
        Self {
            t: Memory::filled(len(columns.t), NOTHING.0),
            x: Memory::filled(len(columns.x), NOTHING.1),
            y: Memory::filled(len(columns.y), NOTHING.1),
            p: Memory::filled(len(columns.p), NOTHING.2),
            error: Memory::filled(1, 0),
        }
    }

    /// The columns as a kernel takes them: what has no events is not wanted.
    pub(crate) fn pointers(&mut self) -> ColumnPointers {
        ColumnPointers {
            t: pointer(&mut self.t),
            x: pointer(&mut self.x),
            y: pointer(&mut self.y),
            p: pointer(&mut self.p),
        }
    }

    /// What stands in the columns.
    pub(crate) fn events(&self) -> EventBatch {
        EventBatch {
            t: self.t.to_vec(),
            x: self.x.to_vec(),
            y: self.y.to_vec(),
            p: self.p.to_vec(),
            extra: Vec::new(),
        }
    }

    /// What was decoded; or which chunk is damaged, and how.
    pub(crate) fn finish(self) -> Result<EventBatch, (u32, u32)> {
        match self.error[0] {
            0 => Ok(self.events()),
            error => Err(((error >> 8) - 1, error & 0xff)),
        }
    }
}

fn pointer<T: Copy>(column: &mut Memory<T>) -> *mut T {
    if column.is_empty() {
        return std::ptr::null_mut();
    }
    column.as_mut_ptr()
}

/// Every choice of columns.
pub(crate) fn subsets() -> impl Iterator<Item = Columns> {
    (1..16).map(|set| Columns {
        t: set & 1 != 0,
        x: set & 2 != 0,
        y: set & 4 != 0,
        p: set & 8 != 0,
        ..Columns::NONE
    })
}

/// Decodes the chunks of `fast`.
pub(crate) fn decode_fast(
    batch: &Batch,
    columns: Columns,
    seed: u32,
) -> Result<EventBatch, (u32, u32)> {
    let mut device = Device::new(batch.n_events, columns);
    let pointers = device.pointers();
    Kernel::new("evz_decode_fast")
        .grid_2d(
            [
                batch.longest().div_ceil(8 * 1_024).max(1),
                batch.chunks.len() as u32,
            ],
            256,
        )
        .seed(seed)
        .slice(&batch.bytes)
        .slice(&batch.chunks)
        .arg(pointers)
        .slice_mut(&mut device.error)
        .launch()
        .unwrap();
    device.finish()
}

/// Decodes the chunks of `small`.
pub(crate) fn decode_small(
    batch: &Batch,
    columns: Columns,
    seed: u32,
) -> Result<EventBatch, (u32, u32)> {
    launch_small(batch, columns, seed).finish()
}

pub(crate) fn launch_small(batch: &Batch, columns: Columns, seed: u32) -> Device {
    let mut device = Device::new(batch.n_events, columns);
    let pointers = device.pointers();
    let mut scratch = Memory::filled(batch.scratch_len, 0xa5u8);
    let chunks = batch.chunks.len() as u32;
    let segments = batch.longest().div_ceil(8_192).max(1);
    let by_four = segments.div_ceil(4);
    for (name, blocks, threads, reports) in [
        ("evz_small_tables", 1, 256, true),
        ("evz_small_frequencies", 3, 128, false),
        ("evz_small_times", by_four, 128, true),
        ("evz_small_places", segments.div_ceil(8), 256, true),
        ("evz_small_cells", by_four, 128, true),
    ] {
        let kernel = Kernel::new(name)
            .grid_2d([blocks, chunks], threads)
            .seed(seed)
            .slice(&batch.bytes)
            .slice(&batch.chunks)
            .slice_mut(&mut scratch)
            .arg(pointers);
        let kernel = if reports {
            kernel.slice_mut(&mut device.error)
        } else {
            kernel
        };
        kernel.launch().unwrap();
    }
    device
}
