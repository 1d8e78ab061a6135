//! `render`: frames.

use std::time::Instant;

use anyhow::Result;
use evz::{Error, LossKind, Note, Recording, Rendering};

use super::Outcome;
use crate::args::{Device, RenderArgs};
use crate::camera_frames;
use crate::device;
use crate::ending;
use crate::frame_output::FrameOutput;
use crate::input::{self, is_pipe, side_stream};
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_input, refuse};
use crate::rendering;
use crate::words::human::{counted, duration, short};
use crate::words::{say, say_report};

pub(crate) fn run(args: &RenderArgs) -> Result<Outcome> {
    let started = Instant::now();
    let output = FrameOutput::new(args)?;
    let recording = input::open(&args.input, &args.reading)?;
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let name = recording.name().to_owned();
    if let Some(stream) = side_stream(&args.reading, &recording)? {
        let follow = [("--follow", args.follow)];
        refuse(&follow, "it is of events, and a side stream was asked for")?;
        let mut table = recording.into_side_table(&stream, &args.selection.wanted())?;
        let written = camera_frames::write(args, output.format(), &mut table)?;
        let lost = say_report(&table.report());
        if written == 0 {
            return Err(nothing(name, &stream).into());
        }
        say(format_args!(
            "{}: {} of {stream}",
            output.name(),
            counted(written, "picture")
        ));
        return Ok(Outcome::of_loss(lost));
    }
    let recording = match args.follow {
        true => followed(args, recording)?,
        false => recording,
    };
    let (mut frames, first) = frames(args, recording)?;
    let mut sink = output.create(&frames, first)?;
    let (mut n_frames, mut n_events) = (0u64, 0);
    let mut meter = Meter::new();
    while let Some(frame) = frames.next_frame()? {
        sink.write(frame)?;
        n_frames += 1;
        n_events += frame.n_events;
        meter.add(frame.n_events as usize, None);
    }
    meter.end();
    device::say_choice(&frames);
    if n_frames == 0 {
        return Err(nothing(name, "events").into());
    }
    sink.finish()?;
    let took = started.elapsed();
    say(format_args!(
        "{}: {} of {}, {}, in {} ({} events/s)",
        output.name(),
        counted(n_frames, "frame"),
        frames.size(),
        counted(n_events, "event"),
        duration(took.as_nanos()),
        short(n_events as f64 / took.as_secs_f64().max(1e-9)),
    ));
    let mut report = frames.report();
    // That events lie there is no news where they are lost.
    let beyond = |loss: &evz::Loss| loss.kind == LossKind::BeyondSensor;
    if report.losses.iter().any(beyond) {
        let beyond = |note: &Note| matches!(note, Note::BeyondSensor { .. });
        report.notes.retain(|note| !beyond(note));
    }
    Ok(Outcome::of_loss(say_report(&report)))
}

/// The recording, to be read on while it grows.
fn followed(args: &RenderArgs, recording: Recording) -> Result<Recording> {
    let device = [("--device", args.device != Device::Cpu)];
    refuse(&device, "the CPU makes the frames of a file that grows")?;
    let end = match is_pipe(&args.output) {
        true => ending::by_signal_or_reader()?,
        false => ending::by_signal()?,
    };
    Ok(recording.follow(end)?)
}

/// The error where nothing of `what` is in the recording, or in the selection.
fn nothing(name: String, what: &str) -> Error {
    let what = format!("there are no {what} to render, in all of it or in what is selected of it");
    Error::insufficient(name, what)
}

/// The frames, and the tick that times are counted from.
fn frames(args: &RenderArgs, recording: Recording) -> Result<(Rendering, Option<i64>)> {
    let (recording, first) = recording.started()?;
    let (recording, selection) = recording.selection(&args.selection.wanted())?;
    let mut options = rendering::options(
        &args.windows,
        &args.mode,
        &recording.info(),
        first,
        selection,
    )?;
    options.live = args.follow;
    let on = device::options(args.device)?;
    Ok((Rendering::of(recording, options, on)?, first))
}
