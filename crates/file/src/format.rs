//! What `.evz` says of itself as a format.

use evz_core::{
    CreateOptions, EventSink, Format, Holds, Input, OpenOptions, Opened, Output, Question, Result,
    SideStreams, StreamInfo,
};

use crate::forever::FILE_MAGIC;
use crate::reader::ReadOptions;
use crate::writer::{EvzSink, WriteOptions};

/// The format `.evz`.
pub static FORMATS: &[Format] = &[Format {
    name: "evz",
    reads: "this project's own, with its index: any window at once",
    writes: "the same, as `small`, `fast` or `small-gpu`",
    extensions: &["evz"],
    packed: false,
    probe: |clues| clues.head.starts_with(&FILE_MAGIC).then_some(u8::MAX),
    open,
    create: Some(create),
    open_options: &[],
    create_options: &[Question::Profile],
    encodings: &[],
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: true,
        side_streams: SideStreams::Any,
        metadata: true,
        max_coordinate: u16::MAX,
        time_base: None,
        checksums: true,
    },
}];

fn open(input: Input, told: &OpenOptions) -> Result<Opened> {
    let options = match told.size {
        Some(size) => ReadOptions::new().with_size(size),
        None => ReadOptions::new(),
    };
    options.open_input(input).map(Opened::indexed)
}

fn create(out: Output, info: &StreamInfo, told: &CreateOptions) -> Result<Box<dyn EventSink>> {
    let options = match &told.profile {
        Some(profile) => WriteOptions::new().with_profile(profile)?,
        None => WriteOptions::new(),
    };
    Ok(Box::new(EvzSink::create(out, info, options)?))
}
