//! Making an index.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use evz_core::{
    Error, EventBatch, EventSink, EventSource, Format, Input, Metadata, Next, OpenOptions, Opened,
    Output, Progress, Question, Report, Result, Selection,
};
use evz_file::{DEFAULT_CHUNK_EVENTS, EvzSink, WriteOptions, for_stream};

use super::belongs::Belongs;
use super::{cache, index_path, no_parts, no_places, report};
use crate::open::of_format;
use crate::side_names::SideNames;
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
/// If the file cannot be read, or is of a format of which no index is made; or the index cannot be written.
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
    let belongs = Belongs::of(&input, &*bytes, format, options)?;
    let mut sources = sources(&name, input, format, &options.clone().with_small_parts())?;
    let mut sink = EvzSink::create(out, sources[0].info(), WriteOptions::new())?;
    let (mut names, mut numbers) = (SideNames::default(), vec![0]);
    for source in &sources[1..] {
        numbers.extend(sink.add_stream(source.info())?);
    }
    for (number, source) in numbers.iter().zip(&sources) {
        names.know(*number, &**source);
    }
    let (mut events, mut reports, mut closing) = (0, Vec::new(), Metadata::new());
    for (number, source) in numbers.into_iter().zip(&mut sources) {
        let before = events;
        let (n, report) = write_stream(
            number,
            &mut **source,
            &mut sink,
            &mut names,
            |n, progress| {
                watch(before + n, progress);
            },
        )?
        .ok_or_else(|| no_parts(&name, format))?;
        events += n;
        reports.push(report);
        let of_file = for_stream(&source.closing_metadata(), number, &closing);
        closing.extend(of_file);
    }
    closing.extend(belongs.into_metadata());
    report::keep(&reports, &mut closing);
    let _ = Box::new(sink).finish(&closing)?;
    let mut report = Report::default();
    reports.into_iter().for_each(|one| report.merge(one));
    Ok((events, report))
}

/// Opens each event stream that is told, or all.
fn sources(
    name: &str,
    input: Input,
    format: &Format,
    options: &OpenOptions,
) -> Result<Vec<Box<dyn EventSource>>> {
    let opened = match (format.open_streams, &options.stream) {
        (Some(open), None) => open(input, options)?,
        _ => vec![(format.open)(input, options)?],
    };
    let source = |opened| match opened {
        Opened::Indexed(index) => index.source(&Selection::default()),
        Opened::Stream(source) => source,
    };
    let sources: Vec<_> = opened.into_iter().map(source).collect();
    let names: BTreeSet<&str> = sources.iter().map(|s| &*s.info().name).collect();
    if names.len() < sources.len() {
        let what = format!(
            "{name}: has {} event streams, and not each has a name of its own",
            sources.len()
        );
        return Err(Error::ambiguous("", what).settled_by(Question::Stream, names));
    }
    Ok(sources)
}

/// Writes what the index has of an event stream; how many events that are and what the reading met, or
/// none if the source does not say where they stand.
fn write_stream(
    number: u16,
    source: &mut dyn EventSource,
    sink: &mut EvzSink,
    names: &mut SideNames,
    mut watch: impl FnMut(u64, Option<Progress>),
) -> Result<Option<(u64, Report)>> {
    let (mut batch, mut events) = (EventBatch::default(), 0);
    let (mut chunk, mut parts) = (EventBatch::default(), Vec::new());
    chunk.clear_for(&source.info().columns);
    loop {
        let (n, ended) = match source.read_batch(&mut batch)? {
            Next::Events(n) => (n, None),
            Next::Rows(mut rows) => {
                names.rename(number, &mut rows);
                sink.write_side(rows)?;
                continue;
            }
            Next::End(report) => (0, Some(report)),
        };
        if !parts.is_empty() && (ended.is_some() || chunk.len() + n > DEFAULT_CHUNK_EVENTS as usize)
        {
            sink.write_parts(number, &mut chunk, std::mem::take(&mut parts))?;
            chunk.clear_for(&source.info().columns);
        }
        if let Some(report) = ended {
            return Ok(Some((events, report)));
        }
        if n > 0 {
            let Some(part) = source.part() else {
                return Ok(None);
            };
            parts.push((n, part));
            chunk.extend(batch.as_slice());
        }
        events += n as u64;
        watch(events, source.progress());
    }
}
