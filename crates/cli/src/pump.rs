//! Events from a source into a sink.

use anyhow::Result;
use evz::{EventBatch, EventSource};

use crate::progress::Meter;
use crate::sink::Sink;

/// Moves every event, with a progress bar; returns how many.
pub(crate) fn pump(source: &mut dyn EventSource, sink: &mut Sink) -> Result<u64> {
    each_batch(source, |batch| sink.write_batch(batch.as_slice()))
}

/// Does something with every batch, with a progress bar; returns how many events there were.
pub(crate) fn each_batch(
    source: &mut dyn EventSource,
    mut act: impl FnMut(&EventBatch) -> evz::Result<()>,
) -> Result<u64> {
    let mut meter = Meter::new();
    let mut batch = EventBatch::default();
    let mut events = 0;
    loop {
        let n = source.read_batch(&mut batch)?;
        if n == 0 {
            break;
        }
        act(&batch)?;
        events += n as u64;
        meter.add(n, source.progress());
    }
    meter.end();
    Ok(events)
}
