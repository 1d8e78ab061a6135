//! Blosc 1: blocks of a few codecs, of bytes or bits in order. After [README_CHUNK_FORMAT.rst][1].
//!
//! [1]: https://github.com/Blosc/c-blosc/blob/main/README_CHUNK_FORMAT.rst

use std::cell::RefCell;

use super::{bitshuffle, blosclz, deflate, lz4, shuffle, zstandard};

/// Bytes before the table of blocks.
const HEADER: usize = 16;

/// Flags of a chunk.
const SHUFFLED: u8 = 1;
const STORED: u8 = 2;
const BITS: u8 = 4;
const NOT_SPLIT: u8 = 16;

/// Bytes of a block whose memory is kept for the next one, at most.
const MAX_KEPT: usize = 4 << 20;

/// A block is split into a stream a byte of a value unless these would be too short, or too many.
const MAX_STREAMS: usize = 16;
const MIN_STREAM: usize = 128;

pub(super) fn undo(_: &[u32], bytes: &[u8], out: &mut Vec<u8>, len: usize) -> Result<(), String> {
    let cut = || "it is shorter than the head of Blosc".to_owned();
    let (head, _) = bytes.split_first_chunk::<HEADER>().ok_or_else(cut)?;
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let [version, _, flags, size, ..] = *head;
    let [n, block, packed] = [word(4), word(8), word(12)].map(|n| n as usize);
    if version != 2 {
        return Err(format!("it is Blosc of version {version}, and 2 is read"));
    }
    if n != len || packed > bytes.len() || packed < HEADER {
        return Err(format!(
            "by the head of Blosc it has {n} bytes, packed {packed}, where {len} and at most {} are \
             expected",
            bytes.len()
        ));
    }
    out.resize(n, 0);
    if n == 0 {
        return Ok(());
    }
    if flags & STORED != 0 {
        let stored = bytes[HEADER..].get(..n).ok_or_else(cut)?;
        out.copy_from_slice(stored);
        return Ok(());
    }
    let codec = Codec::new(flags)?;
    let unpacking = Unpacking {
        bytes: &bytes[..packed],
        flags,
        size: usize::from(size.max(1)),
        codec,
    };
    unpacking
        .all(out, block)
        .ok_or_else(|| format!("its {} bytes, packed by Blosc, are damaged", codec.name()))
}

/// A codec within Blosc.
#[derive(Clone, Copy)]
enum Codec {
    BloscLz,
    Lz4,
    Zlib,
    Zstd,
}

impl Codec {
    /// By the upper bits of the flags.
    fn new(flags: u8) -> Result<Self, String> {
        match flags >> 5 {
            0 => Ok(Self::BloscLz),
            1 => Ok(Self::Lz4),
            2 => Err("Snappy within Blosc is not read".to_owned()),
            3 => Ok(Self::Zlib),
            4 => Ok(Self::Zstd),
            n => Err(format!("codec {n} within Blosc is not known")),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::BloscLz => "BloscLZ",
            Self::Lz4 => "LZ4",
            Self::Zlib => "zlib",
            Self::Zstd => "Zstandard",
        }
    }
}

/// A chunk that is being unpacked.
struct Unpacking<'a> {
    bytes: &'a [u8],
    flags: u8,
    /// Bytes of a value.
    size: usize,
    codec: Codec,
}

impl Unpacking<'_> {
    /// All blocks, of `block` bytes each but the last.
    fn all(&self, out: &mut [u8], block: usize) -> Option<()> {
        thread_local! {
            // Asked of the system again for each chunk, its pages cost more than to fill them.
            static SHUFFLED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        if block == 0 || block > out.len() {
            return None;
        }
        SHUFFLED.with_borrow_mut(|shuffled| {
            shuffled.resize(block, 0);
            let unpacked = self.blocks(out, block, shuffled);
            if block > MAX_KEPT {
                *shuffled = Vec::new();
            }
            unpacked
        })
    }

    fn blocks(&self, out: &mut [u8], block: usize, shuffled: &mut [u8]) -> Option<()> {
        let table = self.bytes.get(HEADER..)?.as_chunks::<4>().0;
        if table.len() < out.len().div_ceil(block) {
            return None;
        }
        for (to, start) in out.chunks_mut(block).zip(table) {
            let start = u32::from_le_bytes(*start) as usize;
            let from = self.bytes.get(start..)?;
            let is_last = to.len() < block;
            let by_bits = self.flags & BITS != 0;
            if !by_bits && (self.flags & SHUFFLED == 0 || self.size == 1) {
                self.streams(from, to, is_last)?;
                continue;
            }
            let here = &mut shuffled[..to.len()];
            self.streams(from, here, is_last)?;
            if !by_bits {
                shuffle::unshuffle(self.size, here, to);
                continue;
            }
            // Bits are in order only where there are whole rows of 8 values.
            match here.len() % (8 * self.size) {
                0 => bitshuffle::unshuffle(self.size, here, to),
                _ => to.copy_from_slice(here),
            }
        }
        Some(())
    }

    /// The streams of a block, each behind its length.
    fn streams(&self, from: &[u8], to: &mut [u8], is_last: bool) -> Option<()> {
        let split = self.flags & NOT_SPLIT == 0
            && self.size <= MAX_STREAMS
            && to.len() / self.size >= MIN_STREAM
            && !is_last;
        let n = if split { self.size } else { 1 };
        let mut rest = from;
        // What does not divide evenly cannot be split.
        let len = to.len() / n;
        if len * n != to.len() {
            return None;
        }
        for to in to.chunks_mut(len.max(1)) {
            let (packed, after) = rest.split_first_chunk::<4>()?;
            let (packed, after) = after.split_at_checked(u32::from_le_bytes(*packed) as usize)?;
            rest = after;
            if packed.len() == to.len() {
                to.copy_from_slice(packed);
                continue;
            }
            match self.codec {
                Codec::Lz4 => lz4::decode(packed, to)?,
                Codec::Zlib => deflate::inflate(packed, to).ok()?,
                Codec::Zstd => {
                    let n = zstandard::decompress(packed, to).ok()?;
                    (n == to.len()).then_some(())?;
                }
                Codec::BloscLz => {
                    let unpacked = blosclz::unpack(packed, to.len())?;
                    (unpacked.len() == to.len()).then(|| to.copy_from_slice(&unpacked))?;
                }
            }
        }
        Some(())
    }
}
