//! Columns to .evz.

use std::io;

use anyhow::Result;
use evz::{CreateOptions, EventBatch, EventSource, Metadata, Next, Output};

use super::{Figures, PLAIN_BYTES, repeat};

/// Encodes the events of a recording, held in memory, and throws the file away.
pub(crate) fn encode(source: &mut dyn EventSource, profile: Option<&str>) -> Result<Figures> {
    let info = source.info().clone();
    let (mut all, mut batch) = (EventBatch::default(), EventBatch::default());
    while let Next::Events(_) = source.read_events(&mut batch)? {
        all.extend(batch.as_slice());
    }
    let format = evz::format("evz")?;
    let mut options = CreateOptions::new();
    options.profile = profile.map(str::to_owned);
    let events = all.len() as u64;
    let runs = repeat(|| {
        let output = Output::from_writer(io::sink(), "nothing");
        let mut sink = evz::create_in(output, format, &info, &options)?;
        sink.write_batch(all.as_slice())?;
        let _nothing_is_lost = sink.finish(&Metadata::new())?;
        Ok(())
    })?;
    Ok(Figures::new("encode", events, events * PLAIN_BYTES, runs))
}
