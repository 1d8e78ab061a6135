//! `convert`: any format to any format.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use evz::file::SortedSource;
use evz::text::regularity;
use evz::{
    Error, EventSource, Format, Loss, Metadata, Reader, Report, Selection, StreamInfo,
    unpacked_name,
};

use super::Outcome;
use crate::applies::{check_input, check_writing};
use crate::cli::{ConvertArgs, OnUnsorted};
use crate::human;
use crate::input::{Input, is_pipe};
use crate::order::InOrder;
use crate::pump::pump;
use crate::shape::{of_source_or_name, shape};
use crate::side_streams::LEFT_OUT;
use crate::side_table::SideTable;
use crate::sink::{Output, Sink};
use crate::talk::{say, say_report};
use crate::target::is_device;
use crate::watch::BACKWARDS;
use crate::whole;

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    let started = Instant::now();
    let path = match &args.output {
        Some(path) => path.clone(),
        None => default_output(&args.input)?,
    };
    let output = Output::new(&path, args.output_format, &args.writing)?;
    check_writing(&args.writing, Some(&args.text), output.format)?;
    let input = Input::open(&args.input, &args.reading)?;
    let from = input.format();
    check_input(&args.reading, &input, output.format == Format::Text)?;
    if let Some(stream) = args.reading.side_stream() {
        let (rows, loss) = SideTable::open(input, stream, &args.selection)?.write(&output)?;
        let mut report = Report::default();
        report.losses.extend(loss);
        let lost = say_report(&report);
        let (name, rows) = (output.name(), human::counted(rows, "row"));
        say(format_args!("{name}: {rows} of {stream}"));
        return Ok(Outcome::of_loss(lost));
    }
    let mut info = described(&input);
    let of_whole = whole::take(&mut info.metadata);
    let (name, reader) = (input.name.clone(), input.reader().cloned());
    let (source, selection) = input.into_source(&args.selection)?;
    let in_order = selection == Selection::default() && args.on_unsorted != OnUnsorted::Sort;
    let mut source: Box<dyn EventSource> = match args.on_unsorted {
        OnUnsorted::Keep => source,
        OnUnsorted::Sort => Box::new(SortedSource::new(source)),
        OnUnsorted::Stop => Box::new(InOrder::new(source, name)),
    };

    let mut sink = output.create(&info, || {
        // What settles how text is read says nothing of how it is written.
        let told = (from != Format::Text).then_some(&args.reading);
        let start = of_source_or_name(&info, &output.path)?;
        shape(start, told, &args.text, &info)
    })?;
    let events = pump(&mut *source, &mut sink)?;
    let side = match &reader {
        Some(reader) => side_streams(reader, &selection, &mut sink)?,
        None => Report::default(),
    };
    let mut report = source.report();
    let is_whole = in_order && report.losses.is_empty();
    let closing = whole::closing(of_whole, source.closing_metadata(), is_whole);
    let (bytes, left_out) = output.finish(sink, &closing)?;

    for note in report.notes.iter_mut().filter(|n| n.starts_with(BACKWARDS)) {
        note.push_str(match args.on_unsorted {
            OnUnsorted::Sort => "; the output is in order of time",
            _ => "; the order is kept",
        });
    }
    report.notes.extend(side.notes);
    report
        .losses
        .extend(side.losses.into_iter().chain(left_out));
    let lost = say_report(&report);
    if from == Format::Text && output.format == Format::Evz && in_order {
        say_regularity(&closing, is_whole);
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
    if is_device(input) {
        return ask(&format!("{} is no file to name one after", input.display()));
    }
    let path = unpacked_name(input).with_extension("evz");
    if path == input {
        return ask(&format!("{} is .evz already", input.display()));
    }
    Ok(path)
}

/// What is known of the recording, and where it comes from.
fn described(input: &Input) -> StreamInfo {
    let mut info = input.info();
    let metadata = &mut info.metadata;
    // Formats that are read from front to back say where they come from themselves.
    if input.reader().is_some() && !metadata.contains_key("source.file") {
        let file = Path::new(&input.name).file_name().unwrap_or_default();
        let file = file.to_string_lossy().into_owned();
        metadata.insert("source.file".to_owned(), file.into());
        metadata.insert("source.format".to_owned(), input.format().name().into());
    }
    let version = concat!("evz ", env!("CARGO_PKG_VERSION"));
    metadata.insert("converter".to_owned(), version.into());
    info
}

/// Copies the side streams; those that the output cannot hold are a loss.
fn side_streams(reader: &Reader, selection: &Selection, sink: &mut Sink) -> Result<Report> {
    let mut report = Report::default();
    let streams = reader.side_streams()?;
    if streams.is_empty() {
        return Ok(report);
    }
    if sink.copy_side_streams(reader, selection)? {
        if *selection != Selection::default() {
            let note = "side streams are copied in whole batches of rows, those that reach into \
                        --from to --to; rows outside the selection come along";
            report.notes.push(note.to_owned());
        }
        return Ok(report);
    }
    report.losses.push(Loss {
        what: LEFT_OUT.to_owned(),
        count: streams.len() as u64,
        examples: streams
            .iter()
            .map(|(s, rows)| format!("{}: {}", s.name, human::counted(*rows, "row")))
            .collect(),
    });
    Ok(report)
}

fn say_regularity(closing: &Metadata, nothing_lost: bool) {
    if !nothing_lost {
        return say("converted back to text, it gives other bytes: what was lost is missing");
    }
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
        "{name}: {}{size}, in {} ({} events/s)",
        human::counted(events, "event"),
        human::duration(elapsed.as_nanos()),
        human::short(rate)
    ));
}
