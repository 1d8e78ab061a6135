//! The facts of an .evz file, from its index alone.

use anyhow::Result;
use evz::{EventIndex, Format, Reader, Recording, StreamInfo, Value};

use super::{ByColumn, Facts, PackFacts, RATE_BINS, Side, Sums};

/// The facts of an open file called `name`; `info` is what is known of it.
pub(crate) fn of_reader(reader: &Reader, name: &str, info: StreamInfo) -> Result<Facts> {
    let summary = reader.summary();
    let span = summary.span;
    let source = match info.metadata.get("source.file").and_then(Value::as_text) {
        Some(file) => file.to_owned(),
        None => name.to_owned(),
    };
    let bytes = Some(match reader.streams() {
        [_] => reader.file_len(),
        // What the rest of the file takes is of all.
        _ => {
            let further = summary.columns.iter().map(|(bytes, _)| bytes);
            summary.column_bytes.iter().chain(further).sum()
        }
    });
    let mut facts = of_sums(reader, source, evz::format("evz")?, info, bytes)?;
    facts.profile = Some(profile(reader)?).filter(|p| !p.is_empty());
    facts.chunks = Some(span.n_items);
    facts.content = Some(summary.content());
    if span.n_rows > 0 {
        let bits = |bytes: u64| bytes as f64 * 8.0 / span.n_rows as f64;
        let [t, x, y, p] = summary.column_bytes.map(bits);
        facts.bits_per_event_by_column = Some(ByColumn { t, x, y, p });
        for (column, (len, _)) in facts.columns.iter_mut().zip(&summary.columns) {
            column.bits_per_event = Some(bits(*len));
        }
    }
    facts.samples = PackFacts::of(reader)?;
    Ok(facts)
}

/// The facts of a recording of another format, from the index beside it alone.
pub(crate) fn of_index(reader: &Reader, recording: &Recording) -> Result<Facts> {
    let (name, format) = (recording.name().to_owned(), recording.format());
    let mut facts = of_sums(reader, name, format, recording.info(), recording.bytes())?;
    // The file calls them otherwise than the index, where several event streams have one of a name.
    facts.side_streams = sides(recording.index().unwrap_or(reader))?;
    Ok(facts)
}

/// What the index of a recording knows of its events and side streams.
fn of_sums(
    reader: &Reader,
    source: String,
    format: &Format,
    info: StreamInfo,
    bytes: Option<u64>,
) -> Result<Facts> {
    let summary = reader.summary();
    let span = summary.span;
    let sums = Sums {
        events: span.n_rows,
        on: summary.n_on,
        t_first: summary.t_first,
        t_last: summary.t_last,
        t_min: span.t_min,
        t_max: span.t_max,
        x: (summary.x_min, summary.x_max),
        y: (summary.y_min, summary.y_max),
        sorted: reader.sorted(),
    };
    let bins = if span.n_rows > 0 { RATE_BINS } else { 0 };
    let mut facts = Facts::new(source, format, info, sums, bytes, reader.activity(bins)?);
    facts.side_streams = sides(reader)?;
    Ok(facts)
}

fn sides(index: &dyn EventIndex) -> Result<Vec<Side>> {
    let streams = index.side_streams()?.into_iter();
    Ok(streams.map(|(name, rows)| Side { name, rows }).collect())
}

/// The names of the codecs of the chunks.
fn profile(reader: &Reader) -> Result<String> {
    Ok(reader.profiles()?.join(" and "))
}
