//! Making an index.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use evz_core::{
    Error, EventBatch, EventSink, Format, Input, Metadata, OpenOptions, Output, Progress, Question,
    Report, Result, Selection,
};
use evz_file::{DEFAULT_CHUNK_EVENTS, EvzSink, WriteOptions};

use super::belongs::Belongs;
use super::{cache, index_path, no_parts, no_places, report};
use crate::open::of_format;
use crate::target::create_output;

/// An index that was made.
#[derive(Debug)]
pub struct Indexed {
    /// Where it stands.
    pub path: PathBuf,
    /// Events that it is of.
    pub events: u64,
    /// Bytes that it takes.
    pub bytes: u64,
    /// What there is to say of the file, as of one that is read from front to back.
    pub report: Report,
}

/// Makes the index of a file that stays as it is, beside it: `FILE.evzi`, which replaces one that is
/// there; where that folder cannot be written, among what the user keeps that can be made again
/// (`XDG_CACHE_HOME`, or `.cache` at home, in `evz`). From then on every way of opening the file with the same options goes by it, as long as the
/// file is not changed. `watch` is told how far it is.
///
/// # Errors
/// If the file cannot be read, has several event streams of which none was named, or is of a format of
/// which no index is made; or the index cannot be written.
pub fn index(
    file: impl AsRef<Path>,
    format: Option<&'static Format>,
    options: &OpenOptions,
    mut watch: impl FnMut(u64, Option<Progress>),
) -> Result<Indexed> {
    let file = file.as_ref();
    let (path, out) = output(file)?;
    let (events, report) = write(Input::open(file)?, format, options, out, &mut watch)?;
    let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
    Ok(Indexed {
        path,
        events,
        bytes,
        report,
    })
}

/// Begins the index of a file: beside it, or in the cache where that cannot be.
fn output(file: &Path) -> Result<(PathBuf, Output)> {
    let path = index_path(file);
    let error = match create_output(&path, true) {
        Ok(out) => return Ok((path, out)),
        Err(error) => error,
    };
    let cause = std::error::Error::source(&error).and_then(|e| e.downcast_ref::<io::Error>());
    let closed = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    let cached = cache::path(file).filter(|_| cause.is_some_and(|e| closed.contains(&e.kind())));
    let Some(path) = cached else {
        return Err(error);
    };
    if let Some(folder) = path.parent() {
        let place = folder.display().to_string();
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::io(place, "cannot make the folder", e))?;
    }
    let out = create_output(&path, true)?;
    Ok((path, out))
}

/// Writes the index of an input.
pub(crate) fn write(
    input: Input,
    format: Option<&'static Format>,
    options: &OpenOptions,
    out: Output,
    watch: &mut dyn FnMut(u64, Option<Progress>),
) -> Result<(u64, Report)> {
    let name = input.name().to_owned();
    let (input, format) = of_format(input, format)?;
    if format.open_parts.is_none() {
        return Err(no_parts(&name, format));
    }
    let Some(bytes) = input.read_at().cloned() else {
        return Err(no_places(&name));
    };
    if let (Some(open), None) = (format.open_streams, &options.stream) {
        let streams = open(Input::from_read_at(bytes.clone(), &name)?, options)?;
        if streams.len() > 1 {
            let names = streams.iter().map(|stream| match stream {
                evz_core::Opened::Indexed(index) => index.info().name.clone(),
                evz_core::Opened::Stream(source) => source.info().name.clone(),
            });
            let what = format!(
                "{name}: an index is of one event stream, and it has {}",
                streams.len()
            );
            return Err(Error::ambiguous("", what).settled_by(Question::Stream, names));
        }
    }
    let belongs = Belongs::of(&input, &*bytes, format, options)?;
    let mut source = match (format.open)(input, &options.clone().with_small_parts())? {
        evz_core::Opened::Indexed(index) => index.source(&Selection::default()),
        evz_core::Opened::Stream(source) => source,
    };
    let mut sink = Box::new(EvzSink::create(out, source.info(), WriteOptions::new())?);
    let (mut batch, mut events) = (EventBatch::default(), 0);
    let (mut chunk, mut parts) = (EventBatch::default(), Vec::new());
    chunk.clear_for(&source.info().columns);
    loop {
        let n = source.read_batch(&mut batch)?;
        let rows = source.take_side_rows();
        let ended = n == 0 && rows.is_empty();
        if !parts.is_empty() && (ended || chunk.len() + n > DEFAULT_CHUNK_EVENTS as usize) {
            sink.write_parts(&mut chunk, std::mem::take(&mut parts))?;
            chunk.clear_for(&source.info().columns);
        }
        if ended {
            break;
        }
        if n > 0 {
            let part = source.part().ok_or_else(|| no_parts(&name, format))?;
            parts.push((n, part));
            chunk.extend(batch.as_slice());
        }
        for rows in rows {
            sink.write_side(rows)?;
        }
        events += n as u64;
        watch(events, source.progress());
    }
    let report = source.report();
    let mut closing: Metadata = source.closing_metadata();
    closing.extend(belongs.into_metadata());
    report::keep(&report, &mut closing);
    let _ = sink.finish(&closing)?;
    Ok((events, report))
}
