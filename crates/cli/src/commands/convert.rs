//! `convert`: any format to any format.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use evz::file::SortedSource;
use evz::text::regularity;
use evz::{Error, EventSource, Format, Loss, Metadata, Reader, Selection, StreamInfo};

use super::Outcome;
use crate::cli::{ConvertArgs, OnUnsorted};
use crate::human;
use crate::input::{Input, Kind, is_pipe};
use crate::order::InOrder;
use crate::pump::pump;
use crate::shape::{of_source_or_name, shape};
use crate::sink::{Output, Sink};
use crate::talk::{say, say_report};

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    let started = Instant::now();
    let path = match &args.output {
        Some(path) => path.clone(),
        None => default_output(&args.input)?,
    };
    let output = Output::new(&path, args.output_format, &args.writing)?;
    let input = Input::open(&args.input, &args.reading)?;
    let info = described(&input);
    let (name, mut notes) = (input.name.clone(), input.notes());
    let reader = match &input.kind {
        Kind::Evz(reader) => Some(reader.clone()),
        Kind::Other(_) => None,
    };
    let (source, selection, _spool) = input.into_source(&args.selection)?;
    let mut source: Box<dyn EventSource> = match args.on_unsorted {
        OnUnsorted::Keep => source,
        OnUnsorted::Sort => Box::new(SortedSource::new(source)),
        OnUnsorted::Stop => Box::new(InOrder::new(source, name)),
    };

    let mut sink = match output.format {
        Format::Text => {
            // What settles how text is read says nothing of how it is written.
            let told = reader.is_some().then_some(&args.reading);
            let start = of_source_or_name(&info, &output.path)?;
            output.create_text(&shape(start, told, &args.text, &info)?, &info)?
        }
        _ => output.create_evz(&info)?,
    };
    let events = pump(&mut *source, &mut sink)?;
    let left_behind = match &reader {
        Some(reader) => side_streams(reader, &selection, &mut sink)?,
        None => None,
    };
    let closing = source.closing_metadata();
    let bytes = output.finish(sink, &closing)?;

    let mut report = source.report();
    report.notes.append(&mut notes);
    report.losses.extend(left_behind);
    let lost = say_report(&report);
    let untouched = selection == Selection::default() && args.on_unsorted != OnUnsorted::Sort;
    if untouched && output.format == Format::Evz && reader.is_none() {
        say_regularity(&closing);
    }
    summarize(&output.name(), events, bytes, started);
    Ok(Outcome::of_loss(lost))
}

/// The input's name with the extension of the format that `convert` is for.
fn default_output(input: &Path) -> Result<PathBuf> {
    let ask = |why: &str| Err(Error::invalid(format!("{why}; name the output")).into());
    if is_pipe(input) {
        return ask("standard input has no name to make one of");
    }
    let mut path = input.to_owned();
    if path
        .extension()
        .is_some_and(|e| e == "gz" || e == "zst" || e == "zip")
    {
        path.set_extension("");
    }
    path.set_extension("evz");
    if path == input {
        return ask(&format!("{} is .evz already", input.display()));
    }
    Ok(path)
}

/// What is known of the recording, and where it comes from.
fn described(input: &Input) -> StreamInfo {
    let mut info = input.info();
    let format = match input.kind {
        Kind::Evz(_) => Format::Evz,
        Kind::Other(_) => Format::Text,
    };
    let file = Path::new(&input.name).file_name().unwrap_or_default();
    let metadata = &mut info.metadata;
    let first = |metadata: &mut Metadata, key: &str, value: String| {
        metadata.entry(key.to_owned()).or_insert(value.into());
    };
    first(metadata, "source.file", file.to_string_lossy().into_owned());
    first(metadata, "source.format", format.to_string());
    let version = concat!("evz ", env!("CARGO_PKG_VERSION"));
    metadata.insert("converter".to_owned(), version.into());
    info
}

/// Copies the side streams; those that the output cannot hold are a loss.
fn side_streams(reader: &Reader, selection: &Selection, sink: &mut Sink) -> Result<Option<Loss>> {
    let streams = reader.side_streams()?;
    if streams.is_empty() || sink.copy_side_streams(reader, selection)? {
        return Ok(None);
    }
    Ok(Some(Loss {
        what: "side streams, which text does not hold".to_owned(),
        count: streams.len() as u64,
        examples: streams
            .iter()
            .map(|(s, rows)| format!("{}: {rows} rows", s.name))
            .collect(),
    }))
}

fn say_regularity(closing: &Metadata) {
    match regularity(closing) {
        Some(Ok(())) => say("converted back to text, it gives the same bytes"),
        Some(Err(line)) => say(format_args!(
            "converted back to text, it gives the same events, and other bytes from line {line} on"
        )),
        None => {}
    }
}

/// One line on what was written.
pub(super) fn summarize(name: &str, events: u64, bytes: Option<u64>, started: Instant) {
    let size = match bytes {
        Some(bytes) if events > 0 => {
            let bits = bytes as f64 * 8.0 / events as f64;
            format!(", {}, {bits:.1} bits an event", human::bytes(bytes))
        }
        Some(bytes) => format!(", {}", human::bytes(bytes)),
        None => String::new(),
    };
    let elapsed = started.elapsed();
    let rate = events as f64 / elapsed.as_secs_f64().max(1e-9);
    say(format_args!(
        "{name}: {} events{size}, in {} ({} events/s)",
        human::count(events),
        human::duration(elapsed.as_nanos()),
        human::short(rate)
    ));
}
