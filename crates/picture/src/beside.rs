//! What a recording has beside its events, in a picture of them.

use crate::ground::Ground;
use crate::marks::Mark;
use crate::traces::Trace;

/// What is drawn under and over the events of a frame.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// What a camera saw, of the size of the frame, for a style [with a ground](crate::Style::with_ground); where
    /// there is none yet, the ground is plain.
    pub ground: Option<&'a Ground>,
    /// Moments in the order of their time. Those in the window of the frame stand in a strip at the bottom.
    pub marks: &'a [Mark],
    /// What was measured, in strips below the marks.
    pub traces: &'a [Trace],
}

impl Beside<'_> {
    /// Columns and rows of the smallest picture on which marks and traces leave something of the events to be seen.
    pub const LEAST: (usize, usize) = (100, 120);
}
