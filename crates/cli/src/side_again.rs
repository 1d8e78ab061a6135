//! A side stream of a recording whose events are read too: the file is read twice.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use evz::{
    Error, Memory, NextRows, Place, Recording, Report, SideRows, SideTable, Wanted, alternatives,
};

use crate::args::RenderArgs;
use crate::input::{self, is_pipe};

/// Checks that the file has a side stream, and that it can be read again; `why` says what for.
pub(crate) fn check(
    args: &RenderArgs,
    recording: &Recording,
    stream: &str,
    why: &str,
) -> Result<()> {
    let again =
        !is_pipe(&args.input) && (args.input.is_file() || evz::url_scheme(&args.input).is_some());
    let there = recording.side_streams()?;
    let is_there =
        there.iter().any(|name| name == stream) || again && is_of_another(args, recording, stream);
    if !is_there {
        let there = match there.as_slice() {
            [] => "it has none".to_owned(),
            names => format!("it has {}", alternatives(names)),
        };
        let what = format!("{}: no side stream {stream:?}; {there}", recording.name());
        return Err(Error::invalid(what).into());
    }
    if !again {
        let what = format!("{}: is read once, and {why}", recording.name());
        return Err(Error::invalid(what)
            .advise("write it to a file first")
            .into());
    }
    Ok(())
}

/// Whether a side stream that does not come with the event stream of an .evz file that is told is of another.
fn is_of_another(args: &RenderArgs, recording: &Recording, stream: &str) -> bool {
    // Streams of other formats may each have a tick and a clock of their own.
    if args.reading.stream.is_none() || recording.evz_reader().is_none() {
        return false;
    }
    let names = open_of_another(args, stream).map(|other| other.side_streams());
    matches!(names, Ok(Ok(names)) if names.iter().any(|name| name == stream))
}

/// Opens the file for a side stream of another event stream than the one that is told.
fn open_of_another(args: &RenderArgs, stream: &str) -> Result<Recording> {
    let options = args.reading.options().with_stream(stream);
    let bytes = input::bytes(&args.input)?;
    Ok(evz::open_input(bytes, args.reading.input_format, &options)?)
}

/// Refuses a side stream of another camera.
pub(crate) fn check_owner(recording: &Recording, stream: &str) -> Result<()> {
    let is_beside = recording.side_streams()?.iter().any(|name| name == stream);
    let other = match recording.side_stream_of_another(stream) {
        Some(other) => format!("the event stream {other:?}"),
        None if !is_beside => "another event stream".to_owned(),
        None => return Ok(()),
    };
    let (name, own) = (recording.name(), recording.info().name);
    let what = format!("{name}: {stream} is of {other}, and frames are of {own:?}");
    Err(Error::invalid(what).into())
}

/// What the further readings met, and the memory of what is kept of them until the end.
#[derive(Default)]
pub(crate) struct Met {
    report: Mutex<Report>,
    kept: Mutex<Vec<Memory>>,
}

impl Met {
    pub(crate) fn into_report(self) -> Report {
        let report = self.report.into_inner();
        report.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows of a side stream, whose reading says at its end what it met.
pub(crate) struct SideAgain<'a> {
    table: SideTable,
    /// The file and the stream in it.
    place: Place,
    met: &'a Met,
}

impl<'a> SideAgain<'a> {
    /// All rows of a side stream, of the event stream that is read or else of another.
    pub(crate) fn open(args: &RenderArgs, stream: &str, met: &'a Met) -> Result<Self> {
        let again = input::open_again(&args.input, &args.reading)?;
        let again = match again.side_streams()?.iter().any(|name| name == stream) {
            true => again,
            false => open_of_another(args, stream)?,
        };
        let table = again.into_side_table(stream, &Wanted::all())?;
        let place = Place::part(stream).within(Place::file(args.input.display().to_string()));
        Ok(Self { table, place, met })
    }

    /// The next rows, of each of which so many bytes are kept until the end.
    pub(crate) fn next_kept(&mut self, bytes_of_row: usize) -> Result<Option<SideRows>> {
        let Some(rows) = self.next_rows()? else {
            return Ok(None);
        };
        let takes = rows.len() as u64 * bytes_of_row as u64;
        let memory = Memory::take(takes, "what is kept of its rows", self.place())?;
        let kept = &self.met.kept;
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(memory);
        Ok(Some(rows))
    }

    /// Where the rows stand.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The next rows; none at the end.
    pub(crate) fn next_rows(&mut self) -> Result<Option<SideRows>> {
        Ok(match self.table.next_rows()? {
            NextRows::Rows(rows) => Some(rows),
            NextRows::End(report) => {
                let met = &self.met.report;
                let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
                met.merge_reading(report);
                None
            }
        })
    }
}
