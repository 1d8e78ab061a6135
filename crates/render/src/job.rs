//! A run of windows, painted at once.

use std::ops::Range;

use evz_core::{EventBatch, Result, Selection};

use crate::frame::Painted;

/// Windows to paint, and where their events come from.
#[derive(Debug)]
pub struct Job {
    /// The events.
    pub events: JobEvents,
    /// The windows, one a frame.
    pub windows: JobWindows,
}

/// Where the events of a job come from.
#[derive(Debug)]
pub enum JobEvents {
    /// The recording, of which these are few enough to be read at once; columns do not matter.
    Read(Selection),
    /// The recording, of which these may be any number. All of them lie in the one window of the
    /// job. Columns do not matter.
    Visit(Selection),
    /// They were read already, with all four columns.
    Held(EventBatch),
}

/// The windows of a job, all known in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobWindows {
    /// Positions among the selected events of the job. What lies behind the last event is cut off.
    /// In ticks, a window is from the earliest of its events to one tick behind the latest.
    Positions(Vec<Range<u64>>),
    /// Positions and ticks: times that nothing else needs are not read.
    Located(Vec<(Range<u64>, Range<i64>)>),
    /// Ticks. Where there is more than one window, the events are in order.
    Ticks(Vec<Range<i64>>),
}

/// Positions of a window that holds all events of its job.
pub(crate) const ALL_EVENTS: Range<u64> = 0..u64::MAX;

impl JobWindows {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Positions(windows) => windows.len(),
            Self::Located(windows) => windows.len(),
            Self::Ticks(windows) => windows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Positions of a window, where they are known.
    ///
    /// # Panics
    /// If there is no such window.
    pub fn positions(&self, number: usize) -> Option<Range<u64>> {
        match self {
            Self::Positions(windows) => Some(windows[number].clone()),
            Self::Located(windows) => Some(windows[number].0.clone()),
            Self::Ticks(_) => None,
        }
    }

    /// Ticks of a window, where they are known.
    ///
    /// # Panics
    /// If there is no such window.
    pub fn ticks(&self, number: usize) -> Option<Range<i64>> {
        match self {
            Self::Positions(_) => None,
            Self::Located(windows) => Some(windows[number].1.clone()),
            Self::Ticks(windows) => Some(windows[number].clone()),
        }
    }
}

/// The jobs that a painter does best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobSizes {
    /// Events of a job that has more than one window, about.
    pub events: u64,
    /// A window of so many events is a job of its own.
    pub apart: u64,
    /// Borders of windows of so many events are looked up in the index, one by one. Of shorter ones
    /// the times are read instead.
    pub located: u64,
    /// Windows of a job at most.
    pub windows: u64,
    /// Jobs in flight.
    pub at_once: usize,
}

/// A job, and what is known of its windows beside what a painter needs.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) job: Job,
    /// Number of the first event of each window; empty where that is not known.
    pub(crate) firsts: Vec<Option<u64>>,
}

/// Hands out the jobs of a rendering, in order.
pub(crate) trait Jobs: Send {
    /// The next job; none at the end.
    fn next_job(&mut self) -> Result<Option<Planned>>;

    /// Windows that are in no job yet, where that is known.
    fn left(&self) -> Option<u64>;

    /// Windows that are in no job yet, and are known to be there.
    fn at_least(&self) -> u64 {
        self.left().unwrap_or(0)
    }
}

/// What paints the windows of jobs: the processor, or a device that decodes the recording itself.
pub trait Painter: Send + Sync {
    /// The jobs that it does best.
    fn sizes(&self) -> JobSizes;

    /// Paints the windows of a job, in their order. Many threads call this at once.
    ///
    /// # Errors
    /// If the events of the job cannot be read.
    fn paint(&self, job: Job) -> Result<Vec<Painted>>;

    /// Takes back the memory of a frame that nobody looks at any more.
    fn take_back(&self, painted: Painted);
}
