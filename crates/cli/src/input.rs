//! The recording that a verb reads: a file of any format, here or of a server, a pipe, or standard
//! input.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::folder::answering;
use evz::{Error, Input, OneRun, Recording};

use crate::args::ReadingArgs;
use crate::words::say;

/// Opens a recording, and says how it is read.
pub(crate) fn open(path: &Path, args: &ReadingArgs) -> Result<Recording> {
    let recording = evz::open_input(bytes(path)?, args.input_format, &args.options())?;
    recording.report().inferred.iter().for_each(say);
    Ok(recording)
}

/// Opens a file again, of which [`open`] has said how it is read.
pub(crate) fn open_again(path: &Path, args: &ReadingArgs) -> Result<Recording> {
    Ok(evz::open_input(
        bytes(path)?,
        args.input_format,
        &args.options(),
    )?)
}

/// Opens every event stream of a recording, and says how they are read.
pub(crate) fn open_streams(path: &Path, args: &ReadingArgs) -> Result<Vec<Recording>> {
    let streams = evz::open_streams(bytes(path)?, args.input_format, &args.options())?;
    for stream in &streams {
        stream.report().inferred.iter().for_each(say);
    }
    Ok(streams)
}

/// An error if there is no such file, before anything else is found wrong.
pub(crate) fn check_there(path: &Path) -> Result<()> {
    if is_pipe(path) || evz::url_scheme(path).is_some() {
        return Ok(());
    }
    let there = path.metadata().map(|_| ());
    let failed = |e| Error::io(path.display().to_string(), "cannot open", e);
    Ok(there.map_err(failed)?)
}

/// The bytes of a file, of what a URL names, of a pipe that is named, or of standard input.
pub(crate) fn bytes(path: &Path) -> Result<Input> {
    Ok(match is_pipe(path) {
        true => {
            stdin_is_read();
            Input::from_reader(io::stdin(), "standard input")?
        }
        false => evz::input_of(path)?,
    })
}

/// Has no output replace a file that the shell gives as standard input.
pub(crate) fn stdin_is_read() {
    OneRun::reads(Path::new("/dev/stdin"));
}

/// The side stream that is asked for instead of the events, if one is.
pub(crate) fn side_stream(args: &ReadingArgs, recording: &Recording) -> Result<Option<String>> {
    Ok(recording.side_stream_told(args.stream.as_deref())?)
}

/// Opens a recording for a verb that has to do with events alone.
pub(crate) fn open_events(path: &Path, args: &ReadingArgs, verb: &str) -> Result<Recording> {
    of_events(open(path, args)?, args, verb)
}

/// The same of one of many, of which each is read as it says itself, and what is told for those that ask.
pub(crate) fn open_events_of_many(
    path: &Path,
    args: &ReadingArgs,
    verb: &str,
) -> Result<Recording> {
    let (recording, _) = answering(&args.options(), |reading| {
        evz::open_input(evz::input_of(path)?, args.input_format, reading)
    })?;
    recording.report().inferred.iter().for_each(say);
    of_events(recording, args, verb)
}

fn of_events(recording: Recording, args: &ReadingArgs, verb: &str) -> Result<Recording> {
    recording.check_event_stream(args.stream.as_deref(), verb)?;
    Ok(recording)
}

/// These files, and below those that are folders what `of` chooses, which is called `what`.
///
/// # Errors
/// If there is none: the name of the folder is mostly a slip.
pub(crate) fn files_of(
    paths: &[PathBuf],
    what: &str,
    of: impl Fn(&Path) -> bool,
) -> Result<Vec<PathBuf>> {
    let (mut files, mut empty) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        let found = evz::folder::recordings(std::slice::from_ref(path), None)?;
        // What cannot be read there fails in its turn.
        files.extend(found.failed.into_iter().map(|(file, _)| file));
        let chosen = found.recordings.into_iter().map(|(file, _)| file);
        files.extend(chosen.filter(|file| of(file)));
        if files.len() == before {
            empty.push(format!("{}: holds no {what}", path.display()));
        }
    }
    if let (true, Some(what)) = (files.is_empty(), empty.first()) {
        return Err(Error::invalid(what).into());
    }
    (empty.iter()).for_each(|what| say(format_args!("note: {what}")));
    Ok(files)
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_pipe(path: &Path) -> bool {
    path.as_os_str() == "-"
}
