//! Columns to .evz.

use std::io;

use anyhow::Result;
use evz::codec::Codec;
use evz::{EventBatch, EventSource, Metadata, WriteOptions};

use super::{Figures, PLAIN_BYTES, repeat};

/// Encodes the events of a recording, held in memory, and throws the file away.
pub(crate) fn encode(
    source: &mut dyn EventSource,
    codec: Option<&'static dyn Codec>,
) -> Result<Figures> {
    let info = source.info().clone();
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    while source.read_batch(&mut batch)? > 0 {
        all.extend(batch.as_slice());
    }
    let events = all.len() as u64;
    let runs = repeat(|| {
        let mut options = WriteOptions::new();
        if let Some(codec) = codec {
            options = options.with_codec(codec);
        }
        let mut writer = options.write_to(io::sink(), &info)?;
        writer.write_batch(all.as_slice())?;
        writer.finish_into(&Metadata::new())?;
        Ok(())
    })?;
    Ok(Figures::new("encode", events, events * PLAIN_BYTES, runs))
}
