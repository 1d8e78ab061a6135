//! What a frame is made to be.

use evz_core::{SensorSize, TimeBase};

use crate::representation::Representation;

/// What kind of frame a rendering makes of its windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrameSpec {
    /// What is made of the events of a window.
    pub representation: Representation,
    /// Size of the frames.
    pub size: SensorSize,
    /// Whether time runs backwards in each window: an event at `t` of `start..end` is at `start + end - 1 - t`, with
    /// the other polarity, and the first one is the last. Brightness then changes as in a film that is played
    /// backwards (`EventSequence.reverse` of Tulyakov et al., "Time Lens", 2021).
    pub reversed: bool,
    /// What a tick is.
    pub time_base: TimeBase,
}
