//! `convert`: any format to any format.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use evz::{Copied, Error, Note, OnUnsorted, Recording, Report, Selection, unpacked_name};

use super::Outcome;
use super::convert_streams::{self, Found};
use crate::args::ConvertArgs;
use crate::input::{is_pipe, side_stream};
use crate::output::Target;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_input, check_writing};
use crate::words::{human, say, say_report};

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    let started = Instant::now();
    let (inputs, path) = match args.files.as_slice() {
        [input] => (std::slice::from_ref(input), default_output(input)?),
        [inputs @ .., output] => (inputs, output.clone()),
        [] => return Err(Error::invalid("no recording to convert").into()),
    };
    let target = Target::new(&path, args.output_format, &args.writing)?;
    let to_text = target.format.name == "text";
    let mut options = args.text.options(None, args.writing.options());
    check_writing(&options, target.format)?;
    let recording = match convert_streams::open(inputs, args, &target)? {
        Found::One(recording) => recording,
        Found::Several(rig) => return convert_streams::run(rig, args, &target, started),
    };
    let from_text = recording.format().name == "text";
    let text = match to_text {
        true => TextIsWritten::Yes,
        false => TextIsWritten::No,
    };
    check_input(&args.reading.options(), &recording, text)?;
    if let Some(stream) = side_stream(&args.reading, &recording)? {
        return convert_side(recording, stream, args, &target);
    }
    if to_text && !from_text {
        // What settles how text is read says nothing of how it is written.
        options = args
            .text
            .options(Some((&args.reading, recording.format())), options);
    }
    let (info, name) = (recording.info_for_copy(), recording.name().to_owned());
    let (recording, selection) = recording.selection(&args.selection.wanted())?;
    let mut meter = Meter::new();
    // Who is to look at the order of events has to see them.
    let in_order = args.on_unsorted == OnUnsorted::Keep;
    let cut =
        target.format.name == "evz" && in_order && evz::can_cut(&recording, &selection, &options)?;
    let (copied, whole) = if cut {
        let out = target.output()?;
        let copied = evz::cut_with(&recording, &selection, out, |n, progress| {
            meter.add(n, progress)
        })?;
        (copied, selection == Selection::default())
    } else {
        let source = recording.into_selected(selection);
        let mut source = args.on_unsorted.apply(source, &name)?;
        let sink = target.create(&info, &options)?;
        let copied = evz::copy_with(&mut *source, sink, |n, progress| meter.add(n, progress))?;
        (copied, source.is_whole())
    };
    meter.end();
    let lost = say_report(&with_order(copied.report.clone(), args.on_unsorted));
    if from_text && target.format.name == "evz" && whole {
        say_regularity(&copied);
    }
    summarize(&target.name(), copied.events, target.bytes(), started);
    Ok(Outcome::of_loss(lost))
}

/// One side stream as a table of its own.
fn convert_side(
    recording: Recording,
    stream: &str,
    args: &ConvertArgs,
    target: &Target,
) -> Result<Outcome> {
    let table = recording.into_side_table(stream, &args.selection.wanted())?;
    let written = evz::write_side(table, target.output()?, target.format)?;
    let lost = say_report(&written.report);
    let rows = human::counted(written.rows, "row");
    say(format_args!("{}: {rows} of {stream}", target.name()));
    Ok(Outcome::of_loss(lost))
}

/// The input's name with the extension of the format that `convert` is for.
fn default_output(input: &Path) -> Result<PathBuf> {
    let ask = |why: &str| Err(Error::invalid(format!("{why}; name the output")).into());
    if is_pipe(input) {
        return ask("standard input has no name to make one of");
    }
    if evz::is_device(input) {
        return ask(&format!("{} is no file to name one after", input.display()));
    }
    let path = unpacked_name(input).with_extension("evz");
    if path == input {
        return ask(&format!("{} is .evz already", input.display()));
    }
    Ok(path)
}

/// The report, which also says what became of times that run backwards.
pub(super) fn with_order(mut report: Report, on_unsorted: OnUnsorted) -> Report {
    let done = match on_unsorted {
        OnUnsorted::Sort => "the output is in order of time",
        _ => "the order is kept",
    };
    for note in &mut report.notes {
        if let Note::Backwards { .. } = note {
            *note = Note::Other(format!("{note}; {done}"));
        }
    }
    report
}

fn say_regularity(copied: &Copied) {
    if copied.report.has_losses() {
        return say("converted back to text, it gives other bytes: what was lost is missing");
    }
    match evz::text::regularity(&copied.closing) {
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
