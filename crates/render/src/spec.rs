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
    /// What a tick is.
    pub time_base: TimeBase,
}
