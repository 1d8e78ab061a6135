//! Recordings any part of which can be read at once.

use std::any::Any;
use std::ops::Range;

use crate::{EventBatch, EventSlice, EventSource, Report, Result, Selection, SideRows, StreamInfo};

/// What an index knows of all events together. Without events all is 0, and in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Number of events.
    pub n_events: u64,
    /// Time of the first event.
    pub t_first: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Right-most column of an event.
    pub x_max: u16,
    /// Lowest row of an event.
    pub y_max: u16,
    /// Whether no event is earlier than the one before it.
    pub sorted: bool,
}

/// A recording with an index: many threads take parts of it at once, each at the cost of what it
/// takes.
pub trait EventIndex: Any + Send + Sync {
    /// What is known before the events.
    fn info(&self) -> &StreamInfo;

    /// What is known of all events together.
    fn extent(&self) -> Extent;

    /// Number of events earlier than `t`, in a recording whose times are in order.
    ///
    /// # Errors
    /// If the recording is damaged.
    fn events_before(&self, t: i64) -> Result<u64>;

    /// Number of events before the end of a window, in such a recording; all of them where the end is
    /// `i64::MAX`, as of a [`Selection`].
    ///
    /// # Errors
    /// As [`EventIndex::events_before`].
    fn events_until(&self, end: i64) -> Result<u64> {
        match end {
            i64::MAX => Ok(self.extent().n_events),
            end => self.events_before(end),
        }
    }

    /// Calls `act` for the selected events, the wanted columns alone, a part of bounded size at a
    /// time and in the order of the recording. Works on the calling thread, in `memory`, which
    /// later calls use again.
    ///
    /// # Errors
    /// If a part is damaged, or as `act` says.
    fn visit(
        &self,
        selection: &Selection,
        memory: &mut EventBatch,
        act: &mut dyn FnMut(EventSlice<'_>) -> Result<()>,
    ) -> Result<()>;

    /// Replaces the contents of `batch` by the selected events, the wanted columns alone, in the
    /// order of the recording. Works on all cores; memory grows with what is selected.
    ///
    /// # Errors
    /// If a part is damaged; `batch` then holds nothing to rely on.
    fn read(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()>;

    /// All selected events at once, the wanted columns alone; works as [`EventIndex::visit`].
    ///
    /// # Errors
    /// If a part is damaged.
    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>>;

    /// How many events fall into each of `bins` equal parts of the time from the earliest to the
    /// latest event, as closely as the index tells.
    ///
    /// # Errors
    /// If the index is damaged.
    fn activity(&self, bins: usize) -> Result<Vec<f64>>;

    /// The side streams, by name, each with its number of rows.
    ///
    /// # Errors
    /// If the index is damaged.
    fn side_streams(&self) -> Result<Vec<(String, u64)>> {
        Ok(Vec::new())
    }

    /// The rows of a side stream in a range of time, a part at a time, in their order.
    ///
    /// # Errors
    /// If there is no such stream; an item is an error where a part is damaged.
    fn side_rows(&self, stream: &str, time: Option<Range<i64>>) -> Result<SideParts>;

    /// What the user should know of the recording as a whole.
    fn report(&self) -> Report {
        Report::default()
    }

    /// The selected events from front to back, the wanted columns, decoded ahead on all cores, with
    /// the rows of side streams in the selected time beside them.
    fn source(&self, selection: &Selection) -> Box<dyn EventSource>;
}

/// Rows of a side stream, a part at a time.
pub type SideParts = Box<dyn Iterator<Item = Result<SideRows>> + Send>;
