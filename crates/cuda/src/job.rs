//! What a lane is asked for.

use evz_core::{EventSlice, Selection};
use evz_render::{FrameSpec, JobWindows};

use crate::chunk::Chunk;
use crate::resident::Resident;
use crate::staging::Staging;

/// A job of a rendering, its events in a form that the device takes.
#[derive(Clone)]
pub struct DeviceJob<'a> {
    /// The events, in the order of the recording.
    pub events: DeviceEvents<'a>,
    /// Whether no time is earlier than the one before it.
    pub sorted: bool,
    /// Which of them count. Event numbers are positions in `events`; columns do not matter.
    pub selection: Selection,
    /// The windows, one a frame.
    pub windows: &'a JobWindows,
    /// What is made of them.
    pub spec: FrameSpec,
}

/// Where the events of a device's job are.
#[derive(Clone, Copy)]
pub enum DeviceEvents<'a> {
    /// In chunks that the device decodes.
    Chunks(&'a [Chunk<'a>]),
    /// The same, in memory that the device copies on its own.
    Staged(&'a Staging),
    /// In chunks that are on the device already; all of them are decoded at once.
    Resident(&'a Resident),
    /// In columns. Those that nothing needs may be empty.
    Columns(EventSlice<'a>),
}

impl<'a> DeviceEvents<'a> {
    /// How many chunks there are, each of which can be decoded by itself.
    pub(crate) fn chunks(&self) -> usize {
        match self {
            Self::Chunks(chunks) => chunks.len(),
            Self::Staged(staging) => staging.len(),
            Self::Resident(_) | Self::Columns(_) => 0,
        }
    }

    /// One of them.
    pub(crate) fn chunk(&self, number: usize) -> Option<Chunk<'a>> {
        match self {
            Self::Chunks(chunks) => chunks.get(number).copied(),
            Self::Staged(staging) => (number < staging.len()).then(|| staging.chunk(number)),
            Self::Resident(_) | Self::Columns(_) => None,
        }
    }
}
