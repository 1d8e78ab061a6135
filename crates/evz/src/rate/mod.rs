//! How many events there are when.

mod bins;
mod by_index;
mod width;

use std::time::Duration;

use evz_core::{
    Clock, Columns, Error, EventBatch, Next, Progress, Question, Report, Result, Selection,
    TimeBase,
};

use crate::origin::Origin;
use crate::recording::Recording;
use crate::wanted::Wanted;
use bins::{Binned, Bins};
pub use width::{every_text, ticks_of_every};

/// The most bins that events are counted in: 1.6 GB of them.
pub const MAX_RATE_BINS: usize = 100_000_000;

/// The most bins where nobody says how wide they are; there are 60 of them at least, where the ticks
/// allow.
pub const DEFAULT_MOST_RATE_BINS: usize = 150;

/// Events of a part of the time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateBin {
    /// ON events.
    pub on: u64,
    /// OFF events.
    pub off: u64,
}

impl RateBin {
    /// Events of both polarities.
    pub fn sum(self) -> u64 {
        self.on + self.off
    }
}

/// The number of events over time, exactly.
///
/// Bin `i` holds those with `start + i * width <= t < start + (i + 1) * width`. The first bin holds the
/// earliest selected event, the last the latest; together they hold each selected event once. Without
/// events there are no bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// Where the first bin starts, in ticks of the recording: a whole number of widths from the start of
    /// the time that is selected or, where that has none, from the recording's first event. 128 bits, for
    /// it may lie before what 64 bits hold.
    pub start: i128,
    /// Width of a bin, in ticks; 0 without events, where nobody said one.
    pub width: u64,
    /// Ticks from the start of the first bin to the earliest of the events.
    pub lead: u64,
    /// Ticks from the earliest of the events to the latest: the last bin, and the first, may reach beyond.
    pub span: u64,
    /// What a tick is worth.
    pub time_base: TimeBase,
    /// The bins in the order of their time, without gaps.
    pub bins: Vec<RateBin>,
    /// What there is to say of the recording as it was read.
    pub report: Report,
}

impl Rate {
    /// Number of events.
    pub fn n_events(&self) -> u64 {
        self.bins.iter().map(|bin| bin.sum()).sum()
    }

    /// So many events of one bin as events a second.
    pub fn per_second(&self, events: u64) -> f64 {
        self.a_second(events, self.width)
    }

    /// Events a second, from the first event to the last; of less than a bin as of one.
    pub fn mean_per_second(&self) -> f64 {
        match self.bins.is_empty() {
            true => 0.0,
            false => self.a_second(self.n_events(), self.span.max(self.width)),
        }
    }

    /// Which part of a bin's time lies between the earliest event and the latest, from 0 to 1: less than 1
    /// of the first bin and the last alone.
    pub fn covered(&self, bin: usize) -> f64 {
        let (width, lead) = (i128::from(self.width), i128::from(self.lead));
        let start = bin as i128 * width;
        let from = start.max(lead);
        let to = (start + width).min(lead + i128::from(self.span) + 1);
        (to - from).max(0) as f64 / width as f64
    }

    fn a_second(&self, events: u64, ticks: u64) -> f64 {
        let (over, under) = (self.time_base.denominator(), self.time_base.numerator());
        events as f64 * over as f64 / (ticks as f64 * under as f64)
    }

    /// Start of a bin, in ticks of the recording.
    pub fn start_of(&self, bin: usize) -> i128 {
        self.start + bin as i128 * i128::from(self.width)
    }

    /// Has the times of the bins, which are those of the recording, count from there; the first event is
    /// at tick `first` of its clock. Of [`Origin::FirstWanted`] the first bin starts at 0.
    pub fn count_from(&mut self, origin: Origin, clock: Clock, first: Option<i64>) {
        self.start -= match origin {
            Origin::Recorded => 0,
            Origin::Clock => -i128::from(clock.epoch),
            Origin::FirstEvent => first.map_or(0, i128::from),
            Origin::FirstWanted => self.start,
        };
    }

    /// The first of the bins with the most events; none without events.
    pub fn peak(&self) -> Option<usize> {
        let most = self.bins.iter().map(|bin| bin.sum()).max()?;
        self.bins.iter().position(|bin| bin.sum() == most)
    }
}

