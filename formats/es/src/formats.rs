//! Event Stream as a format among others.

use evz_core::{
    CreateOptions, EventSink, Format, Holds, Opened, Output, Question, Result, SideStreams,
    StreamInfo, TimeBase,
};

use crate::header::MAGIC;
use crate::{Encoding, EsSink};

/// The format of this crate.
pub static FORMATS: &[Format] = &[Format {
    name: "es",
    reads: "Event Stream 2: DVS, ATIS, colour, generic",
    writes: "Event Stream 2.0: DVS, ATIS, colour",
    extensions: &["es"],
    packed: false,
    probe: |clues| clues.head.starts_with(MAGIC).then_some(255),
    open: |input, options| crate::open(input, options).map(Opened::stream),
    open_streams: None,
    open_parts: Some(crate::parts::open),
    create: Some(create),
    open_options: &[],
    create_options: &[Question::Encoding],
    encodings: &[],
    write_encodings: &[
        Encoding::Dvs.name(),
        Encoding::Atis.name(),
        Encoding::Color.name(),
    ],
    word_orders: &[],
    holds: Holds {
        unsorted: false,
        streams: false,
        // In the encoding atis.
        side_streams: SideStreams::Named(&[crate::exposure::STREAM]),
        // But for those of its encodings.
        columns: false,
        metadata: false,
        // A coordinate is less than the side of the sensor, which has 16 bits.
        max_coordinate: u16::MAX - 1,
        time_base: Some(TimeBase::MICROSECONDS),
        checksums: false,
    },
}];

/// Writes the encoding that is told, or else DVS.
fn create(out: Output, info: &StreamInfo, options: &CreateOptions) -> Result<Box<dyn EventSink>> {
    let encoding = match &options.encoding {
        Some(name) => name.parse()?,
        None => Encoding::Dvs,
    };
    Ok(Box::new(EsSink::create(out, info, encoding)?))
}
