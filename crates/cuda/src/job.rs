//! What a lane is asked for.

use std::ops::Range;

use evz_core::{EventSlice, Selection, SensorSize, TimeBase};
use evz_render::{Frame, Representation};

use crate::decode::Resident;

/// A run of windows, and the events that they lie in.
#[derive(Clone)]
pub struct Job<'a> {
    /// The events, in the order of the recording.
    pub events: Events<'a>,
    /// Whether no time is earlier than the one before it.
    pub sorted: bool,
    /// Which of them count. Event numbers are positions in `events`; columns do not matter.
    pub selection: Selection,
    /// The windows, one a frame.
    pub windows: Windows<'a>,
    /// What is made of them.
    pub representation: Representation,
    /// Size of the frames.
    pub size: SensorSize,
    /// What a tick is.
    pub time_base: TimeBase,
}

/// Where events are.
#[derive(Clone, Copy)]
pub enum Events<'a> {
    /// In chunks that the device decodes.
    Chunks(&'a [Chunk<'a>]),
    /// In chunks that are on the device already; all of them are decoded at once.
    Resident(&'a Resident),
    /// In columns. Those that nothing needs may be empty.
    Columns(EventSlice<'a>),
}

/// A chunk of a file, as its head says.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// The payload, whose checksums hold.
    pub payload: &'a [u8],
    /// The codec's number.
    pub codec: u16,
    /// Events in it.
    pub n_events: u32,
    /// Bytes of the payload's table of contents.
    pub toc_len: u32,
    /// Time of its first event.
    pub t_first: i64,
    /// Times are multiples of this after that.
    pub t_divisor: u64,
}

/// Windows, all of one kind.
#[derive(Debug, Clone, Copy)]
pub enum Windows<'a> {
    /// Positions among the selected events. What lies behind the last of them is cut off. In ticks,
    /// a window is from the earliest of its events to one tick behind the latest.
    Events(&'a [Range<u64>]),
    /// The same of windows whose ticks are known: times that nothing else needs are not decoded.
    Known(&'a [(Range<u64>, Range<i64>)]),
    /// Times in ticks.
    Time(&'a [Range<i64>]),
}

impl Windows<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Events(windows) => windows.len(),
            Self::Known(windows) => windows.len(),
            Self::Time(windows) => windows.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A frame, and what did not go into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Painted {
    /// The frame.
    pub frame: Frame,
    /// Selected events of its window that lie beyond the sensor.
    pub beyond: u64,
}
