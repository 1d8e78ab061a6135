//! What a format says of itself.

use std::fmt;
use std::sync::Arc;

use crate::{
    Clues, CreateOptions, EventIndex, EventSink, EventSource, Input, OpenOptions, Output, Parts,
    Question, Result, StreamInfo, TimeBase,
};

/// A format of recordings: how it is called and recognised, how it is opened and created, what can
/// be told of it and what it can hold. Each crate of formats exports a list of these, and the list
/// of all is made of those.
pub struct Format {
    /// What options call it: `raw`.
    pub name: &'static str,
    /// What is read of it, in a few words for tables: `Prophesee RAW: EVT2, EVT2.1, EVT3`.
    pub reads: &'static str,
    /// What is written of it in a few words; empty if it is only read.
    pub writes: &'static str,
    /// How its files end, in small letters and without the dot; the first is for new ones.
    pub extensions: &'static [&'static str],
    /// Whether outputs of this format are also packed, as `.gz` and `.zst`.
    pub packed: bool,
    /// How sure a recording is of this format, up to 255; none if it is of another.
    pub probe: fn(&Clues<'_>) -> Option<u8>,
    /// Opens a recording of this format. The event stream that the option `stream` names comes with the side streams that
    /// belong to it, and with those of none; a side stream that it names, with all.
    pub open: fn(Input, &OpenOptions) -> Result<Opened>,
    /// Opens each event stream of a recording, if it may have several: at least one, with names that
    /// the option `stream` takes. Rows of side streams come with one of them alone.
    pub open_streams: Option<OpenStreams>,
    /// Opens a recording to decode parts of it, if its sources say what these are
    /// ([`EventSource::part`]).
    pub open_parts: Option<OpenParts>,
    /// Begins one, if the format is written.
    pub create: Option<Create>,
    /// What can be told of how it is read, beside the size of the sensor.
    pub open_options: &'static [Question],
    /// What can be told of how it is written.
    pub create_options: &'static [Question],
    /// The encodings that it is read in, where there are several.
    pub encodings: &'static [&'static str],
    /// The encodings that it is written in, where there are several; the first is the default.
    pub write_encodings: &'static [&'static str],
    /// The orders of the halves of its words, where there are several.
    pub word_orders: &'static [&'static str],
    /// What an output of it can hold.
    pub holds: Holds,
}

/// Opens the event streams of a recording.
pub type OpenStreams = fn(Input, &OpenOptions) -> Result<Vec<Opened>>;

/// Opens a recording to decode parts of it.
pub type OpenParts = fn(Input, &OpenOptions) -> Result<Arc<dyn Parts>>;

/// Begins a recording.
pub type Create = fn(Output, &StreamInfo, &CreateOptions) -> Result<Box<dyn EventSink>>;

/// What an output of a format can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    /// Whether times may run backwards.
    pub unsorted: bool,
    /// Whether there may be several event streams.
    pub streams: bool,
    /// The side streams that it has a place for.
    pub side_streams: SideStreams,
    /// Whether events may have further columns.
    pub columns: bool,
    /// Whether it has a place for metadata of any kind.
    pub metadata: bool,
    /// The largest coordinate.
    pub max_coordinate: u16,
    /// What a tick is, if it cannot be chosen.
    pub time_base: Option<TimeBase>,
    /// Whether a flipped bit is noticed when it is read.
    pub checksums: bool,
}

/// Which side streams an output has a place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideStreams {
    /// None.
    None,
    /// Those with one of these names.
    Named(&'static [&'static str]),
    /// All.
    Any,
}

/// An open recording, in one of the two ways that there are to read one.
pub enum Opened {
    /// By an index: any window at once.
    Indexed(Arc<dyn EventIndex>),
    /// From front to back.
    Stream(Box<dyn EventSource>),
}

impl Opened {
    /// A recording with an index.
    pub fn indexed(index: impl EventIndex) -> Self {
        Self::Indexed(Arc::new(index))
    }

    /// A recording that is read from front to back.
    pub fn stream(source: impl EventSource + 'static) -> Self {
        Self::Stream(Box::new(source))
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Format").field(&self.name).finish()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Format {}
