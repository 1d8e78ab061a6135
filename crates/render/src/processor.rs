//! The painter on the cores of the processor.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Columns, Error, EventBatch, EventIndex, EventSlice, Result, Selection, SensorSize, TimeBase,
};

use crate::canvas::{Canvas, Scratch};
use crate::job::{Job, JobSizes, Painter, Part};
use crate::paint::Clock;
use crate::representation::Representation;
use crate::span;

/// Events of a job that is read at once. Less wastes time on the handing out, more takes memory and
/// leaves the second cache.
const JOB_EVENTS: u64 = 1 << 17;
/// Bytes of the frames of a job, if it is more than one frame.
const JOB_BYTES: usize = 1 << 20;
/// A window of so many events is read without the times if it needs none.
const APART: u64 = 1 << 14;

/// What all jobs of a rendering share.
pub(crate) struct Processor {
    index: Option<Arc<dyn EventIndex>>,
    representation: Representation,
    size: SensorSize,
    frame_len: usize,
    time_base: TimeBase,
    /// Whether the recording is known to be in order.
    sorted: bool,
    /// Painted frames that nobody looks at any more.
    canvases: Mutex<Vec<Canvas>>,
    desks: Mutex<Vec<Desk>>,
}

/// The memory that one job at a time works in.
#[derive(Default)]
struct Desk {
    events: EventBatch,
    times: EventBatch,
    scratch: Box<Scratch>,
}

impl Processor {
    pub(crate) fn new(
        index: Option<Arc<dyn EventIndex>>,
        representation: Representation,
        size: SensorSize,
        time_base: TimeBase,
    ) -> Result<Self> {
        let frame_len = representation.frame_len(size)?;
        check_room(frame_len * representation.value_type().bytes())?;
        Ok(Self {
            sorted: index.as_ref().is_some_and(|i| i.extent().sorted),
            index,
            representation,
            size,
            frame_len,
            time_base,
            canvases: Mutex::default(),
            desks: Mutex::default(),
        })
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

impl Painter for Processor {
    /// Small jobs wait in line, so that no thread waits for them; of large frames there are as few
    /// as can be, since they take memory and leave the caches.
    fn sizes(&self) -> JobSizes {
        let bytes = self.frame_len * self.representation.value_type().bytes();
        let windows = (JOB_BYTES / bytes.max(1)).clamp(1, 1024) as u64;
        let threads = rayon::current_num_threads();
        JobSizes {
            events: JOB_EVENTS,
            apart: APART,
            windows,
            at_once: if windows > 1 { 2 * threads } else { threads },
        }
    }

    fn paint(&self, job: Job) -> Result<Vec<Canvas>> {
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

    fn take_back(&self, canvas: Canvas) {
        give(&self.canvases, canvas);
    }
}

/// Whether there is memory for frames of so many bytes: to run out of it later ends the process.
fn check_room(bytes: usize) -> Result<()> {
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| {
        let what = format!("a frame takes {bytes} bytes, and this machine has not so many");
        Error::limit(
            "frames",
            format!("{what}; ask for fewer bins or a smaller size"),
        )
    })
}

fn take<T>(shelf: &Mutex<Vec<T>>) -> Option<T> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give<T>(shelf: &Mutex<Vec<T>>, thing: T) {
    shelf
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(thing);
}
