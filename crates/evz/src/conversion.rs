//! A conversion as it is told, from the inputs to the finished output: what the command, the Python
//! package and folders of recordings have in common.

use std::collections::BTreeMap;

use evz_core::{
    ColumnList, CreateOptions, Error, EventSource, Format, Input, Metadata, Note, OpenOptions,
    Output, Progress, Question, Report, Result, Selection, StreamInfo,
};

use evz_file::forever::SAMPLES;

use crate::copy::copy_with;
use crate::copy_streams::copy_streams;
use crate::create::create_in;
use crate::cut::{can_cut, cut_with};
use crate::events_alone::EventsAlone;
use crate::open::{open_input, open_streams};
use crate::origin::Origin;
use crate::recording::Recording;
use crate::rig::Rig;
use crate::unsorted::OnUnsorted;
use crate::wanted::Wanted;

/// What recordings are read as, what is wanted of them, and how that is written.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Conversion {
    /// How they are read.
    pub reading: OpenOptions,
    /// The format that they are of, if their content is not to tell it.
    pub input_format: Option<&'static Format>,
    /// Which events are taken.
    pub wanted: Wanted,
    /// Whether side streams, such as triggers, IMU samples and frames, are left out and counted.
    pub events_alone: bool,
    /// What becomes of times that run backwards.
    pub on_unsorted: OnUnsorted,
    /// How the output is written. What shapes text, if it is not told here, is taken from `reading`
    /// where the recording is none.
    pub writing: CreateOptions,
}

/// Who looks on while a recording is converted.
pub trait Watch {
    /// The inputs are open, each with its event streams.
    ///
    /// # Errors
    /// One of its own, which ends the conversion.
    fn opened(&mut self, inputs: &[Vec<Recording>]) -> Result<()> {
        let _ = inputs;
        Ok(())
    }

    /// The source that is read instead of one, for who has something to add to it.
    fn source(&mut self, source: Box<dyn EventSource>) -> Box<dyn EventSource> {
        source
    }

    /// So many more events are written, and the sources have come so far.
    fn passed(&mut self, events: usize, progress: Option<Progress>) {
        let _ = (events, progress);
    }
}

/// Nobody does.
impl Watch for () {}

/// What was converted.
#[derive(Debug)]
#[must_use = "it says what was lost"]
pub struct Converted {
    /// Events of all streams; rows, if it was a side stream.
    pub events: u64,
    /// Rows of side streams that were written beside the events, by the names of these.
    pub beside: BTreeMap<String, u64>,
    /// The side stream that was written instead of the events.
    pub side: Option<String>,
    /// What there is to say of each event stream, where there are several, by its name.
    pub of_streams: Vec<(String, Report)>,
    /// What there is to say of all.
    pub report: Report,
    /// Of a single event stream, the metadata behind its events.
    pub closing: Option<Metadata>,
}

impl Converted {
    /// All that there is to say.
    pub fn whole_report(self) -> Report {
        let mut all = Report::default();
        for (_, report) in self.of_streams {
            all.merge(report);
        }
        all.merge(self.report);
        all
    }
}

impl Conversion {
    /// Everything as it is found.
    pub fn new() -> Self {
        Self::default()
    }

    /// Converts recordings into one output of this format, which is begun by `output` once they are
    /// open. Of several, or of one with several, each event stream becomes one of the output.
    ///
    /// # Errors
    /// If an input cannot be read, or can be read in two ways; if the output cannot be written or has no
    /// place for several streams; or as `watch` says.
    pub fn run(
        &self,
        inputs: Vec<Input>,
        format: &'static Format,
        output: impl FnOnce() -> Result<Output>,
        watch: &mut dyn Watch,
    ) -> Result<Converted> {
        self.run_reading(&self.reading, inputs, format, output, watch)
    }

    /// The same for inputs that are read by other options; what shapes the output stays.
    pub(crate) fn run_reading(
        &self,
        reading: &OpenOptions,
        inputs: Vec<Input>,
        format: &'static Format,
        output: impl FnOnce() -> Result<Output>,
        watch: &mut dyn Watch,
    ) -> Result<Converted> {
        let mut recordings = self.open(reading, inputs, format)?;
        if self.events_alone {
            let all = recordings.iter_mut().flatten();
            all.for_each(Recording::only_events);
        }
        watch.opened(&recordings)?;
        match recordings.as_mut_slice() {
            [one] if one.len() == 1 => match one.pop() {
                Some(recording) => self.one(recording, format, output, watch),
                None => Err(Error::invalid("no recording to convert")),
            },
            _ => self.several(recordings, format, output, watch),
        }
    }

