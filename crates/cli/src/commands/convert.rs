//! `convert`: any format to any format.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use evz::{Error, Metadata, OpenOptions, Progress, Recording, Report, Watch, unpacked_name};

use super::{Outcome, convert_folder};
use crate::args::ConvertArgs;
use crate::input::{self, is_pipe};
use crate::output::Target;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_reading, check_writing, refuse};
use crate::words::{human, say, say_report, say_stream_report};

pub(crate) fn run(args: &ConvertArgs) -> Result<Outcome> {
    if convert_folder::is_meant(args) {
        return convert_folder::run(args);
    }
    let started = Instant::now();
    let of_folders = [
        ("--dry-run", args.folder.dry_run),
        ("--report", args.folder.report.is_some()),
        ("--exclude", !args.folder.exclude.is_empty()),
    ];
    refuse(&of_folders, "it is of folders of recordings")?;
    let (inputs, path) = match args.files.as_slice() {
        [input] => (std::slice::from_ref(input), default_output(input)?),
        [inputs @ .., output] => (inputs, output.clone()),
        [] => return Err(Error::invalid("no recording to convert").into()),
    };
    inputs
        .iter()
        .try_for_each(|input| input::check_there(input))?;
    let target = Target::new(&path, args.output_format, &args.writing)?;
    let conversion = args.conversion();
    check_writing(&conversion.writing, target.format)?;
    let mut watching = Watching {
        reading: &conversion.reading,
        text: TextIsWritten::of(target.format),
        meter: Meter::new(),
        from_text: false,
    };
    let bytes = inputs.iter().map(|input| input::bytes(input));
    let bytes = bytes.collect::<Result<Vec<_>>>()?;
    let output = || target.output();
    let converted = conversion.run(bytes, target.format, output, &mut watching)?;
    let from_text = watching.from_text;
    watching.meter.end();
    let mut lost = false;
    for (stream, report) in &converted.of_streams {
        lost |= say_stream_report(report, stream);
    }
    lost |= say_report(&converted.report);
    if let Some(stream) = &converted.side {
        if converted.events == 0 {
            say(no_rows(stream));
        }
        let rows = human::counted(converted.events, "row");
        say(format_args!("{}: {rows} of {stream}", target.name()));
        return Ok(Outcome::of_loss(lost));
    }
    if let Some(closing) = converted.closing.as_ref()
        && from_text
        && target.format.name == "evz"
    {
        say_regularity(closing, &converted.report);
    }
    for (side, rows) in &converted.beside {
        say(format_args!(
            "beside the events: {side}, {}",
            human::counted(*rows, "row")
        ));
    }
    summarize(&target.name(), converted.events, target.bytes(), started);
    Ok(Outcome::of_loss(lost))
}

/// Says how the inputs are read, and how far the work has come.
struct Watching<'a> {
    reading: &'a OpenOptions,
    text: TextIsWritten,
    meter: Meter,
    from_text: bool,
}

impl Watch for Watching<'_> {
    fn opened(&mut self, inputs: &[Vec<Recording>]) -> evz::Result<()> {
        for recording in inputs.iter().flatten() {
            let whose = match inputs.len() {
                1 => String::new(),
                _ => format!("{}: ", recording.name()),
            };
            for line in recording.report().inferred {
                say(format_args!("{whose}{line}"));
            }
            self.from_text |= recording.format().name == "text";
        }
        let formats: Vec<_> = inputs.iter().flatten().map(Recording::format).collect();
        check_reading(self.reading, &formats, self.text)
    }

    fn passed(&mut self, events: usize, progress: Option<Progress>) {
        self.meter.add(events, progress);
    }
}

/// What there is to say where a side stream gives nothing.
pub(super) fn no_rows(stream: &str) -> String {
    format!("note: {stream} has no rows, in all of it or in what is selected of it")
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
    if evz::url_scheme(input).is_some() {
        return ask(&format!(
            "{} is a URL, which is read and not written",
            input.display()
        ));
    }
    let path = unpacked_name(input).with_extension("evz");
    if path == input {
        return ask(&format!("{} is .evz already", input.display()));
    }
    Ok(path)
}

fn say_regularity(closing: &Metadata, report: &Report) {
    if report.has_losses() {
        return say("converted back to text, it gives other bytes: what was lost is missing");
    }
    match evz::text::regularity(closing) {
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
