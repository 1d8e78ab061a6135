//! The buffers in the body of a record batch.

use std::io;

use arrow_buffer::Buffer;
use arrow_ipc::{BodyCompressionMethod, CompressionType};
use evz_core::{Error, Place, Result};

use super::{MAX_BATCH, SMALLER_BATCHES};

/// The body of a record batch, whose buffers may be compressed.
pub(crate) struct Body {
    bytes: Buffer,
    codec: Option<CompressionType>,
    /// How many bytes may still be uncompressed.
    budget: usize,
}

impl Body {
    pub(crate) fn new(bytes: Vec<u8>, batch: &arrow_ipc::RecordBatch<'_>) -> Result<Self> {
        let codec = batch.compression().map(|c| (c.method(), c.codec()));
        let codec = match codec {
            None => None,
            Some((BodyCompressionMethod::BUFFER, codec))
                if [CompressionType::LZ4_FRAME, CompressionType::ZSTD].contains(&codec) =>
            {
                Some(codec)
            }
            Some(_) => {
                return Err(Error::unsupported(
                    Place::default(),
                    "its record batches are compressed in an unknown way",
                )
                .advise("write it again with zstd, lz4 or uncompressed"));
            }
        };
        Ok(Self {
            bytes: Buffer::from_vec(bytes),
            codec,
            budget: MAX_BATCH,
        })
    }

    /// A buffer as the head of the batch describes it, uncompressed.
    pub(crate) fn buffer(&mut self, at: &arrow_ipc::Buffer) -> Result<Buffer> {
        let range = usize::try_from(at.offset())
            .ok()
            .zip(usize::try_from(at.length()).ok())
            .filter(|(offset, len)| {
                offset
                    .checked_add(*len)
                    .is_some_and(|end| end <= self.bytes.len())
            });
        let Some((offset, len)) = range else {
            let what = format!(
                "a buffer of {} bytes at byte {} of a body of {}; the file is damaged",
                at.length(),
                at.offset(),
                self.bytes.len()
            );
            return Err(Error::corrupt(Place::default(), what));
        };
        let buffer = self.bytes.slice_with_length(offset, len);
        match self.codec {
            Some(codec) if len > 0 => self.unpack(codec, &buffer),
            _ => Ok(buffer),
        }
    }

    /// Eight bytes of length, or -1 before what is not compressed, then the frame.
    fn unpack(&mut self, codec: CompressionType, buffer: &Buffer) -> Result<Buffer> {
        let damaged =
            |what: &str| Error::corrupt(Place::default(), format!("{what}; the file is damaged"));
        let Some((len, packed)) = buffer.split_first_chunk::<8>() else {
            return Err(damaged("a compressed buffer without its length"));
        };
        let len = match i64::from_le_bytes(*len) {
            -1 => return Ok(buffer.slice(8)),
            len => usize::try_from(len)
                .map_err(|_| damaged(&format!("a compressed buffer of {len} bytes")))?,
        };
        if len > self.budget {
            let what = format!("a batch of more than {MAX_BATCH} bytes, uncompressed");
            return Err(Error::limit(Place::default(), what).advise(SMALLER_BATCHES));
        }
        self.budget -= len;
        // One byte more shows a frame that is longer than it says.
        let bytes = unpack(codec, packed, len as u64 + 1).map_err(|e| match e.kind() {
            io::ErrorKind::Unsupported => Error::unsupported(Place::default(), e.to_string())
                .advise("write it again uncompressed"),
            _ => damaged(&format!("a compressed buffer does not decompress ({e})")),
        })?;
        if bytes.len() != len {
            return Err(damaged(&format!(
                "a compressed buffer is not the {len} bytes it claims to be"
            )));
        }
        Ok(Buffer::from_vec(bytes))
    }
}

/// What a frame holds, at most `limit` bytes of it.
#[cfg(feature = "compressed")]
fn unpack(codec: CompressionType, packed: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    use io::Read;
    let mut bytes = Vec::new();
    if codec == CompressionType::ZSTD {
        let frame = zstd::stream::read::Decoder::with_buffer(packed)?;
        frame.take(limit).read_to_end(&mut bytes)?;
    } else {
        let frame = lz4_flex::frame::FrameDecoder::new(packed);
        frame.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

#[cfg(not(feature = "compressed"))]
fn unpack(_: CompressionType, _: &[u8], _: u64) -> io::Result<Vec<u8>> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "its record batches are compressed, which is not read here",
    ))
}
