//! Formats of recordings that are known by their first bytes and not read.

use evz_core::Error;

use crate::format::Format;

/// What is known of such a format.
struct Unread {
    name: &'static str,
    magic: &'static [u8],
    /// How to get at its events.
    way_out: &'static str,
}

const UNREAD: [Unread; 6] = [
    Unread {
        name: "HDF5",
        magic: b"\x89HDF",
        way_out: "save its columns t, x, y and p as .npz with Python's h5py and NumPy",
    },
    Unread {
        name: "Event Stream",
        magic: b"Event Stream",
        way_out: "convert it to .aedat4 with `faery input file IN.es output file OUT.aedat4`",
    },
    Unread {
        name: "a ROS bag",
        magic: b"#ROSBAG",
        way_out: BAG_TO_RAW,
    },
    Unread {
        name: "MCAP",
        magic: b"\x89MCAP0",
        way_out: BAG_TO_RAW,
    },
    // What PowerShell writes into a file.
    Unread {
        name: "text in UTF-16",
        magic: b"\xff\xfe",
        way_out: TO_UTF_8,
    },
    Unread {
        name: "text in UTF-16",
        magic: b"\xfe\xff",
        way_out: TO_UTF_8,
    },
];

const TO_UTF_8: &str = "convert it with `iconv -f UTF-16 -t UTF-8`, or save it as UTF-8";

const BAG_TO_RAW: &str = "convert EVT3 messages of it to .raw with bag_to_raw of the ROS package \
                          event_camera_tools, others to .csv by a script";

/// Why a file of none of the formats is not read, unless it may be text, whose reader says it.
pub(crate) fn why(head: &[u8], place: &str) -> Option<Error> {
    if let Some(known) = UNREAD.iter().find(|known| head.starts_with(known.magic)) {
        let what = format!(
            "it is {}, which evz does not read; {}",
            known.name, known.way_out
        );
        return Some(Error::unsupported(place, what));
    }
    if !head.contains(&0) || is_packed(head) {
        return None;
    }
    let what = format!(
        "it is none of the formats that evz reads: {}; a RAW or DAT whose header does not \
         tell needs --input-format and --encoding",
        Format::ALL.map(Format::name).join(", ")
    );
    Some(Error::unsupported(place, what))
}

/// Whether it is compressed, as text may be.
fn is_packed(head: &[u8]) -> bool {
    let magics: [&[u8]; 3] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK"];
    magics.iter().any(|magic| head.starts_with(magic))
}
