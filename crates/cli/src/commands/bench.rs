//! `bench`: how fast this machine is.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use evz::render::{RenderOptions, Representation};
use evz::{Error, EventIndex, OpenOptions, ReadOptions, Selection, StreamInfo};

use super::Outcome;
use crate::args::{BenchArgs, ModeArgs, Operation, WindowArgs};
use crate::bench::{
    Figures, GpuFigures, decode, encode, gpu, matrix, parse, query, render, spread,
};
use crate::input;
use crate::refuse::{TextIsWritten, check_reading, refuse};
use crate::rendering::{self, Unsaid};
use crate::standard_output::print;
use crate::words::human::{bytes, counted, duration, short};

/// Events of a frame of gpu.
const GPU_FRAME_EVENTS: u64 = 100_000;

pub(crate) fn run(args: &BenchArgs, itself: &[OsString]) -> Result<Outcome> {
    // Without --matrix the command line has both.
    let (Some(operation), Some(file)) = (args.operation, &args.file) else {
        let reading = (args.reading.input_format, args.reading.options());
        let given = [("--matrix", reading != (None, OpenOptions::new()))];
        refuse(
            &given,
            "it measures synthetic recordings, of which nothing is told",
        )?;
        matrix(
            itself,
            args.up_to,
            args.profile.as_deref(),
            args.csv.as_deref(),
        )?;
        return Ok(Outcome::Done);
    };
    check(args, operation, file)?;
    let options = args.reading.options();
    let figures = match operation {
        Operation::Parse => parse(file, &options)?,
        Operation::Encode => {
            let mut source = evz::open(file, &options)?.into_source();
            encode(&mut *source, args.profile.as_deref())?
        }
        Operation::Decode => decode(&*indexed(file, args)?)?,
        Operation::Query => {
            let index = indexed(file, args)?;
            let window = args.window_us.unwrap_or(10_000);
            let starts = match args.starts_us.is_empty() {
                true => spread(&*index, window),
                false => args.starts_us.clone(),
            };
            query(&*index, window, &starts)?
        }
        Operation::Render => {
            let index = indexed(file, args)?;
            let mut info = index.info().clone();
            info.size = args.reading.size.or(info.size);
            let options = bench_options(args, &info)?;
            let name = file.display().to_string();
            render(&name, index, &options, args.device.unwrap_or_default())?
        }
        Operation::Gpu => return on_gpu(args, file),
    };
    let text = if args.json {
        serde_json::to_string_pretty(&figures)?
    } else {
        lines(&figures)
    };
    print(text + "\n")?;
    Ok(Outcome::Done)
}

/// Refuses options that this operation has no use for, and a file that cannot be read many times.
fn check(args: &BenchArgs, operation: Operation, file: &Path) -> Result<()> {
    let format = match args.reading.input_format {
        Some(format) => format,
        None => evz::detect_format(file)?,
    };
    check_reading(&args.reading.options(), &[format], TextIsWritten::No)?;
    if operation == Operation::Gpu {
        let stream = [("--stream", args.reading.stream.is_some())];
        refuse(&stream, "gpu measures the first event stream")?;
    }
    if args.reading.stream.is_some() {
        input::open_events(file, &args.reading, "bench")?;
    }
    if operation != Operation::Encode {
        refuse(
            &[("--profile", args.profile.is_some())],
            "only encode encodes",
        )?;
    }
    if operation != Operation::Query {
        let windows = [
            ("--window-us", args.window_us.is_some()),
            ("--starts-us", !args.starts_us.is_empty()),
        ];
        refuse(&windows, "only query takes windows of these")?;
    }
    if !matches!(operation, Operation::Render | Operation::Gpu) {
        refuse(
            &[("--count", args.count.is_some())],
            "only render and gpu make frames",
        )?;
    }
    if !matches!(operation, Operation::Render | Operation::Gpu) {
        refuse(
            &[("--mode", args.mode.is_some())],
            "only render and gpu make frames",
        )?;
    }
    if operation != Operation::Render {
        let frames = [
            ("--window", args.window.is_some()),
            ("--device", args.device.is_some()),
            ("--like", args.like.is_some()),
        ];
        refuse(&frames, "only render takes these")?;
    }
    let is_evz = format.name == "evz";
    let why = match operation {
        Operation::Encode => return Ok(()),
        Operation::Parse if is_evz => "parse measures other formats; convert it to one",
        Operation::Gpu if !is_evz => "this measures evz; make an .evz of it with evz convert",
        Operation::Decode | Operation::Query | Operation::Render
            if !is_evz && !evz::index_path(file).exists() =>
        {
            "this measures evz; make an .evz of it with evz convert, or an index with evz index"
        }
        _ => return Ok(()),
    };
    let file = file.display();
    Err(Error::invalid(format!("{file}: is {format}, {why}")).into())
}

