//! How packets are compressed.

use std::io::{self, Read, Write};

use lz4_flex::frame::{FrameEncoder, FrameInfo};

use super::lz4::{self, TOO_LONG};

/// How the packets of a file are compressed: each for itself, in the frame format of its method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// Not at all.
    None,
    /// LZ4, what cameras record in.
    #[default]
    Lz4,
    /// Zstandard.
    Zstd,
}

/// Bytes of a packet, before it is unpacked and after.
pub(super) const MAX_PACKET: usize = 256 << 20;

/// How many times longer LZ4 can make a packet.
const LZ4_RATIO: usize = 255;

/// Zstandard makes a packet thousands of times longer where that is all the same; this many bytes it
/// may become in any case, twice the frame of a 4K camera.
const ZSTD_LEN: usize = 16 << 20;

impl Compression {
    /// By the number in the header: 1 and 2 are both LZ4, and 3 and 4 Zstandard, the second of each
    /// with more effort.
    pub(super) fn of_number(number: i32) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 | 2 => Some(Self::Lz4),
            3 | 4 => Some(Self::Zstd),
            _ => None,
        }
    }

    pub(super) fn number(self) -> i32 {
        match self {
            Self::None => 0,
            Self::Lz4 => 1,
            Self::Zstd => 3,
        }
    }

    /// What the description of a stream calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Lz4 => "LZ4",
            Self::Zstd => "ZSTD",
        }
    }

    /// Bytes that a packet of `len` bytes may unpack to.
    pub(super) fn limit(self, len: usize) -> usize {
        match self {
            Self::None => len,
            Self::Lz4 => len.saturating_mul(LZ4_RATIO).min(MAX_PACKET),
            Self::Zstd => len.saturating_mul(LZ4_RATIO).clamp(ZSTD_LEN, MAX_PACKET),
        }
    }

    /// What everything that it packs begins with.
    pub(super) fn magic(self) -> Option<[u8; 4]> {
        match self {
            Self::None => None,
            Self::Lz4 => Some(lz4::MAGIC.to_le_bytes()),
            Self::Zstd => Some(0xfd2f_b528_u32.to_le_bytes()),
        }
    }

    /// Bytes of the first of what may be several things that it packed; none if they do not tell.
    pub(super) fn packed_len(self, packed: &[u8]) -> Option<usize> {
        match self {
            Self::None => {
                let (size, rest) = packed.split_first_chunk()?;
                let size = u32::from_le_bytes(*size) as usize;
                (size <= rest.len()).then(|| size_of::<u32>() + size)
            }
            Self::Lz4 => lz4::packed_len(packed),
            Self::Zstd => zstd::zstd_safe::find_frame_compressed_size(packed).ok(),
        }
    }

    /// Unpacks a packet, if need be into `raw`, whose contents do not matter. With an error what
    /// comes before it is given too.
    pub(super) fn unpack<'a>(
        self,
        packed: &'a [u8],
        raw: &'a mut Vec<u8>,
    ) -> (&'a [u8], io::Result<()>) {
        let limit = self.limit(packed.len());
        match self {
            Self::None => (packed, Ok(())),
            Self::Lz4 => {
                let (len, result) = lz4::unpack(packed, raw, limit);
                (&raw[..len], result.map_err(io::Error::other))
            }
            Self::Zstd => {
                raw.clear();
                let result = unpack_zstd(packed, raw, limit);
                (raw, result)
            }
        }
    }

    /// Adds what `raw` packs to to `out`.
    pub(super) fn pack(self, raw: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::None => out.extend_from_slice(raw),
            Self::Lz4 => {
                let info = FrameInfo::new().block_checksums(true);
                let mut encoder = FrameEncoder::with_frame_info(info, out);
                encoder.write_all(raw)?;
                encoder.finish()?;
            }
            Self::Zstd => {
                // Unlike an encoder of a stream this one says how long the content is, which
                // dv-processing must know.
                let level = zstd::DEFAULT_COMPRESSION_LEVEL;
                let mut compressor = zstd::bulk::Compressor::new(level)?;
                compressor.include_checksum(true)?;
                out.extend_from_slice(&compressor.compress(raw)?);
            }
        }
        Ok(())
    }
}

fn unpack_zstd(packed: &[u8], raw: &mut Vec<u8>, limit: usize) -> io::Result<()> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    // Its window is memory too.
    decoder.window_log_max(limit.next_power_of_two().ilog2())?;
    // One byte more tells a packet that is too long.
    decoder.take(limit as u64 + 1).read_to_end(raw)?;
    if raw.len() > limit {
        raw.clear();
        return Err(io::Error::other(TOO_LONG));
    }
    Ok(())
}
