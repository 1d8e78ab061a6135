//! Event Stream as a format among others.

use evz_core::{Format, Holds, Opened, SideStreams, TimeBase};

use crate::EsSink;
use crate::header::MAGIC;

/// The format of this crate.
pub static FORMATS: &[Format] = &[Format {
    name: "es",
    reads: "Event Stream 2: DVS, and ATIS without its exposure measurements",
    writes: "Event Stream 2.0: DVS",
    extensions: &["es"],
    packed: false,
    probe: |clues| clues.head.starts_with(MAGIC).then_some(255),
    open: |input, options| crate::open(input, options).map(Opened::stream),
    open_streams: None,
    create: Some(|out, info, _| Ok(Box::new(EsSink::create(out, info)?))),
    open_options: &[],
    create_options: &[],
    encodings: &[],
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: false,
        streams: false,
        side_streams: SideStreams::None,
        columns: false,
        metadata: false,
        // A coordinate is less than the side of the sensor, which has 16 bits.
        max_coordinate: u16::MAX - 1,
        time_base: Some(TimeBase::MICROSECONDS),
        checksums: false,
    },
}];
