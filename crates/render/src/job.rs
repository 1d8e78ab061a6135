//! A run of windows, painted at once.

use std::ops::Range;

use evz_core::{EventBatch, Result, Selection};

use crate::canvas::Canvas;

/// Windows to paint, and where their events come from.
#[derive(Debug)]
pub enum Job {
    /// One window, of any length.
    Apart {
        /// All of what is in the window, but for the columns.
        selection: Selection,
        /// The window in ticks, where it is one of time.
        window: Option<Range<i64>>,
    },
    /// Windows that lie close together.
    Read {
        /// The events of all of them, but for the columns.
        selection: Selection,
        /// The windows.
        windows: Vec<Part>,
    },
    /// Windows of events that were read already.
    Held {
        /// The events.
        events: EventBatch,
        /// The windows.
        windows: Vec<Part>,
    },
}

/// A window within the events of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Positions among the events of the job.
    Events(Range<usize>),
    /// Ticks; the events are in order.
    Time(Range<i64>),
}

/// The jobs that a painter does best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobSizes {
    /// Events of a job that has more than one window, about.
    pub events: u64,
    /// A window of so many events is a job of its own.
    pub apart: u64,
    /// Windows of a job at most.
    pub windows: u64,
    /// Jobs in flight.
    pub at_once: usize,
}

/// What paints the windows of jobs: the processor, or a device that decodes the recording itself.
pub trait Painter: Send + Sync {
    /// The jobs that it does best.
    fn sizes(&self) -> JobSizes;

    /// Paints the windows of a job, in their order. Many threads call this at once.
    ///
    /// # Errors
    /// If the events of the job cannot be read.
    fn paint(&self, job: Job) -> Result<Vec<Canvas>>;

    /// Takes back the memory of a frame that nobody looks at any more.
    fn take_back(&self, canvas: Canvas);
}