    /// Each input with its event streams; with the one that is asked for alone, where the output holds
    /// one.
    fn open(
        &self,
        reading: &OpenOptions,
        inputs: Vec<Input>,
        format: &Format,
    ) -> Result<Vec<Vec<Recording>>> {
        if inputs.len() > 1 && !format.holds.streams {
            let n = inputs.len();
            let what = format!("{n} recordings are {n} event streams, and {format} holds one");
            return Err(Error::invalid(what).advise("end its name in .evz"));
        }
        let opened = inputs.into_iter().map(|input| match format.holds.streams {
            true => open_streams(input, self.input_format, reading),
            false => Ok(vec![open_input(input, self.input_format, reading)?]),
        });
        opened.collect()
    }

    fn one(
        &self,
        recording: Recording,
        format: &'static Format,
        output: impl FnOnce() -> Result<Output>,
        watch: &mut dyn Watch,
    ) -> Result<Converted> {
        if let Some(stream) = recording.side_stream_told(self.reading.stream.as_deref())? {
            if self.events_alone {
                let name = recording.name();
                let what =
                    format!("{name}: {stream} is a side stream, and events alone are wanted");
                return Err(Error::invalid(what).without(Question::Stream));
            }
            self.check_side(&recording, &stream)?;
            return self.side(recording, stream, format, output);
        }
        let writing = self.shaped(&recording, format);
        let (mut info, name) = (recording.info_for_copy(), recording.name().to_owned());
        let (recording, first) = recording.started_if(self.wanted.is_of_time())?;
        let (recording, selection) = recording.selection(&self.wanted)?;
        // Who is to look at the order of events has to see them.
        let as_it_is = format.name == "evz"
            && self.on_unsorted == OnUnsorted::Keep
            && self.wanted.origin == Origin::Recorded
            && !self.events_alone;
        let before = info.clone();
        let (mut copied, is_whole) = if as_it_is && can_cut(&recording, &selection, &writing)? {
            let passed = |n, progress| watch.passed(n, progress);
            let copied = cut_with(&recording, &selection, output()?, passed)?;
            (copied, selection == Selection::default())
        } else {
            let source = recording.into_wanted(selection, self.wanted.origin)?;
            times_of(&mut info, &*source);
            let source = self.on_unsorted.apply(self.events_of(source), &name)?;
            let mut source = watch.source(source);
            let sink = create_in(output()?, format, &info, &writing)?;
            let copied = copy_with(&mut *source, sink, |n, progress| watch.passed(n, progress))?;
            (copied, source.is_whole())
        };
        if copied.events == 0 {
            let note = self.wanted.note_of_nothing(&before, first);
            copied.report.notes.extend(note);
        }
        Ok(Converted {
            events: copied.events,
            beside: copied.beside,
            side: None,
            of_streams: Vec::new(),
            report: self.with_order(copied.report),
            closing: is_whole.then_some(copied.closing),
        })
    }

    /// Refuses a stream that is none of events, or is in none of several recordings; and a pack among them.
    fn check_streams(&self, recordings: &[Vec<Recording>]) -> Result<()> {
        let (mut fits, mut why) = (false, None);
        for recording in recordings.iter().flatten() {
            let name = recording.name();
            match recording.side_stream_told(self.reading.stream.as_deref()) {
                Ok(None) => fits = true,
                Ok(Some(side)) => {
                    let what = format!(
                        "{name}: {side} is a side stream, which is written of one input alone"
                    );
                    return Err(Error::invalid(what).without(Question::Stream));
                }
                Err(error) => why = why.or(Some(error)),
            }
            if recordings.len() > 1 && recording.side_streams()?.iter().any(|side| side == SAMPLES)
            {
                let what = format!(
                    "{name}: it is a pack, whose table does not tell of a file of several recordings"
                );
                let advice = "unpack it, and pack what comes of it with the others";
                return Err(Error::invalid(what).advise(advice));
            }
        }
        match why {
            Some(error) if !fits => Err(error),
            _ => Ok(()),
        }
    }

