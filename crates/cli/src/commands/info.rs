//! `info`: what a recording is and holds.

use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::{Error, Question, Recording};
use serde::Serialize;
use serde_json::Value;

use super::info_page::page;
use super::{Outcome, info_folder, info_follow};
use crate::args::InfoArgs;
use crate::facts::{self, Facts, Found};
use crate::input;
use crate::pixels_output::PixelsOutput;
use crate::refuse::{TextIsWritten, check_input, check_reading};
use crate::standard_output::print;
use crate::words::human::{bytes, counted};
use crate::words::{say_report, say_stream_report};

pub(crate) fn run(args: &InfoArgs) -> Result<Outcome> {
    if args.follow {
        return info_follow::run(args);
    }
    if args.file.is_dir() && !args.layout {
        return info_folder::run(args);
    }
    if args.layout {
        let evz = evz::format("evz")?;
        check_reading(&args.reading.options(), &[evz], TextIsWritten::No)?;
        return layout(&args.file);
    }
    let recording = match args.reading.stream {
        Some(_) => input::open_events(&args.file, &args.reading, "info")?,
        None => {
            let mut streams = input::open_streams(&args.file, &args.reading)?;
            match (streams.pop(), streams.is_empty()) {
                (Some(only), true) => only,
                (last, _) => return several(args, streams.into_iter().chain(last).collect()),
            }
        }
    };
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let name = recording.name().to_owned();
    let begin = |path: &PathBuf| PixelsOutput::begin(path, args.force);
    let pixels = args.pixels.as_ref().map(begin).transpose()?;
    let found = facts::of(recording, args.reach(false))?;
    if let Some(output) = pixels {
        output.write(found.pixels.as_ref(), &found.facts)?;
    }
    let text = if args.json {
        serde_json::to_string_pretty(&found.facts)? + "\n"
    } else {
        page(&name, &found.facts)
    };
    print(&text)?;
    Ok(Outcome::of_loss(say_report(&found.report)))
}

/// What a recording of several event streams holds, stream by stream.
#[derive(Serialize)]
struct Several {
    source: String,
    format: &'static str,
    bytes: Option<u64>,
    streams: Vec<Facts>,
}

fn several(args: &InfoArgs, streams: Vec<Recording>) -> Result<Outcome> {
    if args.pixels.is_some() {
        let names = streams
            .iter()
            .enumerate()
            .map(|(i, s)| stream_name(&s.info().name, i));
        let what = "pixels are those of one event stream, and there are several";
        let error = Error::invalid(what).settled_by(Question::Stream, names);
        return Err(error.into());
    }
    let mut all = Several {
        source: String::new(),
        format: "",
        bytes: None,
        streams: Vec::new(),
    };
    let mut reports = Vec::new();
    for (number, stream) in streams.into_iter().enumerate() {
        check_input(&args.reading.options(), &stream, TextIsWritten::No)?;
        (all.source, all.format) = (stream.name().to_owned(), stream.format().name);
        all.bytes = stream.bytes();
        let Found {
            mut facts, report, ..
        } = facts::of(stream, args.reach(false))?;
        facts.is_one_of_several();
        reports.push((stream_name(&facts.name, number), report));
        all.streams.push(facts);
    }
    let text = if args.json {
        serde_json::to_string_pretty(&all)? + "\n"
    } else {
        let size = all.bytes.map(|size| format!(", {}", bytes(size)));
        let n = counted(all.streams.len() as u64, "event stream");
        let (source, format) = (&all.source, all.format);
        let title = format!("{source}: {format}, {n}{}\n", size.unwrap_or_default());
        let pages = all.streams.iter().zip(&reports);
        title
            + &pages
                .map(|(facts, (name, _))| page(name, facts))
                .collect::<String>()
    };
    print(&text)?;
    let lost = reports
        .iter()
        .map(|(name, report)| say_stream_report(report, name));
    Ok(Outcome::of_loss(lost.fold(false, |all, lost| all | lost)))
}

/// What a stream is called: its number, if it has no name.
fn stream_name(name: &str, number: usize) -> String {
    match name {
        "" => number.to_string(),
        name => name.to_owned(),
    }
}

fn layout(file: &Path) -> Result<Outcome> {
    let layout = evz::file::layout(input::bytes(file)?)?;
    let mut json = serde_json::to_value(&layout)?;
    readable(&mut json);
    print(&(serde_json::to_string_pretty(&json)? + "\n"))?;
    Ok(Outcome::Done)
}

/// Writes magics as hex and leaves out what is reserved, which is zero: as lists of numbers they
/// fill the page.
fn readable(json: &mut Value) {
    match json {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.starts_with("reserved"));
            for (name, value) in fields {
                match value.as_array().filter(|_| name == "magic") {
                    Some(magic) => {
                        let bytes = magic.iter().filter_map(Value::as_u64);
                        *value = bytes.map(|b| format!("{b:02x}")).collect::<String>().into();
                    }
                    None => readable(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(readable),
        _ => {}
    }
}
