//! Event streams that go into one file: those of several recordings, or all of one.

use std::collections::BTreeMap;
use std::path::Path;

use evz_core::{Clock, Error, EventSource, Report, Result, Selection, StreamInfo};

use crate::aligned::{Aligned, Belonging};
use crate::origin::Origin;
use crate::peeked::Peeked;
use crate::recording::Recording;
use crate::registry::unpacked_name;
use crate::timeline::{Timeline, note_on_start};
use crate::wanted::Wanted;

/// Event streams on one timeline, each with a name of its own.
pub struct Rig {
    streams: Vec<Recording>,
    timeline: Timeline,
    /// What is known of each, on the timeline.
    infos: Vec<StreamInfo>,
    /// Which of them the side streams beside each belong to.
    belonging: Vec<Belonging>,
    report: Report,
}

impl Rig {
    /// The streams of these recordings, as [`open_streams`](crate::open_streams) gives them. A
    /// recording of one stream gives it its name, `left` for `left.raw`; those of several have it
    /// in front of theirs, `davis.left`. Of one recording alone they keep the names that they have.
    ///
    /// Their times are converted exactly: to the longest tick that all have in common, and, where
    /// their clocks are of one kind, to the epoch of the first. Of clocks of different kinds the file
    /// can say none, which is a loss in the report, and the times stay as they are.
    ///
    /// # Errors
    /// If two streams get the same name, or there is no common tick.
    pub fn new(recordings: Vec<Vec<Recording>>) -> Result<Self> {
        let is_one = recordings.len() == 1;
        let (mut streams, mut belonging) = (Vec::new(), Vec::new());
        for mut of_one in recordings {
            if !is_one {
                name_after_file(&mut of_one);
            }
            let (n, first) = (of_one.len(), streams.len() as u16);
            let of_all = match n == 1 && !is_one {
                true => Belonging::To(first),
                false => Belonging::From(first),
            };
            belonging.extend(std::iter::repeat_n(of_all, n));
            streams.append(&mut of_one);
        }
        let mut infos: Vec<StreamInfo> = streams.iter().map(Recording::info_of_copy).collect();
        if !is_one {
            check_names(&streams, &infos)?;
        }
        let mut report = Report::default();
        let timeline = Timeline::of(&infos, &mut report)?;
        if !is_one {
            report.notes.extend(note_on_start(&timeline));
        }
        for (info, step) in infos.iter_mut().zip(&timeline.steps) {
            // What was added before, in ticks of the file, and what is added now.
            info.clock_offset = step.apply(info.clock_offset).ok_or_else(|| {
                let what = format!("the offset of the clock of {} does not fit", info.name);
                Error::invalid(what)
            })?;
            (info.time_base, info.clock) = (timeline.time_base, timeline.clock);
        }
        Ok(Self {
            streams,
            timeline,
            infos,
            belonging,
            report,
        })
    }

    /// What an output is created for: what is known of the first stream.
    pub fn info_for_copy(&self) -> StreamInfo {
        let mut info = self.infos[0].clone();
        crate::copy::take_claims(&mut info.metadata);
        info
    }

    /// The time on the timeline that relative ones of each stream count from, where that is not its first
    /// event's: filters may have left that event out.
    pub fn origins(&self) -> Vec<Option<i64>> {
        let streams = self.streams.iter().zip(&self.timeline.steps);
        let origins = streams.map(|(stream, step)| step.apply(stream.origin()?));
        origins.collect()
    }

    /// What is to be said of all streams together.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What is wanted of each stream, on the timeline. A time after the first event is one after the
    /// first event of all; the rest is wanted of each stream alike.
    ///
    /// # Errors
    /// If a recording cannot be read, or what is wanted makes no sense.
    pub fn select(self, wanted: &Wanted) -> Result<Vec<Box<dyn EventSource>>> {
        let mut first = None;
        let mut streams = Vec::new();
        let relative = wanted.is_relative();
        for (stream, step) in self.streams.into_iter().zip(&self.timeline.steps) {
            let (stream, t) = match relative {
                true => stream.started()?,
                false => (stream, None),
            };
            let t = t.and_then(|t| step.apply(t));
            first = first.into_iter().chain(t).min();
            streams.push(stream);
        }
        let selection = wanted.resolve(&self.infos[0], first)?;
        let clock = self.timeline.clock;
        let parts = streams.into_iter().zip(self.infos).zip(self.timeline.steps);
        let aligned = parts
            .zip(self.belonging)
            .map(|(((stream, info), step), belonging)| {
                let time = selection.time.as_ref();
                let time = time.map(|time| step.window_back(time));
                let source = stream.into_selected(Selection {
                    time,
                    ..selection.clone()
                });
                let aligned: Box<dyn EventSource> = Box::new(Aligned {
                    source,
                    info,
                    step,
                    belonging,
                });
                aligned
            });
        let aligned: Vec<_> = aligned.collect();
        counted_from(wanted.origin, aligned, first, clock)
    }
}

/// The sources with their times counted from one origin, which is the same for all.
fn counted_from(
    origin: Origin,
    mut sources: Vec<Box<dyn EventSource>>,
    first: Option<i64>,
    clock: Clock,
) -> Result<Vec<Box<dyn EventSource>>> {
    let mut first_wanted = None;
    if origin == Origin::FirstWanted {
        let peeked: Result<Vec<_>> = sources.into_iter().map(Peeked::new).collect();
        let peeked = peeked?;
        first_wanted = peeked.iter().filter_map(Peeked::first_time).min();
        let boxed = |source| Box::new(source) as Box<dyn EventSource>;
        sources = peeked.into_iter().map(boxed).collect();
    }
    let moved = origin.shift(clock, first, || Ok(first_wanted), "the recordings")?;
    let Some(moved) = moved else {
        return Ok(sources);
    };
    let shifted = sources.into_iter().map(|source| {
        let name = source.info().name.clone();
        moved.apply(source, &name)
    });
    Ok(shifted.collect())
}

/// Names the streams of a recording after its file.
fn name_after_file(streams: &mut [Recording]) {
    let is_one = streams.len() == 1;
    for (number, stream) in streams.iter_mut().enumerate() {
        let file = unpacked_name(Path::new(stream.name())).file_stem();
        let file = file.unwrap_or_default().to_string_lossy().into_owned();
        let inner = stream.info().name;
        stream.rename(match (is_one, inner.is_empty()) {
            (true, _) => file,
            (false, false) => format!("{file}.{inner}"),
            (false, true) => format!("{file}.{number}"),
        });
    }
}

fn check_names(streams: &[Recording], infos: &[StreamInfo]) -> Result<()> {
    let mut known = BTreeMap::new();
    for (stream, info) in streams.iter().zip(infos) {
        if let Some(other) = known.insert(&info.name, stream.name()) {
            let (one, name) = (stream.name(), &info.name);
            let what = format!("{other} and {one} would both give an event stream {name:?}");
            return Err(Error::invalid(what).advise("rename one of the files"));
        }
    }
    Ok(())
}
