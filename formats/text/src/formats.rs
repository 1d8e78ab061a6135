//! What text says of itself among the formats.

use evz_core::{Clues, Format, Holds, Opened, Question, SideStreams};

use crate::{
    create,
    detect::sample::{NoSample, Sample},
    open,
};

/// The one format of this crate.
pub static FORMATS: &[Format] = &[Format {
    name: "text",
    reads: "text: any order of t x y p; space, tab, comma, semicolon; seconds, ms, µs, ns; 0/1, \
            -1/1, True/False; headers of e2vid, Metavision, faery, DV and others",
    writes: "text: the same",
    extensions: &["txt", "csv", "tsv", "text"],
    packed: true,
    probe,
    open: |input, options| open(input, options).map(Opened::stream),
    open_streams: None,
    open_parts: Some(crate::parts::open),
    create: Some(create),
    open_options: &[
        Question::Columns,
        Question::TimeUnit,
        Question::Decimals,
        Question::PolarityMap,
        Question::OnBadLine,
    ],
    create_options: &[
        Question::Columns,
        Question::TimeUnit,
        Question::Decimals,
        Question::Separator,
        Question::PolarityStyle,
        Question::Header,
    ],
    encodings: &[],
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: true,
        streams: false,
        side_streams: SideStreams::None,
        columns: true,
        metadata: false,
        max_coordinate: u16::MAX,
        time_base: None,
        checksums: false,
    },
}];

/// Text has no mark of its own, so that any other format goes first.
fn probe(clues: &Clues<'_>) -> Option<u8> {
    const LEAST: u8 = 1;
    // To look for lines in anything takes longer than to open most recordings, and in words of bytes there
    // soon is what no line has.
    let start = &clues.head[..clues.head.len().min(4096)];
    if start.contains(&0) {
        return None;
    }
    let sample = Sample::take(clues.head, true, &[], None, None);
    matches!(sample, Ok(_) | Err(NoSample::Unnamed { .. })).then_some(LEAST)
}
