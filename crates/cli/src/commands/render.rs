//! `render`: frames.

use std::time::Instant;

use anyhow::Result;
use evz::render::Frames;
use evz::{Error, Recording};

use super::Outcome;
use crate::applies::check_input;
use crate::camera_frames;
use crate::cli::RenderArgs;
use crate::device::{Renderer, without_index};
use crate::frame_output::FrameOutput;
use crate::human::{counted, duration, short};
use crate::input::Input;
use crate::progress::Meter;
use crate::rendering;
use crate::select::{Peeked, resolve};
use crate::side_table::SideTable;
use crate::talk::{say, say_report};

/// What notes and losses say of events beyond the sensor.
const BEYOND: &str = "beyond the sensor of ";

pub(crate) fn run(args: &RenderArgs) -> Result<Outcome> {
    let started = Instant::now();
    let output = FrameOutput::new(args)?;
    let input = Input::open(&args.input, &args.reading)?;
    check_input(&args.reading, &input, false)?;
    let name = input.name.clone();
    if let Some(stream) = args.reading.side_stream() {
        let table = SideTable::open(input, stream, &args.selection)?;
        let written = camera_frames::write(args, output.format(), table)?;
        if written == 0 {
            return Err(nothing(name, stream).into());
        }
        say(format_args!(
            "{}: {} of {stream}",
            output.name(),
            counted(written, "picture")
        ));
        return Ok(Outcome::Done);
    }
    let (mut frames, first) = frames(args, input)?;
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
    if report.losses.iter().any(|loss| loss.what.contains(BEYOND)) {
        report.notes.retain(|note| !note.contains(BEYOND));
    }
    Ok(Outcome::of_loss(say_report(&report)))
}

/// The error where nothing of `what` is in the recording, or in the selection.
fn nothing(name: String, what: &str) -> Error {
    let what = format!("there are no {what} to render, in all of it or in what is selected of it");
    Error::insufficient(name, what)
}

/// The frames, by the index where there is one; and the tick that times are counted from.
fn frames(args: &RenderArgs, input: Input) -> Result<(Frames, Option<i64>)> {
    let info = input.info();
    let options = |first| -> Result<_> {
        let selection = resolve(&args.selection, info.time_base, first)?;
        rendering::options(&args.windows, &args.mode, &info, first, selection)
    };
    Ok(match input.into_recording() {
        Recording::Indexed(reader) => {
            let head = &reader.root().head;
            let first = (head.n_events > 0).then_some(head.t_first);
            let renderer = Renderer::new(&reader, &options(first)?, args.device)?;
            (renderer.frames()?, first)
        }
        Recording::Stream(_, source) => {
            without_index(args.device)?;
            let source = Peeked::new(source)?;
            let first = source.first_time();
            (options(first)?.render_source(Box::new(source))?, first)
        }
    })
}