/// Counts the events that are wanted of a recording in bins of so much time each or, without one, of the
/// 1, 2 or 5 times a power of ten ticks that makes about a hundred of them. Times may run backwards.
///
/// By an index, a chunk that lies in one bin is not decoded, unless pixels or a polarity are selected;
/// the others are, side by side. Memory is that of the bins, 16 bytes each.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let text = folder.path().join("events.txt");
/// # std::fs::write(&text, "0.000010 3 7 1\n0.000020 4 7 0\n0.000024 4 8 1\n0.000041 4 8 1\n")?;
/// use std::time::Duration;
///
/// use evz::{OpenOptions, Wanted};
///
/// let recording = evz::open(&text, &OpenOptions::new())?;
/// let rate = evz::rate(recording, &Wanted::all(), Duration::from_micros(10))?;
/// assert_eq!(rate.start, 10);
/// let counts: Vec<_> = rate.bins.iter().map(|bin| (bin.on, bin.off)).collect();
/// assert_eq!(counts, [(1, 0), (1, 1), (0, 0), (1, 0)]);
/// assert_eq!(rate.peak(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// If the recording cannot be read, what is wanted makes no sense, the time of a bin is no whole number
/// of ticks, or it makes more than [`MAX_RATE_BINS`] bins: the error then names a time that does not.
pub fn rate(
    recording: Recording,
    wanted: &Wanted,
    every: impl Into<Option<Duration>>,
) -> Result<Rate> {
    let (recording, first) = recording.started()?;
    let (recording, selection) = recording.selection(wanted)?;
    let info = recording.info();
    let width = every.into().map(|every| every.as_nanos());
    let width = width.map(|ns| ticks_of_every(ns, info.time_base));
    let mut rate = rate_with(recording, &selection, width.transpose()?, |_, _| {})?;
    rate.count_from(wanted.origin, info.clock, first);
    Ok(rate)
}

/// Counts the selected events of a recording in bins of `width` ticks, as [`rate`] does; the columns of the
/// selection are of no concern. `watch` hears of the number of events that were counted more, and of how far
/// the source has come.
///
/// # Errors
/// As [`rate`].
pub fn rate_with(
    mut recording: Recording,
    selection: &Selection,
    width: Option<u64>,
    mut watch: impl FnMut(usize, Option<Progress>),
) -> Result<Rate> {
    if width == Some(0) {
        return Err(Error::invalid("bins of no ticks hold no events"));
    }
    let mut selection = selection.clone();
    selection.columns = Columns {
        p: true,
        ..Columns::T
    };
    recording.only_events();
    let (recording, first) = recording.started()?;
    let told = selection.time.as_ref().map(|time| time.start);
    let origin = told.filter(|start| *start > i64::MIN).or(first);
    let origin = origin.unwrap_or_default();
    let (name, time_base) = (recording.name().to_owned(), recording.info().time_base);
    let mut bins = Bins::new(
        origin,
        width.or_else(|| known_width(&recording, &selection)),
    );
    let report = match by_index::reader(&recording) {
        Some(reader) => {
            by_index::count(&reader, &selection, &mut bins, &mut watch)?;
            recording.report()
        }
        None => {
            let mut source = recording.into_selected(selection);
            let mut batch = EventBatch::default();
            loop {
                if let Next::End(report) = source.read_events(&mut batch)? {
                    break report;
                }
                bins.add_events(&batch.t, &batch.p);
                watch(batch.len(), source.progress());
            }
        }
    };
    let Binned {
        start,
        width,
        lead,
        span,
        bins,
    } = bins.finish().map_err(|many| {
        let what = format!(
            "{} bins of {}, and no more than {MAX_RATE_BINS} are counted",
            many.bins,
            every_text(many.width, time_base)
        );
        let enough = many.accepted(time_base);
        Error::limit(name, what).settled_by(Question::Every, [every_text(enough, time_base)])
    })?;
    Ok(Rate {
        start,
        width,
        lead,
        span,
        time_base,
        bins,
        report,
    })
}

/// The width that nobody said, where the index knows the time of all that is selected.
fn known_width(recording: &Recording, selection: &Selection) -> Option<u64> {
    let all = Selection {
        columns: selection.columns,
        ..Selection::default()
    };
    let extent = recording.index()?.extent();
    let known = *selection == all && extent.n_events > 0;
    known.then(|| width::default_width(extent.t_first, extent.t_min, extent.t_max))
}
