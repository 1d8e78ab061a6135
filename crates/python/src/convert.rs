//! From any format to any other.

use evz::{
    Conversion, EventSource, Format, OpenOptions, Polarity, Recording, Result, Time, Wanted, Watch,
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
use crate::write::Place;
use crate::write_options::create_options;

/// From and to in nanoseconds from the first event, event numbers, a region, a polarity.
type Wish = (
    Option<i128>,
    Option<i128>,
    Option<(u64, u64)>,
    Option<Region>,
    Option<bool>,
);

/// Converts recordings, each a source and what it is called, into a file. Returns the number of events,
/// or of rows of a side stream, and the report.
#[pyfunction]
pub(crate) fn convert(
    py: Python<'_>,
    sources: Vec<(Bound<'_, PyAny>, String)>,
    place: Place<'_>,
    reading: &Bound<'_, PyDict>,
    writing: &Bound<'_, PyDict>,
    wanted: (Wish, &str, &str),
    how: (Option<usize>, Option<Py<PyAny>>),
) -> PyResult<(u64, Words)> {
    let (path, output_format, replace) = place;
    let ((wish, origin, on_unsorted), (threads, progress)) = (wanted, how);
    let (reading, read_format) = open_options(reading)?;
    let sources = sources
        .into_iter()
        .map(|(source, name)| input(source, name));
    let sources = sources.collect::<PyResult<Vec<_>>>()?;
    let write_format = match output_format {
        Some(name) => evz::format(name),
        None => evz::output_format(&path),
    };
    let write_format = write_format.or_raise(py)?;
    let mut conversion = Conversion::new();
    conversion.reading = reading;
    conversion.input_format = read_format;
    conversion.wanted = wanted_of(wish).or_raise(py)?;
    conversion.wanted.origin = origin.parse().or_raise(py)?;
    conversion.on_unsorted = on_unsorted.parse().or_raise(py)?;
    conversion.writing = create_options(writing)?;
    let raised = Raised::with_progress(progress);
    let pool = pool(threads).or_raise(py)?;
    let converted = py.detach(|| {
        pool.enter(|| {
            check_writing(&conversion.writing, write_format)?;
            let inputs = sources.into_iter().map(|open| open());
            let inputs = inputs.collect::<Result<_>>()?;
            let output = || evz::create_output(&path, replace);
            let mut watching = Watching {
                reading: &conversion.reading,
                to_text: write_format.name == "text",
                raised: raised.clone(),
            };
            conversion.run(inputs, write_format, output, &mut watching)
        })
    });
    let converted = raised.or(converted)?.or_raise(py)?;
    let events = converted.events;
    Ok((events, words(&converted.whole_report())))
}

/// Refuses options of no use, and lets Ctrl-C through.
struct Watching<'a> {
    reading: &'a OpenOptions,
    to_text: bool,
    raised: Raised,
}

impl Watch for Watching<'_> {
    fn opened(&mut self, inputs: &[Vec<Recording>]) -> Result<()> {
        let formats: Vec<&Format> = inputs.iter().flatten().map(Recording::format).collect();
        check_reading(self.reading, &formats, self.to_text)
    }

    fn source(&mut self, source: Box<dyn EventSource>) -> Box<dyn EventSource> {
        Box::new(Interruptible::new(source, self.raised.clone()))
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
