//! RAW and DAT as formats among others.

use evz_core::{
    Clues, CreateOptions, Error, EventSink, Format, Holds, Input, OpenOptions, Opened, Output,
    Question, Result, SideStreams, StreamInfo, TimeBase,
};

use crate::guess::is_bare_dat;
use crate::header::Header;
use crate::header::family::{is_dat, is_raw};
use crate::sink::{MAX_DAT, MAX_RAW};
use crate::triggers::STREAM;
use crate::{Encoding, PropheseeSink, WordOrder};

/// RAW and DAT.
pub static FORMATS: &[Format] = &[
    Format {
        name: "raw",
        reads: "Prophesee RAW: EVT2, EVT2.1 in both word orders, EVT3, EVT4; clocks that wrap, triggers",
        writes: "EVT2, EVT3, EVT4; triggers",
        extensions: &["raw"],
        packed: false,
        probe: probe_raw,
        open,
        open_streams: None,
        open_parts: Some(crate::parts::open),
        create: Some(create_raw),
        open_options: &[Question::Encoding, Question::WordOrder],
        create_options: &[Question::Encoding],
        encodings: &[
            Encoding::Evt2.name(),
            Encoding::Evt21.name(),
            Encoding::Evt3.name(),
            Encoding::Evt4.name(),
        ],
        write_encodings: RAW_WRITTEN,
        word_orders: &[WordOrder::Little.name(), WordOrder::Legacy.name()],
        holds: Holds {
            unsorted: false,
            streams: false,
            side_streams: SideStreams::Named(&[STREAM]),
            columns: false,
            metadata: false,
            max_coordinate: MAX_RAW,
            time_base: Some(TimeBase::MICROSECONDS),
            checksums: false,
        },
    },
    Format {
        name: "dat",
        reads: "Prophesee DAT 1 and 2",
        writes: "DAT 2",
        extensions: &["dat"],
        packed: false,
        probe: probe_dat,
        open,
        open_streams: None,
        open_parts: Some(crate::parts::open),
        create: Some(create_dat),
        open_options: &[Question::Encoding],
        create_options: &[],
        encodings: &[Encoding::Dat1.name(), Encoding::Dat2.name()],
        write_encodings: &[],
        word_orders: &[],
        holds: Holds {
            unsorted: false,
            streams: false,
            side_streams: SideStreams::None,
            columns: false,
            metadata: false,
            max_coordinate: MAX_DAT,
            time_base: Some(TimeBase::MICROSECONDS),
            checksums: false,
        },
    },
];

/// The one first that most newer sensors speak, and most readers.
const RAW_WRITTEN: &[&str] = &[
    Encoding::Evt3.name(),
    Encoding::Evt2.name(),
    Encoding::Evt4.name(),
];

fn probe_raw(clues: &Clues<'_>) -> Option<u8> {
    is_raw(&Header::parse(clues.head)).then_some(250)
}

/// A file without a header is taken for DAT if nothing else knows it.
fn probe_dat(clues: &Clues<'_>) -> Option<u8> {
    let header = Header::parse(clues.head);
    if header.is_empty() {
        return is_bare_dat(clues.head).then_some(20);
    }
    is_dat(&header).then_some(250)
}

fn open(input: Input, options: &OpenOptions) -> Result<Opened> {
    crate::open(input, options).map(Opened::stream)
}

fn create_raw(
    out: Output,
    info: &StreamInfo,
    options: &CreateOptions,
) -> Result<Box<dyn EventSink>> {
    create(out, info, options, RAW_WRITTEN)
}

fn create_dat(
    out: Output,
    info: &StreamInfo,
    options: &CreateOptions,
) -> Result<Box<dyn EventSink>> {
    create(out, info, options, &[Encoding::Dat2.name()])
}

/// Writes the encoding that is told, if it is one of these, or else the first of them.
fn create(
    out: Output,
    info: &StreamInfo,
    options: &CreateOptions,
    encodings: &[&str],
) -> Result<Box<dyn EventSink>> {
    let name = options.encoding.as_deref().unwrap_or(encodings[0]);
    if !encodings.contains(&name) {
        let error = Error::invalid(format!("no encoding {name:?} is written"));
        return Err(error.settled_by(Question::Encoding, encodings));
    }
    let sink = PropheseeSink::create(out, name.parse()?, info)?;
    Ok(Box::new(sink))
}
