//! HDF5 as a format among others.

use evz_core::{Format, Holds, Opened, Question, SideStreams, TimeBase};

use crate::Hdf5Sink;
use crate::open::probe;
use crate::parts::open_parts;

/// The format of this crate.
pub static FORMATS: &[Format] = &[Format {
    name: "hdf5",
    reads: "HDF5: DSEC, M3ED, TUM-VIE, MVSEC, v2e, E2VID, Prophesee (also ECF), columns by their paths",
    writes: "HDF5 as DSEC: Blosc, Zstandard",
    extensions: &["h5", "hdf5"],
    packed: false,
    probe,
    open: |input, options| crate::open(input, options).map(Opened::stream),
    open_parts: Some(open_parts),
    open_streams: Some(|input, options| {
        let sources = crate::open_streams(input, options)?;
        Ok(sources.into_iter().map(Opened::stream).collect())
    }),
    create: Some(|out, info, _| Ok(Box::new(Hdf5Sink::create(out, info)?))),
    open_options: &[
        Question::Columns,
        Question::Paths,
        Question::OnBadLine,
        Question::PolarityMap,
        Question::TimeUnit,
        Question::Stream,
    ],
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
        max_coordinate: u16::MAX,
        time_base: Some(TimeBase::MICROSECONDS),
        checksums: false,
    },
}];