    /// Refuses what is told of how events are written, where a side stream is.
    fn check_side(&self, recording: &Recording, stream: &str) -> Result<()> {
        let of_text = [Question::Columns, Question::TimeUnit, Question::Decimals];
        let shapes = self.reading.told().into_iter().filter(|question| {
            of_text.contains(question) && !recording.format().open_options.contains(question)
        });
        let order = (self.on_unsorted != OnUnsorted::Keep).then_some(Question::OnUnsorted);
        let of_events = self
            .writing
            .told()
            .into_iter()
            .chain(shapes)
            .chain(order)
            .next();
        of_events.map_or(Ok(()), |question| {
            let name = recording.name();
            let what = format!("{name}: {question} is of events, and {stream} is a side stream");
            Err(Error::invalid(what).without(question))
        })
    }

    #[cfg(feature = "arrow")]
    fn side(
        &self,
        recording: Recording,
        stream: String,
        format: &'static Format,
        output: impl FnOnce() -> Result<Output>,
    ) -> Result<Converted> {
        let table = recording.into_side_table(&stream, &self.wanted)?;
        let written = crate::side_output::write_side(table, output()?, format)?;
        Ok(Converted {
            events: written.rows,
            beside: BTreeMap::new(),
            side: Some(stream),
            of_streams: Vec::new(),
            report: written.report,
            closing: None,
        })
    }

    #[cfg(not(feature = "arrow"))]
    fn side(
        &self,
        recording: Recording,
        _: String,
        _: &'static Format,
        _: impl FnOnce() -> Result<Output>,
    ) -> Result<Converted> {
        let what = "evz was built without tables, which side streams are written as";
        Err(Error::unsupported(recording.name(), what))
    }

    fn several(
        &self,
        recordings: Vec<Vec<Recording>>,
        format: &'static Format,
        output: impl FnOnce() -> Result<Output>,
        watch: &mut dyn Watch,
    ) -> Result<Converted> {
        self.check_streams(&recordings)?;
        let rig = Rig::new(recordings)?;
        let (mut info, mut report) = (rig.info_for_copy(), rig.report().clone());
        let sources = rig.select(&self.wanted)?;
        if let Some(first) = sources.first() {
            times_of(&mut info, &**first);
        }
        let names: Vec<String> = sources.iter().map(|s| s.info().name.clone()).collect();
        let mut ordered = Vec::new();
        for (source, name) in sources.into_iter().zip(&names) {
            let source = self.on_unsorted.apply(self.events_of(source), name)?;
            ordered.push(watch.source(source));
        }
        let sink = create_in(output()?, format, &info, &self.writing)?;
        let copied = copy_streams(ordered, sink, |n, progress| watch.passed(n, progress))?;
        report.merge(copied.report);
        self.wanted.origin.agree(&mut report);
        let events = copied.streams.iter().map(|stream| stream.events).sum();
        let mut beside = BTreeMap::new();
        for (name, rows) in copied.streams.iter().flat_map(|stream| &stream.beside) {
            *beside.entry(name.clone()).or_default() += rows;
        }
        let reports = copied.streams.into_iter().map(|stream| stream.report);
        let reports = reports.map(|report| self.with_order(report));
        Ok(Converted {
            events,
            beside,
            side: None,
            of_streams: names.into_iter().zip(reports).collect(),
            report,
            closing: None,
        })
    }

    /// The source, without side streams if these are to be left out.
    fn events_of(&self, source: Box<dyn EventSource>) -> Box<dyn EventSource> {
        match self.events_alone {
            true => EventsAlone::of(source),
            false => source,
        }
    }

    /// How the output is written: what settles how text is read says nothing of how it is written.
    fn shaped(&self, recording: &Recording, format: &Format) -> CreateOptions {
        let mut writing = self.writing.clone();
        if format.name == "text" && recording.format().name != "text" {
            let columns = self.reading.columns.as_ref().map(ColumnList::order);
            writing.columns = writing.columns.or(columns);
            // The unit of numbers in arrays and tables says how they are read, too.
            let is_read = recording
                .format()
                .open_options
                .contains(&Question::TimeUnit);
            let unit = self.reading.time_unit.filter(|_| !is_read);
            writing.time_unit = writing.time_unit.or(unit);
            writing.decimals = writing.decimals.or(self.reading.decimals);
        }
        writing
    }

    /// The report, which also says what became of times that run backwards; what was asked for is agreed.
    fn with_order(&self, mut report: Report) -> Report {
        self.wanted.origin.agree(&mut report);
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

/// Takes over what the times count from, which may be elsewhere than in the recording.
fn times_of(info: &mut StreamInfo, source: &dyn EventSource) {
    (info.clock, info.clock_offset) = (source.info().clock, source.info().clock_offset);
}
