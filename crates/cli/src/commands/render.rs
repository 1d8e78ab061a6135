//! `render`: frames.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use evz::render::Windows;
use evz::{Error, ErrorKind, Recording, Rendering, Selection};

use super::Outcome;
use crate::args::{Device, FrameFormat, RenderArgs, SplitBy};
use crate::camera_frames;
use crate::camera_ground;
use crate::device;
use crate::ending;
use crate::frame_output::FrameOutput;
use crate::frame_table::FrameTable;
use crate::given::Given;
use crate::input::{self, is_pipe, side_stream};
use crate::many_frames;
use crate::marks;
use crate::moment::Moment;
use crate::pace::Pace;
use crate::progress::Meter;
use crate::refuse::{TextIsWritten, check_input, refuse};
use crate::rendering::{self, Unsaid};
use crate::side_again::Met;
use crate::time_list;
use crate::words::human::{counted, duration, short};
use crate::words::{say, say_frames_report, say_report};

/// What `--rectify` takes in place of a map.
const CALIBRATION: &str = "calibration";

pub(crate) fn run(args: &RenderArgs, given: &Given) -> Result<Outcome> {
    let started = Instant::now();
    let met = Met::default();
    let output = FrameOutput::new(args, &met)?;
    let recording = input::open(&args.input, &args.reading)?;
    check_input(&args.reading.options(), &recording, TextIsWritten::No)?;
    let name = recording.name().to_owned();
    if let Some(stream) = side_stream(&args.reading, &recording)? {
        let mut table = recording.into_side_table(&stream, &args.selection.wanted())?;
        let (written, names, report) =
            camera_frames::write(args, given, output.format(), &mut table)?;
        let lost = say_report(&report);
        if written == 0 {
            return Err(nothing(name, &stream).into());
        }
        say(format_args!(
            "{names}: {} of {stream}",
            counted(written, "picture")
        ));
        return Ok(Outcome::of_loss(lost));
    }
    camera_ground::check(args, &recording)?;
    marks::check(args, &recording)?;
    let recording = match args.follow {
        true => followed(args, recording)?,
        false => with_extent(args, recording)?,
    };
    let has_size = recording.info().size.is_some() || args.geometry.rectify.is_some();
    let unsaid = match output.is_movie() {
        true => Unsaid::Movie,
        false => Unsaid::One,
    };
    let (mut frames, moment) = frames(args, output.format(), unsaid, recording, &met)?;
    let one = args.windows.say_one() || (unsaid == Unsaid::One && args.windows.say_nothing());
    if !has_size {
        let size = frames.size();
        say(format_args!(
            "{name}: {size} from the largest coordinates; --size settles it"
        ));
    }
    if moment.is_known() {
        moment.check(&name, &frames)?;
    }
    if let Some(pace) = Pace::of(&args.windows, output.is_movie()) {
        pace.say(&args.windows);
    }
    let bound = |frames: u64| match args.large {
        true => Ok(()),
        false => many_frames::check(&name, frames).map_err(|error| {
            error
                .advise("pass --large")
                .advise("make fewer or smaller frames")
        }),
    };
    bound(frames.at_least())?;
    let mut sink = output.create(&frames, moment.first, one)?;
    let table = args.frame_table.as_ref();
    let mut table = table
        .map(|path| FrameTable::create(path, args.force))
        .transpose()?;
    let (mut n_frames, mut n_events) = (0u64, 0);
    let mut meter = Meter::new();
    while frames.next_frame()?.is_some() {
        let Some(frame) = frames.frame() else { break };
        sink.write(frame, frames.prepared())?;
        if let Some(table) = &mut table {
            table.write(frame)?;
        }
        n_frames += 1;
        // Of a file that grows, as many as come; not as many as one step of its clock makes.
        let before = if args.follow { n_frames } else { 0 };
        bound(frames.at_least() - before)?;
        n_events += frame.n_events;
        meter.add(frame.n_events as usize, None);
    }
    meter.end();
    device::say_choice(&frames);
    if !moment.is_known() {
        moment.check(&name, &frames)?;
    }
    if n_frames == 0 {
        return Err(nothing(name, "events").into());
    }
    // What is in several frames would look like events that the recording has not.
    let each = if frames.overlap() {
        " in all frames"
    } else {
        ""
    };
    let drawn = sink
        .upscaled()
        .map(|(width, height)| format!(", drawn as {width}x{height}"));
    let size = sink.size();
    let written = sink.finish()?;
    if let Some(table) = table {
        table.finish()?;
    }
    let took = started.elapsed();
    say(format_args!(
        "{written}: {} of {}, {}{}{}, in {} ({} events/s)",
        counted(n_frames, "frame"),
        size,
        counted(n_events, "event"),
        each,
        drawn.unwrap_or_default(),
        duration(took.as_nanos()),
        short(n_events as f64 / took.as_secs_f64().max(1e-9)),
    ));
    let mut report = frames.report();
    report.merge_reading(met.into_report());
    Ok(Outcome::of_loss(say_frames_report(report)))
}

