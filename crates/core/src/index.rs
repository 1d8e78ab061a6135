//! Recordings any part of which can be read at once.

use crate::{EventBatch, EventSource, Result, Selection, StreamInfo};

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

    /// Replaces the contents of `batch` by the selected events, the wanted columns alone, a part of
    /// bounded size at a time and in the order of the recording; calls `act` for each part. Works on
    /// the calling thread.
    ///
    /// # Errors
    /// If a part is damaged, or as `act` says.
    fn visit(
        &self,
        selection: &Selection,
        batch: &mut EventBatch,
        act: &mut dyn FnMut(&EventBatch) -> Result<()>,
    ) -> Result<()>;

    /// Replaces the contents of `batch` by all selected events, the wanted columns alone, on the
    /// calling thread.
    ///
    /// # Errors
    /// If a part is damaged.
    fn read_here(&self, selection: &Selection, batch: &mut EventBatch) -> Result<()>;

    /// The selected events from front to back, all four columns, decoded ahead on all cores.
    fn source(&self, selection: &Selection) -> Box<dyn EventSource>;
}
