//! Parts of a recording: runs of records, and the clock before them.

use std::sync::Arc;

use evz_core::{
    Error, EventBatch, OpenOptions, PartReader, PartWriter, Parts, Place, ReadAt, Result,
    SideStore, read_range,
};

use super::clock::Clock;
use super::decode::Decoder;
use super::{BLOCK, RECORD_LEN, Source, Version};
use crate::byte_reader::ByteReader;
use crate::losses::Losses;

/// A run of bytes, of which the records are whole.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// Where it begins in the file.
    pub(super) at: u64,
    pub(super) len: usize,
    pub(super) clock: Clock,
}

impl Part {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut part = PartWriter::new();
        part.uint(self.at);
        part.uint(self.len as u64);
        part.uint(self.clock.last.into());
        part.sint(self.clock.wraps);
        part.into_bytes()
    }

    fn of(bytes: &[u8]) -> Result<Self> {
        let mut part = PartReader::new(bytes);
        let (at, len, last, wraps) = (part.uint()?, part.narrow()?, part.narrow()?, part.sint()?);
        part.end()?;
        match len <= BLOCK * RECORD_LEN + RECORD_LEN {
            true => Ok(Self {
                at,
                len,
                clock: Clock { last, wraps },
            }),
            false => Err(Error::corrupt("", "no part of a recording is as long")),
        }
    }
}

/// A recording of which parts are decoded.
struct Aedat2Parts {
    bytes: Arc<dyn ReadAt>,
    version: Version,
    decoder: Decoder,
}

/// Opens a recording to decode parts of it: `bytes`, which `input` reads and has read `head` of.
pub(crate) fn open(
    bytes: Arc<dyn ReadAt>,
    input: ByteReader,
    head: Vec<u8>,
    version: Version,
    options: &OpenOptions,
) -> Result<Arc<dyn Parts>> {
    let decoder = Source::new(input, head, version, options)?.decoder;
    Ok(Arc::new(Aedat2Parts {
        bytes,
        version,
        decoder,
    }))
}

impl Parts for Aedat2Parts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let Part { at, len, clock } = Part::of(part)?;
        let bytes = read_range(&*self.bytes, at, len as u64)?;
        let (records, _) = self.version.records(&bytes);
        batch.clear();
        // What there is beside the events was told when the index was made.
        let (side, losses) = (&mut SideStore::default(), &mut Losses::default());
        (self.decoder.at(clock)).decode(&records, batch, side, losses, |_| Place::default());
        Ok(())
    }
}
