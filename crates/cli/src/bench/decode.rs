//! A whole file to four columns.

use anyhow::Result;
use evz::{EventBatch, EventIndex, Selection};

use super::{Figures, PLAIN_BYTES, repeat, seconds};

/// Events decoded at a time, so that memory is bounded for any file.
const SPAN: u64 = 16_000_000;

/// Decodes all events into columns whose memory is used again.
pub(crate) fn decode(index: &dyn EventIndex) -> Result<Figures> {
    let events = index.extent().n_events;
    let mut batch = EventBatch::default();
    let mut pass = || -> Result<()> {
        let mut at = 0;
        while at < events {
            let end = events.min(at + SPAN);
            index.read(&Selection::default().with_events(at..end), &mut batch)?;
            at = end;
        }
        Ok(())
    };
    // In the first pass the columns are new memory, which the system has to hand out.
    let first = seconds(&mut pass)?;
    let runs = repeat(&mut pass)?;
    let mut figures = Figures::new("decode", events, events * PLAIN_BYTES, runs);
    figures.first_pass_events_per_s = Some(events as f64 / first.max(f64::MIN_POSITIVE));
    Ok(figures)
}
