//! The painter on the cores of the processor.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use evz_core::{
    Columns, EventBatch, EventIndex, EventSlice, Memory, Place, Result, Selection, max_memory,
    parallel,
};

use crate::canvas::{Canvas, Scratch};
use crate::frame::Painted;
use crate::job::{Job, JobEvents, JobSizes, JobWindows, Painter};
use crate::paint::{Clock, Round, rounds};
use crate::preparation::Preparation;
use crate::rectification::Rectification;
use crate::rectify_map::RectifyMap;
use crate::reversal::mirror;
use crate::span;
use crate::spec::FrameSpec;

/// Events of a job that is read at once. Less wastes time on the handing out, more takes memory and
/// leaves the second cache.
const JOB_EVENTS: u64 = 1 << 17;
/// Bytes of the frames of a job, if it is more than one frame.
const JOB_BYTES: usize = 1 << 20;
/// A window of so many events is read without the times if it needs none.
const APART: u64 = 1 << 14;
/// Events that are held from one round over a window to the next.
const HELD_EVENTS: usize = 1 << 20;

/// What all jobs of a rendering share.
pub(crate) struct Processor {
    index: Option<Arc<dyn EventIndex>>,
    spec: FrameSpec,
    rectification: Option<Rectification>,
    /// Whether it matters which values are exactly 0.
    zeros_count: bool,
    /// Large frames that are painted at a time.
    at_once: usize,
    frame_len: usize,
    /// Whether the recording is known to be in order.
    sorted: bool,
    /// Painted frames that nobody looks at any more.
    frames: Mutex<Vec<Painted>>,
    desks: Mutex<Vec<Desk>>,
}

/// The memory that one job at a time works in.
#[derive(Default)]
struct Desk {
    events: EventBatch,
    times: EventBatch,
    held: EventBatch,
    scratch: Box<Scratch>,
}

/// The painter on the cores of the processor, for who makes the jobs: of a recording with an index, and
/// frames of any windows, rectified by a map if one is given, and to be prepared so.
///
/// # Errors
/// If such frames cannot be made.
pub fn processor(
    index: Arc<dyn EventIndex>,
    spec: FrameSpec,
    map: Option<Arc<RectifyMap>>,
    preparation: Option<Preparation>,
) -> Result<Arc<dyn Painter>> {
    Ok(Arc::new(Processor::new(
        Some(index),
        spec,
        map,
        preparation,
    )?))
}

impl Processor {
    /// One of a recording with an index, or of events that come with the jobs; of frames that are rectified by a
    /// map, if one is given, and will be prepared so.
    pub(crate) fn new(
        index: Option<Arc<dyn EventIndex>>,
        spec: FrameSpec,
        map: Option<Arc<RectifyMap>>,
        preparation: Option<Preparation>,
    ) -> Result<Self> {
        let frame_len = spec.representation.frame_len(spec.size)?;
        let bytes = (frame_len * spec.representation.value_type().bytes()).max(1) as u64;
        // Each is painted and handed on, and there is one that is looked at.
        let at_once = (max_memory() / 2 / bytes).clamp(1, parallel::threads() as u64);
        let what = format!("a frame of {} and the one before it", spec.size);
        drop(Memory::take(
            bytes.saturating_mul(2),
            &what,
            Place::default(),
        )?);
        Ok(Self {
            at_once: at_once as usize,
            sorted: index.as_ref().is_some_and(|i| i.extent().sorted),
            index,
            spec,
            rectification: map.map(|map| Rectification::new(map, spec)).transpose()?,
            zeros_count: preparation.is_some_and(|how| how.zeros_count()),
            frame_len,
            frames: Mutex::default(),
            desks: Mutex::default(),
        })
    }

    /// Paints windows of events that are read at once.
    fn paint_read(
        &self,
        selection: Selection,
        windows: &JobWindows,
        desk: &mut Desk,
    ) -> Result<Vec<Painted>> {
        let needed = self.spec.representation.facts().columns;
        let columns = Columns {
            t: needed.t || !matches!(windows, JobWindows::Located(_)),
            ..needed
        };
        let Desk {
            events, scratch, ..
        } = desk;
        let events = match &self.index {
            Some(index) => index.read_here(&selection.with_columns(columns), events)?,
            None => EventSlice::default(),
        };
        Ok(self.paint_windows(events, windows, scratch))
    }

    /// Paints windows of events whose times are there too, unless nothing needs them.
    fn paint_windows(
        &self,
        events: EventSlice<'_>,
        windows: &JobWindows,
        scratch: &mut Scratch,
    ) -> Vec<Painted> {
        let mut paint = |number| {
            let ticks = windows.ticks(number);
            let range = match (windows.positions(number), &ticks) {
                (Some(positions), _) => {
                    let position = |at: u64| at.min(events.x.len() as u64) as usize;
                    position(positions.start)..position(positions.end.max(positions.start))
                }
                (None, Some(ticks)) => {
                    let before = |t: i64| events.t.partition_point(|e| *e < t);
                    let start = before(ticks.start);
                    let end = match ticks.end {
                        // It has no end.
                        i64::MAX => events.t.len(),
                        end => before(end),
                    };
                    start..end.max(start)
                }
                (None, None) => 0..0,
            };
            let events = EventSlice {
                t: events.t.get(range.clone()).unwrap_or_default(),
                x: &events.x[range.clone()],
                y: &events.y[range.clone()],
                p: events.p.get(range).unwrap_or_default(),
                ..EventSlice::default()
            };
            self.paint_window(events, ticks, scratch)
        };
        (0..windows.len()).map(&mut paint).collect()
    }