/// A recording whose windows are had at once.
fn indexed(file: &Path, args: &BenchArgs) -> Result<Arc<dyn EventIndex>> {
    let recording = evz::open(file, &args.reading.options())?;
    let index = recording.shared_index();
    index.ok_or_else(|| Error::invalid(format!("{}: has no index", file.display())).into())
}

fn on_gpu(args: &BenchArgs, file: &Path) -> Result<Outcome> {
    let reader = ReadOptions::new().open(file)?;
    let size = args.reading.size.or(reader.info().size);
    let size = size.ok_or_else(|| {
        Error::invalid("the file does not say the size of its sensor; pass --size")
    })?;
    let mode = args.mode.unwrap_or(Representation::Signed);
    let figures = gpu(&reader, args.count.unwrap_or(GPU_FRAME_EVENTS), size, mode)?;
    let text = if args.json {
        serde_json::to_string_pretty(&figures)?
    } else {
        gpu_lines(&figures)
    };
    print(text + "\n")?;
    Ok(Outcome::Done)
}

fn gpu_lines(figures: &GpuFigures) -> String {
    let percent = |part: f64| format!("{:.0}%", part * 100.0);
    [
        format!(
            "{}: {}, {}",
            figures.device,
            counted(figures.events, "event"),
            bytes(figures.compressed_bytes)
        ),
        format!(
            "  device copy, read and written: {}B/s",
            short(figures.device_copy_bytes_per_s)
        ),
        format!(
            "  host to device, pinned: {}B/s",
            short(figures.host_to_device_bytes_per_s)
        ),
        format!(
            "  decode to columns: {} events/s, {} of device copy",
            short(figures.decode_events_per_s),
            percent(figures.decode_of_device_copy)
        ),
        format!(
            "  frames of {}, chunks on the device: {} events/s",
            counted(figures.frame_events, "event"),
            short(figures.frames_events_per_s)
        ),
        format!(
            "  the same from the page cache: {} events/s, {} of host to device",
            short(figures.file_to_frames_events_per_s),
            percent(figures.file_of_host_to_device)
        ),
    ]
    .join("\n")
}

/// The frames that render makes.
fn bench_options(args: &BenchArgs, info: &StreamInfo) -> Result<RenderOptions> {
    let windows = WindowArgs {
        count: args.count,
        window: args.window,
        ..WindowArgs::default()
    };
    let mode = ModeArgs {
        mode: args.mode,
        like: args.like,
        ..ModeArgs::default()
    };
    let mut options = rendering::options(
        &windows,
        None,
        Unsaid::Nothing,
        &mode,
        info,
        None,
        Selection::default(),
    )?;
    let preparation = args.like.map(|of| of.preparation);
    options.preparation = preparation.filter(|how| !how.is_none());
    Ok(options)
}

fn lines(figures: &Figures) -> String {
    let time = |s: f64| duration((s * 1e9) as u128);
    let mut lines = vec![format!(
        "{}: {} events/s, {}B/s ({}, {} on {}, median {}, best {})",
        figures.operation,
        short(figures.events_per_s),
        short(figures.bytes_per_s),
        counted(figures.events, "event"),
        counted(figures.runs as u64, "run"),
        counted(figures.threads as u64, "thread"),
        time(figures.median_s),
        time(figures.best_s),
    )];
    if let Some(first) = figures.first_pass_events_per_s {
        lines.push(format!("  into new memory: {} events/s", short(first)));
    }
    if let (Some(median), Some(mean)) = (figures.us_per_query, figures.mean_us_per_query) {
        lines.push(format!(
            "  a window: {median:.1} us, on average {mean:.1} us"
        ));
    }
    if let (Some(frames), Some(rate)) = (figures.frames, figures.frames_per_s) {
        lines.push(format!(
            "  {}: {} frames/s",
            counted(frames, "frame"),
            short(rate)
        ));
    }
    if let Some(peak) = figures.peak_rss_bytes {
        lines.push(format!("  peak memory: {}", bytes(peak)));
    }
    lines.join("\n")
}
