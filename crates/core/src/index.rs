//! Recordings any part of which can be read at once.

use crate::{EventBatch, EventSlice, EventSource, Result, Selection, StreamInfo};

/// What an index knows of all events together. Without events all is 0, and in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Number of events.
    pub n_events: u64,
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
pub trait EventIndex: Send + Sync {
    /// What is known before the events.
    fn info(&self) -> &StreamInfo;

    /// What is known of all events together.
    fn extent(&self) -> Extent;

    /// Number of events earlier than `t`, in a recording whose times are in order.
    ///
    /// # Errors
    /// If the recording is damaged.
    fn events_before(&self, t: i64) -> Result<u64>;

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

    /// All selected events at once, the wanted columns alone; works as [`EventIndex::visit`].
    ///
    /// # Errors
    /// If a part is damaged.
    fn read_here<'a>(
        &self,
        selection: &Selection,
        memory: &'a mut EventBatch,
    ) -> Result<EventSlice<'a>>;

    /// The selected events from front to back, all four columns, decoded ahead on all cores.
    fn source(&self, selection: &Selection) -> Box<dyn EventSource>;
}