    fn paint_window(
        &self,
        events: EventSlice<'_>,
        ticks: Option<Range<i64>>,
        scratch: &mut Scratch,
    ) -> Painted {
        let span = match events.t {
            [first, .., last] if self.sorted => Some((*first, *last)),
            t => span::of_times(t),
        };
        let mut clock = self.clock(ticks, span);
        let mut mirrored = EventBatch::default();
        let events = match self.spec.reversed {
            true => mirror(events, &mut clock, &mut mirrored),
            false => events,
        };
        let mut canvas = self.canvas(&clock);
        for round in self.rounds() {
            canvas.add(events, &clock, round, scratch);
        }
        canvas.finish()
    }

    /// Paints one window part by part.
    fn paint_visited(
        &self,
        selection: Selection,
        ticks: Option<Range<i64>>,
        desk: &mut Desk,
    ) -> Result<Painted> {
        let facts = self.spec.representation.facts();
        let span = match &self.index {
            Some(index) if ticks.is_none() || facts.needs_span => {
                span::of_selected(&**index, &selection, &mut desk.times)?
            }
            _ => None,
        };
        let clock = self.clock(ticks.clone(), span);
        let Some(index) = &self.index else {
            return Ok(self.canvas(&clock).finish());
        };
        let Desk {
            events,
            held,
            scratch,
            ..
        } = desk;
        let rounds = self.rounds();
        held.clear();
        if self.spec.reversed {
            let columns = Columns {
                t: facts.columns.t || ticks.is_none(),
                ..facts.columns
            };
            let selection = selection.with_columns(columns);
            index.visit(&selection, events, &mut |events| {
                held.extend(events);
                Ok(())
            })?;
            return Ok(self.paint_window(held.as_slice(), ticks, scratch));
        }
        let mut canvas = self.canvas(&clock);
        let selection = selection.with_columns(facts.columns);
        // Of a window of more events, they are read once more for each round.
        let mut all_held = rounds.len() > 1;
        index.visit(&selection, events, &mut |events| {
            canvas.add(events, &clock, rounds[0], scratch);
            all_held = all_held && held.len() + events.x.len() <= HELD_EVENTS;
            if all_held {
                held.extend(events);
            }
            Ok(())
        })?;
        for round in &rounds[1..] {
            if all_held {
                canvas.add(held.as_slice(), &clock, *round, scratch);
                continue;
            }
            index.visit(&selection, events, &mut |events| {
                canvas.add(events, &clock, *round, scratch);
                Ok(())
            })?;
        }
        Ok(canvas.finish())
    }

    fn clock(&self, ticks: Option<Range<i64>>, span: Option<(i64, i64)>) -> Clock {
        let (first, last) = span.unwrap_or_default();
        Clock {
            window: ticks.unwrap_or(first..last.saturating_add(1)),
            first,
            last,
            time_base: self.spec.time_base,
        }
    }

    /// How often the events of a window are added to its frame.
    fn rounds(&self) -> Vec<Round> {
        let shared = self.rectification.as_ref().is_some_and(|r| r.shares);
        rounds(self.spec.representation, shared, self.zeros_count)
    }

    /// A cleared canvas.
    fn canvas(&self, clock: &Clock) -> Canvas<'_> {
        let (memory, window) = (take(&self.frames), clock.window.clone());
        let rectification = self.rectification.as_ref();
        Canvas::new(self.spec, rectification, self.frame_len, memory, window)
    }
}

impl Painter for Processor {
    /// Small jobs wait in line, so that no thread waits for them; of large frames there are as few
    /// as can be, since they take memory and leave the caches.
    fn sizes(&self) -> JobSizes {
        let bytes = self.frame_len * self.spec.representation.value_type().bytes();
        let windows = (JOB_BYTES / bytes.max(1)).clamp(1, 1024) as u64;
        JobSizes {
            events: JOB_EVENTS,
            apart: APART,
            // Looking a border up decodes a part of the times on the one thread that hands out jobs.
            // With `small` that is 8,192 events, and reading all times on all cores was faster.
            located: u64::MAX,
            windows,
            at_once: if windows > 1 {
                2 * self.at_once
            } else {
                self.at_once
            },
        }
    }

    fn paint(&self, job: Job) -> Result<Vec<Painted>> {
        let mut desk = take(&self.desks).unwrap_or_default();
        let Job { events, windows } = job;
        let painted = match events {
            JobEvents::Read(selection) => self.paint_read(selection, &windows, &mut desk),
            JobEvents::Visit(selection) => (0..windows.len())
                .map(|k| self.paint_visited(selection.clone(), windows.ticks(k), &mut desk))
                .collect(),
            JobEvents::Held(events) => {
                Ok(self.paint_windows(events.as_slice(), &windows, &mut desk.scratch))
            }
        };
        give(&self.desks, desk);
        painted
    }

    fn take_back(&self, painted: Painted) {
        give(&self.frames, painted);
    }
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
