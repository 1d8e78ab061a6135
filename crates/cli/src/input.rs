//! The recording that a verb reads: a file of any format, a pipe, or standard input.

use std::io;
use std::path::Path;

use anyhow::Result;
use evz::{Error, Input, Question, Recording};

use crate::args::ReadingArgs;
use crate::words::say;

/// Opens a recording, and says how it is read.
pub(crate) fn open(path: &Path, args: &ReadingArgs) -> Result<Recording> {
    let recording = evz::open_input(bytes(path)?, args.input_format, &args.options())?;
    recording.report().inferred.iter().for_each(say);
    Ok(recording)
}

/// Opens every event stream of a recording, and says how they are read; `whose` stands before that.
pub(crate) fn open_streams(path: &Path, args: &ReadingArgs, whose: &str) -> Result<Vec<Recording>> {
    let streams = evz::open_streams(bytes(path)?, args.input_format, &args.options())?;
    for stream in &streams {
        for line in stream.report().inferred {
            say(format_args!("{whose}{line}"));
        }
    }
    Ok(streams)
}

/// The bytes of a file, of a pipe that is named, or of standard input.
pub(crate) fn bytes(path: &Path) -> Result<Input> {
    Ok(match is_pipe(path) {
        true => Input::from_reader(io::stdin(), "standard input")?,
        false => Input::open(path)?,
    })
}

/// The side stream that is asked for instead of the events, if one is: event streams have numbers,
/// and names of their own.
pub(crate) fn side_stream<'a>(
    args: &'a ReadingArgs,
    recording: &Recording,
) -> Result<Option<&'a str>> {
    let Some(name) = args.stream.as_deref() else {
        return Ok(None);
    };
    let side = recording.side_streams()?;
    if side.iter().any(|s| s == name) {
        return Ok(Some(name));
    }
    if recording.format().open_options.contains(&Question::Stream) {
        return Ok(None);
    }
    let (recording, format) = (recording.name(), recording.format());
    let what =
        format!("{recording}: is {format} and has one event stream; no side stream {name:?}");
    let error = Error::invalid(what);
    Err(match side.is_empty() {
        true => error.without(Question::Stream),
        false => error.settled_by(Question::Stream, side),
    }
    .into())
}

/// Opens a recording for a verb that has to do with events alone.
pub(crate) fn open_events(path: &Path, args: &ReadingArgs, verb: &str) -> Result<Recording> {
    let recording = open(path, args)?;
    if let Some(stream) = side_stream(args, &recording)? {
        let name = recording.name();
        let what = format!("{name}: {verb} takes events, and {stream} is a side stream");
        return Err(Error::invalid(what).without(Question::Stream).into());
    }
    Ok(recording)
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_pipe(path: &Path) -> bool {
    path.as_os_str() == "-"
}
