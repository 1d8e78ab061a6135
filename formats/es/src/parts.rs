//! Parts of a stream: runs of its bytes, and the time before them.

use std::sync::Arc;

use evz_core::{
    Error, EventBatch, Input, OpenOptions, PartReader, PartWriter, Parts, ReadAt, Result,
    SensorSize, read_range,
};

use crate::decode::Decoder;
use crate::encoding::Encoding;
use crate::exposure::Crossings;
use crate::header::{self, Content, Header};
use crate::source::BLOCK_LEN;

/// A run of whole events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Where it begins in the file.
    pub(crate) at: u64,
    pub(crate) len: usize,
    /// The time before it.
    pub(crate) t: i64,
}

impl Part {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut part = PartWriter::new();
        part.uint(self.at);
        part.uint(self.len as u64);
        part.sint(self.t);
        part.into_bytes()
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        let mut part = PartReader::new(bytes);
        let (at, len, t) = (part.uint()?, part.narrow()?, part.sint()?);
        part.end()?;
        match len <= 2 * BLOCK_LEN {
            true => Ok(Self { at, len, t }),
            false => Err(Error::corrupt("", "no part of a stream is as long")),
        }
    }
}

/// A stream of which parts are decoded.
struct EsParts {
    bytes: Arc<dyn ReadAt>,
    encoding: Encoding,
    size: SensorSize,
}

/// A stream of generic events, which are rows of a side stream: no part is of it.
struct NoParts;

/// Opens a stream to decode parts of it.
///
/// # Errors
/// As [`open`](crate::open).
pub(crate) fn open(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let name = input.name().to_owned();
    let header = Header::read(&name, input.head())?;
    let Content::Events(encoding, size) = header.content else {
        return Ok(Arc::new(NoParts));
    };
    Ok(Arc::new(EsParts {
        bytes: input.into_read_at()?,
        encoding,
        size: header::sensor(&name, options.size, size)?,
    }))
}

impl Parts for NoParts {
    fn read_part(&self, _: &[u8], _: &mut EventBatch) -> Result<()> {
        let what = "generic events have no pixel, and are in no part of a stream";
        Err(Error::corrupt("", what))
    }
}

impl Parts for EsParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let Part { at, len, t } = Part::of(part)?;
        let bytes = read_range(&*self.bytes, at, len as u64)?;
        let mut decoder = Decoder::new(self.encoding, self.size).at(t);
        // Crossings are rows of a side stream.
        decoder.decode(&bytes, at, batch, &mut Crossings::default());
        Ok(())
    }
}
