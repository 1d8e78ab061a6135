//! A recording of which any moment can be had at once.

use std::path::Path;
use std::time::Instant;

use anyhow::Result;
use evz::{CreateOptions, ErrorKind, ReadOptions, Recording, Report, Selection, TemporaryFolder};

use crate::args::PlayArgs;
use crate::input;
use crate::progress::Meter;
use crate::words::human::duration;
use crate::words::say;

/// The recording by an index made in memory, of a file of a format of which there are indexes.
pub(super) fn in_memory(args: &PlayArgs, recording: Recording) -> Result<Recording> {
    let options = args.reading.options();
    let read_anew = args.file.is_file() && options.filters.is_empty() && options.sample.is_none();
    if recording.index().is_some() || !read_anew {
        return Ok(recording);
    }
    let started = Instant::now();
    let bytes = input::bytes(&args.file)?;
    let options = options.with_index_in_memory();
    let indexed = match evz::open_input(bytes, args.reading.input_format, &options) {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(recording),
        indexed => indexed?,
    };
    if indexed.index().is_some() {
        say(format_args!(
            "{}: has no index, and got one in memory in {}; evz index makes one that stays",
            indexed.name(),
            duration(started.elapsed().as_millis().max(1) * 1_000_000)
        ));
    }
    Ok(indexed)
}

/// What is selected of a recording that is read once, in an `.evz` of the temporary folder, which goes with the
/// second value; and what was noticed as it was read.
pub(super) fn copied(
    recording: Recording,
    selection: Selection,
) -> Result<(evz::Reader, TemporaryFolder, Report)> {
    let name = recording.name().to_owned();
    say(format_args!(
        "{name}: has no index, and is first copied into a temporary file that has one"
    ));
    let folder = TemporaryFolder::new("a copy of the recording")?;
    let path = folder.path().join("events.evz");
    let info = recording.info_for_copy();
    let sink = evz::create(&path, &info, &CreateOptions::new(), false)?;
    let mut meter = Meter::new();
    let mut source = recording.into_selected(selection);
    let copied = evz::copy_with(&mut *source, sink, |n, progress| meter.add(n, progress))?;
    meter.end();
    Ok((open(&path)?, folder, copied.report))
}

fn open(path: &Path) -> Result<evz::Reader> {
    Ok(ReadOptions::new().open(path)?)
}
