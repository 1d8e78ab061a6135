//! Parts of a recording: packets of events.

use std::sync::Arc;

use evz_core::{
    Error, EventBatch, OpenOptions, PartReader, PartWriter, Parts, Place, ReadAt, Result,
    read_range,
};

use super::events;
use super::origin::Origin;
use super::packet::{HEAD_LEN, Head};
use super::{Source, Version};
use crate::byte_reader::ByteReader;

/// The packet at a byte of the file, as so many bytes of its body are there.
pub(super) fn part_of(at: u64, body: usize) -> Vec<u8> {
    let mut part = PartWriter::new();
    part.uint(at);
    part.uint(body as u64);
    part.into_bytes()
}

/// A recording of which packets are decoded.
struct Aedat3Parts {
    bytes: Arc<dyn ReadAt>,
    origin: Origin,
}

/// Opens a recording to decode parts of it: `bytes`, which `input` reads and has read `head` of.
pub(crate) fn open(
    bytes: Arc<dyn ReadAt>,
    input: ByteReader,
    head: Vec<u8>,
    version: Version,
    options: &OpenOptions,
) -> Result<Arc<dyn Parts>> {
    let source = Source::new(input, head, version, options)?;
    let origin = source.origin(source.info.size);
    Ok(Arc::new(Aedat3Parts { bytes, origin }))
}

impl Parts for Aedat3Parts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        let mut part = PartReader::new(part);
        let (at, len) = (part.uint()?, part.uint()?);
        part.end()?;
        let wrong = |what: String| Error::corrupt(Place::byte(at), what);
        let head = read_range(&*self.bytes, at, HEAD_LEN as u64)?;
        let head = head.first_chunk().expect("a head was read");
        let head = Head::read(head).map_err(wrong)?;
        if len > head.body_len() {
            return Err(wrong("no packet of this length begins here".to_owned()));
        }
        let body = read_range(&*self.bytes, at.saturating_add(HEAD_LEN as u64), len)?;
        let whole = body.len().min(head.number * head.event_len) / head.event_len;
        batch.clear();
        // What is not an event of the sensor was counted when the index was made.
        events::polarity(&head, &body[..whole * head.event_len], self.origin, batch);
        Ok(())
    }
}
