//! How recordings flow: a source gives batches, a sink takes them.

use crate::{Columns, EventBatch, EventSlice, Metadata, Result, SensorSize, SideRows, TimeBase};

/// What is known of a recording before its events.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamInfo {
    /// What a tick of `t` is worth.
    pub time_base: TimeBase,
    /// The sensor, where the source says it.
    pub size: Option<SensorSize>,
    /// Everything else that the source says of itself.
    pub metadata: Metadata,
}

/// How far a source has come, in whatever it counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What has been read: bytes of a stream, events of an indexed file.
    pub done: u64,
    /// The same for all of the input, where that is known.
    pub total: Option<u64>,
}

/// Something of the input that is not in the events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// What was lost, as a plural: `lines that are no event`.
    pub what: String,
    /// How many.
    pub count: u64,
    /// The first few, with their place.
    pub examples: Vec<String>,
}

/// What a source has to say of its reading; complete once it has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What was inferred rather than told, one line each: `read as: t x y p, microseconds, …`.
    pub inferred: Vec<String>,
    /// What the user should know, though nothing is lost: times that run backwards, events beyond
    /// the sensor.
    pub notes: Vec<String>,
    /// What was skipped. Not empty means exit code 3.
    pub losses: Vec<Loss>,
}

/// A recording that is read from front to back.
pub trait EventSource: Send {
    /// What is known before the events.
    fn info(&self) -> &StreamInfo;

    /// Replaces the contents of `batch` by the next events, all four columns; returns how many, and
    /// 0 only at the end.
    ///
    /// # Errors
    /// Where the input cannot be read or is no recording, with the place.
    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize>;

    /// The rows of side streams that stood among what was read since the last call, in the order of
    /// the input; complete once [`EventSource::read_batch`] has returned 0.
    fn take_side_rows(&mut self) -> Vec<SideRows> {
        Vec::new()
    }

    /// What has been inferred, noticed and lost so far.
    fn report(&self) -> Report {
        Report::default()
    }

    /// Metadata that is known only once everything has been read.
    fn closing_metadata(&self) -> Metadata {
        Metadata::new()
    }

    /// How far the reading has come.
    fn progress(&self) -> Option<Progress> {
        None
    }
}

/// Where a recording is written to.
pub trait EventSink {
    /// Writes the next events.
    ///
    /// # Errors
    /// Where the output cannot be written, or cannot hold these events.
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()>;

    /// Writes what is left and the metadata known only now; the output is whole once this returns.
    ///
    /// # Errors
    /// As [`EventSink::write_batch`].
    fn finish(self: Box<Self>, closing: &Metadata) -> Result<()>;
}

impl EventBatch {
    /// Gives every wanted column the length `n`, the others 0. Kept values stay, new ones are 0.
    pub fn resize(&mut self, n: usize, columns: Columns) {
        self.t.resize(if columns.t { n } else { 0 }, 0);
        self.x.resize(if columns.x { n } else { 0 }, 0);
        self.y.resize(if columns.y { n } else { 0 }, 0);
        self.p.resize(if columns.p { n } else { 0 }, 0);
    }
}
