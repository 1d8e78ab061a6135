//! What `.evz` says of itself as a format.

use evz_core::{
    CreateOptions, Error, EventSink, Format, Holds, Input, OpenOptions, Opened, Output, Question,
    Result, SideStreams, StreamInfo,
};

use crate::forever::FILE_MAGIC;
use crate::reader::{ReadOptions, Reader};
use crate::wire::StreamRoot;
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
    open_streams: Some(open_streams),
    open_parts: None,
    create: Some(create),
    open_options: &[Question::Stream, Question::Sample],
    create_options: &[Question::Profile],
    encodings: &[],
    write_encodings: &[],
    word_orders: &[],
    holds: Holds {
        unsorted: true,
        streams: true,
        side_streams: SideStreams::Any,
        columns: true,
        metadata: true,
        max_coordinate: u16::MAX,
        time_base: None,
        checksums: true,
    },
}];

fn open(input: Input, told: &OpenOptions) -> Result<Opened> {
    let reader = options(told).open_input(input)?;
    reader.check_has_events()?;
    let reader = match &told.stream {
        Some(stream) => named(&reader, stream)?,
        None => one_of(&reader)?,
    };
    Ok(Opened::indexed(reader))
}

/// Every event stream, with its own side streams.
fn open_streams(input: Input, told: &OpenOptions) -> Result<Vec<Opened>> {
    let reader = options(told).open_input(input)?;
    reader.check_has_events()?;
    let positions = 0..reader.streams().len();
    let streams = positions.filter_map(|position| reader.of_stream(position));
    Ok(streams
        .map(|stream| Opened::indexed(stream.apart()))
        .collect())
}

fn options(told: &OpenOptions) -> ReadOptions {
    match told.size {
        Some(size) => ReadOptions::new().with_size(size),
        None => ReadOptions::new(),
    }
}

/// The event stream of a number or name, with what belongs to it; of a file whose side stream is meant, the first, with
/// all side streams.
fn named(reader: &Reader, stream: &str) -> Result<Reader> {
    let mut side = reader.side_streams().iter();
    if side.any(|s| s.name == stream) {
        return Ok(reader.clone());
    }
    let declared = reader.streams().iter().map(|s| &s.declaration);
    let position = declared.clone().position(|d| d.name == stream);
    let position = position.or_else(|| {
        let number: u16 = stream.parse().ok()?;
        declared.clone().position(|d| d.id == number)
    });
    position
        .and_then(|position| reader.of_stream(position))
        .map(Reader::alone)
        .ok_or_else(|| {
            let name = reader.name();
            let error = Error::invalid(format!("{name}: there is no event stream {stream:?}"));
            error.settled_by(Question::Stream, names(reader))
        })
}

/// The only event stream that has events.
fn one_of(reader: &Reader) -> Result<Reader> {
    reader.only_stream().ok_or_else(|| {
        let what = format!("it holds {} event streams", reader.streams().len());
        let error = Error::ambiguous(reader.name(), what);
        error.settled_by(Question::Stream, names(reader))
    })
}

fn names(reader: &Reader) -> Vec<String> {
    let name = |s: &StreamRoot| match s.declaration.name.as_str() {
        "" => s.declaration.id.to_string(),
        name => name.to_owned(),
    };
    reader.streams().iter().map(name).collect()
}

fn create(out: Output, info: &StreamInfo, told: &CreateOptions) -> Result<Box<dyn EventSink>> {
    let options = match &told.profile {
        Some(profile) => WriteOptions::new().with_profile(profile)?,
        None => WriteOptions::new(),
    };
    Ok(Box::new(EvzSink::create(out, info, options)?))
}
