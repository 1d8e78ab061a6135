//! From any format to any other.

use std::path::PathBuf;

use evz::{
    CreateOptions, EventSource, Format, Input, Note, OnUnsorted, OpenOptions, Polarity, Recording,
    Report, Result, Rig, Selection, Time, Wanted,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::OrRaise;
use crate::interrupt::{Interruptible, Raised};
use crate::of_use::{check_reading, check_writing};
use crate::open::{input, open_options};
use crate::report::{Words, words};
use crate::selection::{Region, region};
use crate::threads::pool;
use crate::write::{Place, create};
use crate::write_options::create_options;

/// From and to in nanoseconds from the first event, event numbers, a region, a polarity.
type Wish = (
    Option<i128>,
    Option<i128>,
    Option<(u64, u64)>,
    Option<Region>,
    Option<bool>,
);

/// What a conversion is told.
struct Told {
    reading: OpenOptions,
    read_format: Option<&'static Format>,
    writing: CreateOptions,
    write_format: &'static Format,
    path: PathBuf,
    replace: bool,
    on_unsorted: OnUnsorted,
    wanted: Wanted,
    raised: Raised,
}

/// Converts recordings, each a source and what it is called, into a file. Returns the number of events,
/// or of rows of a side stream, and the report.
#[pyfunction]
pub(crate) fn convert(
    py: Python<'_>,
    sources: Vec<(Bound<'_, PyAny>, String)>,
    place: Place<'_>,
    reading: &Bound<'_, PyDict>,
    writing: &Bound<'_, PyDict>,
    wanted: (Wish, &str),
    how: (Option<usize>, Option<Py<PyAny>>),
) -> PyResult<(u64, Words)> {
    let (path, output_format, replace) = place;
    let ((wish, on_unsorted), (threads, progress)) = (wanted, how);
    let (reading, read_format) = open_options(reading)?;
    let sources = sources
        .into_iter()
        .map(|(source, name)| input(source, name));
    let sources = sources.collect::<PyResult<Vec<_>>>()?;
    let write_format = match output_format {
        Some(name) => evz::format(name),
        None => evz::output_format(&path),
    };
    let raised = Raised::with_progress(progress);
    let told = Told {
        reading,
        read_format,
        writing: create_options(writing)?,
        write_format: write_format.or_raise(py)?,
        path,
        replace,
        on_unsorted: on_unsorted.parse().or_raise(py)?,
        wanted: wanted_of(wish).or_raise(py)?,
        raised: raised.clone(),
    };
    let pool = pool(threads).or_raise(py)?;
    let converted = py.detach(|| {
        pool.enter(|| {
            let inputs = sources.into_iter().map(|open| open());
            told.run(inputs.collect::<Result<_>>()?)
        })
    });
    let (events, report) = raised.or(converted)?.or_raise(py)?;
    Ok((events, words(&report)))
}

impl Told {
    fn run(self, inputs: Vec<Input>) -> Result<(u64, Report)> {
        check_writing(&self.writing, self.write_format)?;
        let opened = inputs
            .into_iter()
            .map(|input| match self.write_format.holds.streams {
                true => evz::open_streams(input, self.read_format, &self.reading),
                false => Ok(vec![evz::open_input(
                    input,
                    self.read_format,
                    &self.reading,
                )?]),
            });
        let mut recordings = opened.collect::<Result<Vec<Vec<Recording>>>>()?;
        let formats = recordings.iter().flatten().map(Recording::format);
        let formats: Vec<&Format> = formats.collect();
        check_reading(&self.reading, &formats, self.write_format.name == "text")?;
        match (recordings.len(), recordings.first_mut()) {
            (1, Some(of_one)) if of_one.len() == 1 => match of_one.pop() {
                Some(recording) => self.one(recording),
                None => Ok((0, Report::default())),
            },
            _ => self.several(Rig::new(recordings)?),
        }
    }

    fn one(mut self, recording: Recording) -> Result<(u64, Report)> {
        if let Some(stream) = self.side_stream(&recording)? {
            let table = recording.into_side_table(&stream, &self.wanted)?;
            let out = evz::create_output(&self.path, self.replace)?;
            let written = evz::write_side(table, out, self.write_format)?;
            return Ok((written.rows, written.report));
        }
        if self.write_format.name == "text" && recording.format().name != "text" {
            // What settles how text is read says nothing of how it is written.
            let columns = self.reading.columns.as_ref();
            self.writing.columns = columns.map(evz::ColumnList::order);
            // The unit of numbers in arrays and tables says how they are read, too.
            if !recording
                .format()
                .open_options
                .contains(&evz::Question::TimeUnit)
            {
                self.writing.time_unit = self.reading.time_unit;
            }
            self.writing.decimals = self.reading.decimals;
        }
        let (info, name) = (recording.info_for_copy(), recording.name().to_owned());
        let (recording, selection) = recording.selection(&self.wanted)?;
        let copied = match self.can_cut(&recording, &selection)? {
            true => {
                let out = evz::create_output(&self.path, self.replace)?;
                evz::cut_with(&recording, &selection, out, |_, _| {})?
            }
            false => {
                let source = recording.into_selected(selection);
                let source = self.on_unsorted.apply(source, &name)?;
                let mut source = Interruptible::new(source, self.raised.clone());
                let sink = self.create(&info)?;
                evz::copy(&mut source, sink)?
            }
        };
        Ok((copied.events, self.with_order(copied.report)))
    }

    fn several(self, rig: Rig) -> Result<(u64, Report)> {
        if !self.write_format.holds.streams {
            let what = format!("several event streams, and {} holds one", self.write_format);
            return Err(evz::Error::invalid(what).advise("end its name in .evz"));
        }
        let (info, mut report) = (rig.info_for_copy(), rig.report().clone());
        let sources = rig.select(&self.wanted)?.into_iter().map(|source| {
            let name = source.info().name.clone();
            let source = self.on_unsorted.apply(source, &name)?;
            let source = Interruptible::new(source, self.raised.clone());
            Ok(Box::new(source) as Box<dyn EventSource>)
        });
        let sources = sources.collect::<Result<Vec<_>>>()?;
        let copied = evz::copy_streams(sources, self.create(&info)?, |_, _| {})?;
        let mut events = 0;
        for stream in copied.streams {
            report.merge(self.with_order(stream.report));
            events += stream.events;
        }
        report.merge(copied.report);
        Ok((events, report))
    }

    /// The side stream that is asked for instead of the events.
    fn side_stream(&self, recording: &Recording) -> Result<Option<String>> {
        let Some(stream) = &self.reading.stream else {
            return Ok(None);
        };
        let there = recording.side_streams()?.contains(stream);
        Ok(there.then(|| stream.clone()))
    }

    fn can_cut(&self, recording: &Recording, selection: &Selection) -> Result<bool> {
        // Who is to look at the order of events has to see them.
        let as_it_is = self.write_format.name == "evz" && self.on_unsorted == OnUnsorted::Keep;
        Ok(as_it_is && evz::can_cut(recording, selection, &self.writing)?)
    }

    fn create(&self, info: &evz::StreamInfo) -> Result<Box<dyn evz::EventSink>> {
        let format = Some(self.write_format.name);
        create(&self.path, info, &self.writing, format, self.replace)
    }

    /// The report, which also says what became of times that run backwards.
    fn with_order(&self, mut report: Report) -> Report {
        let done = match self.on_unsorted {
            OnUnsorted::Sort => "the output is in order of time",
            _ => "the order is kept",
        };
        for note in &mut report.notes {
            if let Note::Backwards { .. } = note {
                *note = Note::Other(format!("{note}; {done}"));
            }
        }
        report
    }
}

fn wanted_of((from, to, events, roi, polarity): Wish) -> Result<Wanted> {
    let mut wanted = Wanted::all();
    wanted.from = from.map(Time::Relative);
    wanted.to = to.map(Time::Relative);
    wanted.events = events.map(|(from, to)| from..to.max(from));
    wanted.roi = roi.map(region).transpose()?;
    wanted.polarity = polarity.map(|on| if on { Polarity::On } else { Polarity::Off });
    Ok(wanted)
}
