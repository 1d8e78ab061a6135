//! Bytes that are packed while more of them come, a block at a time on all cores.
//!
//! A deflate stream may be put together from pieces: each ends at a whole byte, by an empty stored
//! block (RFC 1951, 3.2.4), and refers to no more than the 32 KiB before it, which its encoder is
//! told beforehand.

use std::io::{self, BufWriter, Read, Seek, Write};

use evz_core::Temporary;
use evz_core::parallel::InOrder;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// How far back deflate may refer.
const WINDOW: usize = 1 << 15;
/// Blocks in flight.
const MAX_JOBS: usize = 4;
/// An empty last block, of fixed codes.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// Packed bytes in a temporary file.
pub(crate) struct Deflated {
    spool: BufWriter<Temporary>,
    level: Compression,
    /// Bytes that are packed in one go.
    block: usize,
    /// What is not packed yet, behind what it may refer to.
    window: usize,
    buffer: Vec<u8>,
    jobs: InOrder<Piece>,
    sums: Sums,
}

/// Lengths and checksum of what was packed.
#[derive(Default)]
struct Sums {
    crc: Crc,
    len: u64,
    packed_len: u64,
}

struct Piece {
    packed: io::Result<Vec<u8>>,
    crc: Crc,
    len: u64,
}

/// What an archive must know of a member before its bytes.
pub(crate) struct Packed {
    pub(crate) crc: u32,
    pub(crate) len: u64,
    pub(crate) packed_len: u64,
    pub(crate) bytes: Box<dyn Read>,
}

impl Deflated {
    pub(crate) fn new(level: u32, block: usize) -> io::Result<Self> {
        let spool = Temporary::new("NPZ").map_err(io::Error::other)?;
        Ok(Self {
            spool: BufWriter::new(spool),
            level: Compression::new(level),
            block,
            window: 0,
            buffer: Vec::new(),
            jobs: InOrder::default(),
            sums: Sums::default(),
        })
    }

    /// Adds bytes; `fill` puts them behind those in a buffer.
    pub(crate) fn add(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        fill(&mut self.buffer);
        if self.buffer.len() - self.window >= self.block {
            self.start_job()?;
        }
        Ok(())
    }

    fn start_job(&mut self) -> io::Result<()> {
        if self.jobs.len() == MAX_JOBS {
            self.take_job()?;
        }
        let next_window = self.buffer.len().min(WINDOW);
        let keep = self.buffer[self.buffer.len() - next_window..].to_vec();
        let bytes = std::mem::replace(&mut self.buffer, keep);
        let (level, window) = (self.level, self.window);
        self.window = next_window;
        self.jobs.push(move || {
            let (before, bytes) = bytes.split_at(window);
            piece(before, bytes, level)
        });
        Ok(())
    }

    /// Waits for the oldest job.
    fn take_job(&mut self) -> io::Result<()> {
        if let Some(piece) = self.jobs.pop() {
            let packed = piece.packed?;
            self.spool.write_all(&packed)?;
            self.sums.add(&piece.crc, piece.len, packed.len());
        }
        Ok(())
    }

    /// All that was added, behind `head`.
    pub(crate) fn finish(mut self, head: &[u8]) -> io::Result<Packed> {
        if self.buffer.len() > self.window {
            self.start_job()?;
        }
        while !self.jobs.is_empty() {
            self.take_job()?;
        }
        let head = piece(&[], head, self.level);
        let packed_head = head.packed?;
        let mut sums = Sums::default();
        sums.add(&head.crc, head.len, packed_head.len());
        sums.crc.combine(&self.sums.crc);
        let mut spool = self.spool.into_inner().map_err(|e| e.into_error())?;
        spool.rewind()?;
        let packed_len = sums.packed_len + self.sums.packed_len + LAST_BLOCK.len() as u64;
        let bytes = io::Cursor::new(packed_head)
            .chain(spool)
            .chain(&LAST_BLOCK[..]);
        Ok(Packed {
            crc: sums.crc.sum(),
            len: sums.len + self.sums.len,
            packed_len,
            bytes: Box::new(bytes),
        })
    }
}

impl Sums {
    fn add(&mut self, crc: &Crc, len: u64, packed_len: usize) {
        self.crc.combine(crc);
        self.len += len;
        self.packed_len += packed_len as u64;
    }
}

/// Packs some bytes that come behind others.
fn piece(before: &[u8], bytes: &[u8], level: Compression) -> Piece {
    let mut crc = Crc::new();
    crc.update(bytes);
    Piece {
        packed: pack(before, bytes, level),
        crc,
        len: bytes.len() as u64,
    }
}

fn pack(before: &[u8], bytes: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = Compress::new(level, false);
    if !before.is_empty() {
        encoder.set_dictionary(before).map_err(io::Error::other)?;
    }
    let mut packed = Vec::with_capacity(bytes.len() / 2 + 64);
    loop {
        let done = usize::try_from(encoder.total_in()).unwrap_or(bytes.len());
        let rest = &bytes[done..];
        let status = encoder.compress_vec(rest, &mut packed, FlushCompress::Sync)?;
        // All is out once there is room left.
        if status != Status::Ok || packed.len() < packed.capacity() {
            return Ok(packed);
        }
        packed.reserve(bytes.len() / 2 + 64);
    }
}
