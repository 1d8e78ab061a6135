//! Formats of recordings that are known by their first bytes and not read.

use evz_core::{Error, Question};

use crate::registry::formats;

/// What is known of such a format.
struct Unread {
    name: &'static str,
    magic: &'static [u8],
    /// How to get at its events.
    way_out: &'static str,
}

const UNREAD: [Unread; 2] = [
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

/// Why what starts with these bytes and is of none of the formats is not read, unless it may be
/// text, whose reader says it.
pub(crate) fn why(head: &[u8], name: &str) -> Option<Error> {
    if let Some(known) = UNREAD.iter().find(|known| head.starts_with(known.magic)) {
        let what = format!("it is {}, which evz does not read", known.name);
        return Some(Error::unsupported(name, what).advise(known.way_out));
    }
    head.contains(&0).then(|| unknown(name))
}

/// The error for what is of no format.
pub(crate) fn unknown(name: &str) -> Error {
    let names: Vec<&str> = formats().map(|f| f.name).collect();
    let what = format!(
        "it is none of the formats that evz reads: {}; one without its header needs its format \
         told, and its encoding",
        names.join(", ")
    );
    // Without a header nothing but the user tells these.
    let bare = formats().filter(|f| !f.encodings.is_empty());
    Error::unsupported(name, what).settled_by(Question::Format, bare.map(|f| f.name))
}
