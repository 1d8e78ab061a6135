//! What AEDAT says of itself.

use evz_core::{Format, Holds, Opened, Question, SideStreams, TimeBase};

use crate::aedat2::Layout;
use crate::{Aedat4Sink, aedat4::MAX_COORDINATE, open::probe, side};

/// The formats of this crate: all versions of AEDAT are one, for the first line tells them apart.
pub static FORMATS: &[Format] = &[Format {
    name: "aedat",
    reads: "iniVation AEDAT 1.0, 2.0, 3.0, 3.1, 4: plain, LZ4, zstd; several streams; frames, IMU, triggers",
    writes: "AEDAT 4: events, frames, IMU, triggers",
    extensions: &["aedat4", "aedat"],
    packed: false,
    probe,
    open: |input, options| crate::open(input, options).map(Opened::Stream),
    open_parts: Some(crate::open::open_parts),
    open_streams: Some(|input, options| {
        let sources = crate::open_streams(input, options)?;
        Ok(sources.into_iter().map(Opened::Stream).collect())
    }),
    create: Some(|out, info, _| Ok(Box::new(Aedat4Sink::create(out, info)?))),
    open_options: &[Question::Encoding, Question::Stream],
    create_options: &[],
    // How AEDAT 1.0 and 2.0 lay out addresses, which their header does not always say.
    encodings: &Layout::NAMES,
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: false,
        streams: false,
        side_streams: SideStreams::Named(&[side::FRAMES, side::IMU, side::TRIGGERS]),
        columns: false,
        metadata: false,
        max_coordinate: MAX_COORDINATE,
        time_base: Some(TimeBase::MICROSECONDS),
        // Packets have checksums, the header and the heads of packets have none.
        checksums: false,
    },
}];
