//! A part of a job.

use std::ops::Range;

/// Events that are on the device at the same time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Which of the job's chunks; none where the events are columns.
    pub(crate) chunks: Range<usize>,
    /// Which of the job's events.
    pub(crate) events: Range<u64>,
}
