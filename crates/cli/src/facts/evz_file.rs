//! The facts of an .evz file, from its index alone.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result};
use evz::codec;
use evz::file::wire::{LeafRef, RecordHeader, read_leaf};
use evz::{Reader, StreamInfo, Value};

use super::{ByColumn, Facts, RATE_BINS, Side, Sums};

/// The facts of an open file called `name`; `info` is what is known of it.
pub(crate) fn of_reader(
    reader: &Reader,
    path: Option<&Path>,
    name: &str,
    info: StreamInfo,
) -> Result<Facts> {
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
    let mut facts = Facts::new(source, "evz", info, sums, bytes, activity);
    if let (Some(path), Some(leaf)) = (path, reader.root().leaves.first()) {
        facts.profile = Some(profile(path, leaf)?);
    }
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

/// The codecs of the chunks of the first leaf, which a file written in one go has throughout.
fn profile(path: &Path, leaf: &LeafRef) -> Result<String> {
    let body = read_at(path, leaf).with_context(|| format!("{}: cannot read", path.display()))?;
    let mut names: Vec<String> = Vec::new();
    for entry in read_leaf(&body)? {
        let name = codec::by_id(entry.codec)
            .map_or_else(|| format!("codec {}", entry.codec), |c| c.name().to_owned());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names.join(" and "))
}

fn read_at(path: &Path, leaf: &LeafRef) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(
        leaf.offset + RecordHeader::ENCODED_SIZE as u64,
    ))?;
    let mut body = Vec::new();
    file.take(leaf.body_len).read_to_end(&mut body)?;
    Ok(body)
}