/// The recording, with an index where nothing else says how far its events reach: a file is read once
/// more for that, of the formats of which there are indexes.
fn with_extent(args: &RenderArgs, recording: Recording) -> Result<Recording> {
    let size = recording.info().size.is_some() || args.geometry.rectify.is_some();
    let known = size || recording.index().is_some();
    if known || !args.input.is_file() {
        return Ok(recording);
    }
    let input = input::bytes(&args.input)?;
    let options = args.reading.options().with_index_in_memory();
    match evz::open_input(input, args.reading.input_format, &options) {
        Err(error) if error.kind() == ErrorKind::Unsupported => Ok(recording),
        indexed => Ok(indexed?),
    }
}

/// The recording, to be read on while it grows.
fn followed(args: &RenderArgs, recording: Recording) -> Result<Recording> {
    let device = [("--device", args.device != Device::Cpu)];
    refuse(&device, "the CPU makes the frames of a file that grows")?;
    let frames = [("--frames", args.windows.frames.is_some())];
    refuse(&frames, "how far a file reaches that grows is not known")?;
    let end = match is_pipe(&args.output) {
        true => ending::by_signal_or_reader()?,
        false => ending::by_signal(),
    };
    Ok(recording.follow(end)?)
}

/// The error where nothing of `what` is in the recording, or in the selection.
fn nothing(name: String, what: &str) -> Error {
    let what = format!("there are no {what} to render, in all of it or in what is selected of it");
    Error::insufficient(name, what)
}

/// The frames, and the moment that they are of.
fn frames(
    args: &RenderArgs,
    output: FrameFormat,
    unsaid: Unsaid,
    recording: Recording,
    met: &Met,
) -> Result<(Rendering, Moment)> {
    let (recording, first) = recording.started()?;
    let (recording, selection) = recording.selection(&args.selection.wanted())?;
    let (recording, listed) = match args.windows.frames {
        Some(n) => {
            let (recording, windows) = parts(args, recording, &selection, n)?;
            (recording, Some(windows))
        }
        None => {
            let of = rendering::made(&args.windows, unsaid, &args.mode)?;
            let listed = time_list::windows(args, of, &recording, first, met)?;
            (recording, listed)
        }
    };
    let mut options = rendering::options(
        &args.windows,
        listed,
        unsaid,
        &args.mode,
        &recording.info(),
        first,
        selection,
    )?;
    options.live = args.follow;
    let is_array = matches!(output, FrameFormat::Npy | FrameFormat::Npz);
    options.preparation = args.preparation()?.filter(|_| is_array);
    if let Some(path) = &args.geometry.rectify {
        let map = match path.as_os_str() == CALIBRATION {
            true => evz::rectify_map_of(&recording.info(), recording.name())?,
            false => evz::rectify_map(input::bytes(path)?)?,
        };
        let (unseen, size) = (map.unseen(), map.size());
        if unseen > 0 {
            say(format_args!(
                "{}: {} of {size} {} no place on the frame",
                path.display(),
                counted(unseen, "pixel"),
                if unseen == 1 { "has" } else { "have" },
            ));
        }
        options = options.with_rectification(Arc::new(map));
    }
    options.numbered = args.frame_table.is_some() || output == FrameFormat::Npz;
    let moment = Moment::of(&args.windows, &options, &recording, first)?;
    let on = device::options(args.device)?;
    Ok((Rendering::of(recording, options, on)?, moment))
}

/// So many windows of what is selected. A file without an index is read once more for that.
fn parts(
    args: &RenderArgs,
    recording: Recording,
    selection: &Selection,
    n: u64,
) -> Result<(Recording, Windows)> {
    let by = match args.windows.split_by {
        SplitBy::Time => evz::SplitBy::Time,
        SplitBy::Number => evz::SplitBy::Number,
    };
    let again = recording.index().is_none();
    if again && !args.input.is_file() {
        let what = format!(
            "{}: is read once, and --frames has to know before how far it reaches",
            recording.name()
        );
        return Err(Error::invalid(what)
            .advise("write it to a file first")
            .into());
    }
    let (back, windows) = recording.frame_parts(selection, n, by)?;
    let recording = match back {
        Some(recording) => recording,
        None => input::open_again(&args.input, &args.reading)?,
    };
    Ok((recording, windows))
}
