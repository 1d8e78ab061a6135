//! What files of robots say of themselves.

use evz_core::{Clues, Format, Holds, OpenParts, Opened, Question, SideStreams};

use crate::open::{probe_bag, probe_db3, probe_mcap};

/// The formats of this crate.
pub static FORMATS: &[Format] = &[
    reads(
        "bag",
        "ROS 1 bags: event messages of dvs, prophesee, event_camera; several topics; IMU, images, triggers",
        &["bag"],
        probe_bag,
        Some(crate::open::open_parts),
    ),
    reads(
        "mcap",
        "MCAP of ROS 2 and ROS 1, also with messages in zstd: the same messages",
        &["mcap"],
        probe_mcap,
        Some(crate::open::open_parts),
    ),
    reads(
        "db3",
        "databases of rosbag2, also with messages in zstd: the same messages",
        &["db3"],
        probe_db3,
        None,
    ),
];

const fn reads(
    name: &'static str,
    reads: &'static str,
    extensions: &'static [&'static str],
    probe: fn(&Clues<'_>) -> Option<u8>,
    open_parts: Option<OpenParts>,
) -> Format {
    Format {
        name,
        reads,
        writes: "",
        extensions,
        packed: false,
        probe,
        open: |input, options| crate::open(input, options).map(Opened::Stream),
        open_parts,
        open_streams: Some(|input, options| {
            let sources = crate::open_streams(input, options)?;
            Ok(sources.into_iter().map(Opened::Stream).collect())
        }),
        create: None,
        open_options: &[Question::Stream],
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
            max_coordinate: 0,
            time_base: None,
            checksums: false,
        },
    }
}
