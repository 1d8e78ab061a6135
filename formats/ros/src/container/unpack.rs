//! What chunks are packed with.

use std::io::Read;

/// How the records of a chunk are packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Lz4,
    Bzip2,
    Zstd,
    /// Another one, of this name.
    Unknown(String),
}

/// Chunks that are larger, packed or unpacked, are not read. The writers of both kinds of file make
/// them of some 1 MiB, or of one message.
pub(crate) const MAX_CHUNK: u64 = 256 << 20;

/// Memory that is taken at once for what a chunk says it unpacks to.
const TRUSTED: u64 = 16 << 20;

impl Compression {
    /// By its name in a bag or in MCAP.
    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "" | "none" => Self::None,
            "lz4" => Self::Lz4,
            "bz2" => Self::Bzip2,
            "zstd" => Self::Zstd,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Unpacks `packed`, which claims to become `size` bytes, into `out`. With an error, `out` has what
    /// was unpacked before it.
    pub(crate) fn unpack(
        &self,
        packed: &[u8],
        size: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        out.reserve_exact(size.min(TRUSTED) as usize);
        self.unpack_up_to(packed, size, out)?;
        match out.len() as u64 == size {
            true => Ok(()),
            false => Err("it unpacks to fewer bytes than it says"),
        }
    }

    /// The same where nobody says to how many bytes, which are at most `limit`.
    pub(crate) fn unpack_up_to(
        &self,
        packed: &[u8],
        limit: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let read = match self {
            Self::None => read(packed, limit, out),
            // Frames with their sums, in both: roslz4 and the MCAP specification.
            Self::Lz4 => read(lz4_flex::frame::FrameDecoder::new(packed), limit, out),
            Self::Bzip2 => read(bzip2::read::BzDecoder::new(packed), limit, out),
            Self::Zstd => match zstd::stream::read::Decoder::with_buffer(packed) {
                Ok(decoder) => read(decoder, limit, out),
                Err(_) => return Err("it cannot be unpacked"),
            },
            Self::Unknown(_) => return Err("it is packed in a way that is not read"),
        };
        match read {
            Err(_) => Err("it cannot be unpacked"),
            Ok(_) if out.len() as u64 > limit => Err("it unpacks to more bytes than it may"),
            Ok(_) => Ok(()),
        }
    }
}

/// Reads all, but not more than one byte above `size`.
fn read(from: impl Read, size: u64, out: &mut Vec<u8>) -> std::io::Result<usize> {
    from.take(size + 1).read_to_end(out)
}
