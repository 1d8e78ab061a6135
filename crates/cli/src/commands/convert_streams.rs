//! `convert` of several event streams: those of several recordings, or all of one.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use evz::{Error, EventSource, Question, Recording, Rig};

use super::Outcome;
use super::convert::{summarize, with_order};
use crate::args::ConvertArgs;
use crate::input;
use crate::output::Target;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_reading};
use crate::words::{say_report, say_stream_report};

/// What the inputs hold.
pub(super) enum Found {
    One(Recording),
    Several(Rig),
}

/// Opens the inputs; of one alone only the stream that is asked for where the output holds one.
pub(super) fn open(inputs: &[PathBuf], args: &ConvertArgs, target: &Target) -> Result<Found> {
    if let ([input], false) = (inputs, target.format.holds.streams) {
        return Ok(Found::One(input::open(input, &args.reading)?));
    }
    if !target.format.holds.streams {
        let (n, format) = (inputs.len(), target.format);
        let what = format!("{n} recordings are {n} event streams, and {format} holds one");
        return Err(Error::invalid(what).advise("end its name in .evz").into());
    }
    let recordings = inputs.iter().map(|input| {
        let whose = match inputs.len() {
            1 => String::new(),
            _ => format!("{}: ", input.display()),
        };
        input::open_streams(input, &args.reading, &whose)
    });
    let mut recordings = recordings.collect::<Result<Vec<_>>>()?;
    if let [of_one] = recordings.as_mut_slice()
        && of_one.len() == 1
        && let Some(recording) = of_one.pop()
    {
        return Ok(Found::One(recording));
    }
    let formats = recordings.iter().flatten().map(Recording::format);
    let formats: Vec<_> = formats.collect();
    check_reading(&args.reading.options(), &formats, TextIsWritten::No)?;
    if let Some(stream) = &args.reading.stream {
        for recording in recordings.iter().flatten() {
            no_side_stream(recording, stream)?;
        }
    }
    Ok(Found::Several(Rig::new(recordings)?))
}

/// A side stream is a table of its own.
fn no_side_stream(recording: &Recording, stream: &str) -> Result<()> {
    if recording.side_streams()?.iter().any(|side| side == stream) {
        let name = recording.name();
        let what =
            format!("{name}: {stream} is a side stream, which is written of one input alone");
        return Err(Error::invalid(what).without(Question::Stream).into());
    }
    Ok(())
}

/// Writes each as an event stream.
pub(super) fn run(
    rig: Rig,
    args: &ConvertArgs,
    target: &Target,
    started: Instant,
) -> Result<Outcome> {
    let (info, together) = (rig.info_for_copy(), rig.report().clone());
    let sources = rig.select(&args.selection.wanted())?;
    let names: Vec<String> = sources.iter().map(|s| s.info().name.clone()).collect();
    let ordered = sources.into_iter().zip(&names);
    let ordered = ordered.map(|(source, name)| args.on_unsorted.apply(source, name));
    let sources = ordered.collect::<evz::Result<Vec<Box<dyn EventSource>>>>()?;
    let sink = target.create(&info, &args.writing.options())?;
    let mut meter = Meter::new();
    let copied = evz::copy_streams(sources, sink, |n, progress| meter.add(n, progress))?;
    meter.end();
    let mut lost = say_report(&together);
    let mut events = 0;
    for (stream, name) in copied.streams.into_iter().zip(&names) {
        lost |= say_stream_report(&with_order(stream.report, args.on_unsorted), name);
        events += stream.events;
    }
    lost |= say_report(&copied.report);
    summarize(&target.name(), events, target.bytes(), started);
    Ok(Outcome::of_loss(lost))
}
