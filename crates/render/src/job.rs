//! A run of windows, painted by one thread.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Columns, EventBatch, EventIndex, EventSlice, Polarity, Result, Roi, Selection, SensorSize,
    TimeBase,
};

use crate::canvas::{Canvas, Scratch};
use crate::paint::Clock;
use crate::representation::Representation;
use crate::span;

/// Events of a job that is read at once. Less wastes time on the handing out, more takes memory and
/// leaves the second cache.
pub(crate) const JOB_EVENTS: u64 = 1 << 17;
/// Bytes of the frames of a job, if it is more than one frame.
const JOB_BYTES: usize = 1 << 20;
/// A window of so many events is read on its own, without the times if it needs none.
pub(crate) const APART: u64 = 1 << 14;

/// Windows to paint, and where their events come from.
pub(crate) enum Job {
    /// One window, read by the index in parts: it may be of any length.
    Apart {
        /// All of what is in the window, but for the columns.
        selection: Selection,
        /// The window in ticks, where it is one of time.
        window: Option<Range<i64>>,
    },
    /// Small windows, read by the index at once.
    Read {
        selection: Selection,
        windows: Vec<Part>,
    },
    /// Windows of events that were read already.
    Held {
        events: EventBatch,
        windows: Vec<Part>,
    },
}

/// A window within the events of a job.
pub(crate) enum Part {
    /// Positions.
    Events(Range<usize>),
    /// Ticks; the events are in order.
    Time(Range<i64>),
}

/// What all jobs of a rendering share.
pub(crate) struct Painter {
    pub(crate) index: Option<Arc<dyn EventIndex>>,
    pub(crate) representation: Representation,
    pub(crate) size: SensorSize,
    pub(crate) frame_len: usize,
    pub(crate) time_base: TimeBase,
    /// Whether the recording is known to be in order.
    pub(crate) sorted: bool,
    /// Painted frames that nobody looks at any more.
    pub(crate) canvases: Mutex<Vec<Canvas>>,
    desks: Mutex<Vec<Desk>>,
}

/// The memory that one job at a time works in.
#[derive(Default)]
struct Desk {
    events: EventBatch,
    times: EventBatch,
    scratch: Box<Scratch>,
}

impl Painter {
    pub(crate) fn new(
        index: Option<Arc<dyn EventIndex>>,
        representation: Representation,
        size: SensorSize,
        time_base: TimeBase,
    ) -> Result<Self> {
        Ok(Self {
            sorted: index.as_ref().is_some_and(|i| i.extent().sorted),
            index,
            representation,
            size,
            frame_len: representation.frame_len(size)?,
            time_base,
            canvases: Mutex::default(),
            desks: Mutex::default(),
        })
    }

    /// Windows of a job at most.
    pub(crate) fn most_windows(&self) -> u64 {
        let bytes = self.frame_len * self.representation.value_type().bytes();
        (JOB_BYTES / bytes.max(1)).clamp(1, 1024) as u64
    }

    /// Paints the windows of a job.
    pub(crate) fn run(&self, job: Job) -> Result<Vec<Canvas>> {
        let mut desk = take(&self.desks).unwrap_or_default();
        let painted = match job {
            Job::Apart { selection, window } => self
                .paint_apart(selection, window, &mut desk)
                .map(|c| vec![c]),
            Job::Read { selection, windows } => self.paint_read(selection, &windows, &mut desk),
            Job::Held { events, windows } => {
                let paint = |part| self.paint_part(events.as_slice(), part, &mut desk.scratch);
                Ok(windows.iter().map(paint).collect())
            }
        };
        give(&self.desks, desk);
        painted
    }

    fn paint_read(
        &self,
        selection: Selection,
        windows: &[Part],
        desk: &mut Desk,
    ) -> Result<Vec<Canvas>> {
        let columns = Columns {
            t: true,
            ..self.representation.columns()
        };
        let Desk {
            events, scratch, ..
        } = desk;
        let events = match &self.index {
            Some(index) => index.read_here(&selection.with_columns(columns), events)?,
            None => EventSlice::default(),
        };
        let paint = |part| self.paint_part(events, part, scratch);
        Ok(windows.iter().map(paint).collect())
    }

    /// Paints one window of events whose times are there too.
    fn paint_part(&self, events: EventSlice<'_>, part: &Part, scratch: &mut Scratch) -> Canvas {
        let (range, window) = match part {
            Part::Events(range) => (range.clone(), None),
            Part::Time(time) => {
                let before = |t: i64| events.t.partition_point(|e| *e < t);
                let start = before(time.start);
                (start..before(time.end).max(start), Some(time.clone()))
            }
        };
        let t = &events.t[range.clone()];
        let span = match t {
            [first, .., last] if self.sorted => Some((*first, *last)),
            t => span::of_times(t),
        };
        let clock = self.clock(window, span);
        let mut canvas = self.canvas(&clock);
        let events = EventSlice {
            t,
            x: &events.x[range.clone()],
            y: &events.y[range.clone()],
            p: events.p.get(range).unwrap_or_default(),
        };
        canvas.add(events, &clock, scratch);
        canvas.finish();
        canvas
    }

    /// Paints one window part by part.
    fn paint_apart(
        &self,
        selection: Selection,
        window: Option<Range<i64>>,
        desk: &mut Desk,
    ) -> Result<Canvas> {
        let span = if window.is_none() || self.representation.needs_span() {
            match &self.index {
                Some(index) => span::of_selected(&**index, &selection, &mut desk.times)?,
                None => None,
            }
        } else {
            None
        };
        let clock = self.clock(window, span);
        let mut canvas = self.canvas(&clock);
        let selection = selection.with_columns(self.representation.columns());
        if let Some(index) = &self.index {
            index.visit(&selection, &mut desk.events, &mut |events| {
                canvas.add(events, &clock, &mut desk.scratch);
                Ok(())
            })?;
        }
        canvas.finish();
        Ok(canvas)
    }

    fn clock(&self, window: Option<Range<i64>>, span: Option<(i64, i64)>) -> Clock {
        let (first, last) = span.unwrap_or_default();
        Clock {
            window: window.unwrap_or(first..last.saturating_add(1)),
            first,
            last,
            time_base: self.time_base,
        }
    }

    /// A cleared canvas.
    fn canvas(&self, clock: &Clock) -> Canvas {
        let mut canvas = take(&self.canvases)
            .unwrap_or_else(|| Canvas::new(self.representation, self.size, self.frame_len));
        canvas.begin(clock.window.clone());
        canvas
    }
}

pub(crate) fn take<T>(shelf: &Mutex<Vec<T>>) -> Option<T> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

pub(crate) fn give<T>(shelf: &Mutex<Vec<T>>, thing: T) {
    shelf
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(thing);
}

/// Whether a selection by pixel or polarity leaves some events out.
pub(crate) fn picks(roi: Option<Roi>, polarity: Option<Polarity>) -> bool {
    roi.is_some() || polarity.is_some()
}
