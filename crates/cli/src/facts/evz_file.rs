//! The facts of an .evz file, from its index alone.

use anyhow::Result;
use evz::{Reader, StreamInfo, Value};

use super::{ByColumn, Facts, RATE_BINS, Side, Sums};

/// The facts of an open file called `name`; `info` is what is known of it.
pub(crate) fn of_reader(reader: &Reader, name: &str, info: StreamInfo) -> Result<Facts> {
    let head = &reader.root().head;
    let sums = Sums {
        events: head.n_events,
        on: head.n_on,
        t_first: head.t_first,
        t_last: head.t_last,
        t_min: head.t_min,
        t_max: head.t_max,
        x: (head.x_min, head.x_max),
        y: (head.y_min, head.y_max),
        sorted: reader.sorted(),
    };
    let source = match info.metadata.get("source.file").and_then(Value::as_text) {
        Some(file) => file.to_owned(),
        None => name.to_owned(),
    };
    let bins = if head.n_events > 0 { RATE_BINS } else { 0 };
    let activity = reader.activity(bins)?;
    let bytes = Some(reader.file_len());
    let mut facts = Facts::new(source, evz::format("evz")?, info, sums, bytes, activity);
    facts.profile = Some(profile(reader)?).filter(|p| !p.is_empty());
    facts.chunks = Some(head.n_chunks);
    if head.n_events > 0 {
        let [t, x, y, p] = head
            .column_bytes
            .map(|b| b as f64 * 8.0 / head.n_events as f64);
        facts.bits_per_event_by_column = Some(ByColumn { t, x, y, p });
    }
    for (stream, rows) in reader.side_streams()? {
        facts.side_streams.push(Side {
            name: stream.name,
            rows,
        });
    }
    Ok(facts)
}

/// The names of the codecs of the chunks.
fn profile(reader: &Reader) -> Result<String> {
    Ok(reader.profiles()?.join(" and "))
}
