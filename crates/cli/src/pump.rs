//! Events from a source into a sink.

use anyhow::Result;
use evz::{EventBatch, EventSource, SideRows};

use crate::progress::Meter;
use crate::sink::Sink;

/// What comes out of a source.
pub(crate) enum Read<'a> {
    Events(&'a EventBatch),
    Side(SideRows),
}

/// Moves everything, with a progress bar; returns how many events there were.
pub(crate) fn pump(source: &mut dyn EventSource, sink: &mut Sink) -> Result<u64> {
    each(source, |read| match read {
        Read::Events(batch) => sink.write_batch(batch.as_slice()),
        Read::Side(rows) => sink.write_side(rows),
    })
}

/// Does something with all that a source gives, with a progress bar; returns how many events there
/// were.
pub(crate) fn each(
    source: &mut dyn EventSource,
    mut act: impl FnMut(Read<'_>) -> evz::Result<()>,
) -> Result<u64> {
    let mut meter = Meter::new();
    let mut batch = EventBatch::default();
    let mut events = 0;
    loop {
        let n = source.read_batch(&mut batch)?;
        for rows in source.take_side_rows() {
            act(Read::Side(rows))?;
        }
        if n == 0 {
            break;
        }
        act(Read::Events(&batch))?;
        events += n as u64;
        meter.add(n, source.progress());
    }
    meter.end();
    Ok(events)
}
