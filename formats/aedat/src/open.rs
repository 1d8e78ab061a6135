//! Opening a recording of any version, which its first line tells.

use std::sync::Arc;

use evz_core::{Clues, Error, EventSource, Input, OpenOptions, Parts, Question, Result, SideScope};

use crate::aedat2::Version;
use crate::no_such_stream::no_such_stream;
use crate::side::is_side_name;
use crate::{aedat2, aedat3, aedat4, byte_reader::ByteReader};

/// How every version begins; the number of the version follows.
const MAGIC: &[u8] = b"#!AER-DAT";

/// Bytes of the version: `4.0`.
const VERSION_LEN: usize = 3;

/// Whether the start of a file is AEDAT. AEDAT 1.0 without a header cannot be told from other bytes
/// and is not found.
pub(crate) fn probe(clues: &Clues<'_>) -> Option<u8> {
    clues.head.starts_with(MAGIC).then_some(255)
}

/// The versions that are read.
enum Kind {
    /// AEDAT 1.0 and 2.0.
    Addresses(aedat2::Version),
    /// AEDAT 3.
    Packets(aedat3::Version),
    Four,
}

impl Kind {
    /// What a recording is that begins so.
    fn of(name: &str, head: &[u8], falls: bool, options: &OpenOptions) -> Result<Self> {
        let Some(version) = head.strip_prefix(MAGIC) else {
            return match options.encoding {
                Some(_) if !head.is_empty() && !falls => {
                    Ok(Self::Addresses(Version::Old { header: false }))
                }
                _ => Err(no_header(name, head, falls)),
            };
        };
        let kind = match version {
            b"1.0" => return Ok(Self::Addresses(Version::Old { header: true })),
            b"2.0" => return Ok(Self::Addresses(Version::Two)),
            b"3.0" => Some(Self::Packets(aedat3::Version::Zero)),
            b"3.1" => Some(Self::Packets(aedat3::Version::One)),
            b"4.0" => Some(Self::Four),
            _ => None,
        };
        check_encoding(version, options)?;
        kind.ok_or_else(|| unsupported(name, version))
    }
}

/// Opens a recording; of `options` the stream, the size and of AEDAT 1.0 and 2.0 the encoding are used.
///
/// # Errors
/// If the bytes cannot be read, are no AEDAT or one of a version that is not read, have several event
/// streams of which none was chosen, or do not tell the size of a sensor whose origin is not
/// top-left; [`Error::question`] then says what settles it.
pub fn open(input: Input, options: &OpenOptions) -> Result<Box<dyn EventSource>> {
    let scope = match options.stream {
        Some(_) => SideScope::Alone,
        None => SideScope::All,
    };
    opened(input, options, scope)
}

/// An error for a side stream that a recording of addresses has not: its events would be taken for it. Packets of
/// the others may be of streams that nothing lists.
fn check_side(source: &dyn EventSource, name: &str, told: Option<&str>) -> Result<()> {
    let there = source.side_streams();
    match told.filter(|told| is_side_name(told)) {
        Some(told) if !there.iter().any(|side| side == told) => {
            let has = format!("beside events it has {}", there.join(", "));
            Err(no_such_stream(name, told, &has, &there))
        }
        _ => Ok(()),
    }
}

/// Opens every event stream of a recording, each as a source that reads through it: the streams of
/// AEDAT 4, the cameras of AEDAT 2.0 and 1.0. Side streams come with the events of their camera, those of
/// none with the first. What can be read only once is copied first.
///
/// # Errors
/// As [`open`]; of several devices of AEDAT 3 one has to be chosen.
pub fn open_streams(input: Input, options: &OpenOptions) -> Result<Vec<Box<dyn EventSource>>> {
    let (name, falls) = (input.name().to_owned(), falls(input.head()));
    let bytes = input.into_read_at()?;
    let again = || Input::from_read_at(bytes.clone(), &*name);
    let (reader, head) = started(again()?)?;
    let names = match Kind::of(&name, &head, falls, options)? {
        Kind::Addresses(version) => aedat2::Source::streams(reader, head, version, options)?,
        Kind::Packets(_) => Vec::new(),
        Kind::Four => aedat4::Source::streams(reader)?,
    };
    if names.is_empty() {
        return Ok(vec![open(again()?, options)?]);
    }
    let options = |name| options.clone().with_stream(name);
    let sources = names
        .into_iter()
        .map(|name| opened(again()?, &options(name), SideScope::Apart));
    sources.collect()
}

fn opened(input: Input, options: &OpenOptions, scope: SideScope) -> Result<Box<dyn EventSource>> {
    let falls = falls(input.head());
    let (reader, head) = started(input)?;
    Ok(match Kind::of(reader.name(), &head, falls, options)? {
        Kind::Addresses(version) => {
            let name = reader.name().to_owned();
            let source = aedat2::Source::new(reader, head, version, options)?;
            check_side(&source, &name, options.stream.as_deref())?;
            // Whose the side streams are is not known.
            Box::new(match scope {
                SideScope::Apart => source.apart(),
                SideScope::All | SideScope::Alone => source,
            })
        }
        Kind::Packets(version) => Box::new(aedat3::Source::new(reader, head, version, options)?),
        Kind::Four => {
            let source = aedat4::Source::new(reader, options)?;
            Box::new(match scope {
                SideScope::All => source,
                SideScope::Apart => source.apart(),
                SideScope::Alone => source.alone(),
            })
        }
    })
}

/// Opens a recording to decode parts of it.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_parts(input: Input, options: &OpenOptions) -> Result<Arc<dyn Parts>> {
    let (name, falls) = (input.name().to_owned(), falls(input.head()));
    let bytes = input.into_read_at()?;
    let (reader, head) = started(Input::from_read_at(bytes.clone(), &*name)?)?;
    match Kind::of(&name, &head, falls, options)? {
        Kind::Four => aedat4::open_parts(bytes, reader, options),
        Kind::Addresses(version) => aedat2::open_parts(bytes, reader, head, version, options),
        Kind::Packets(version) => aedat3::open_parts(bytes, reader, head, version, options),
    }
}

/// The bytes, and the first of them, up to the version, which are read.
fn started(input: Input) -> Result<(ByteReader, Vec<u8>)> {
    let mut reader = ByteReader::new(input);
    let mut head = Vec::new();
    reader.read(&mut head, MAGIC.len() + VERSION_LEN)?;
    Ok((reader, head))
}

/// The error for what does not begin as AEDAT does.
fn no_header(name: &str, head: &[u8], falls: bool) -> Error {
    let what = if head.is_empty() {
        "it is empty: there are no events"
    } else if head.len() < MAGIC.len() && MAGIC.starts_with(head) {
        "it ends within its first line, #!AER-DAT and a version"
    } else if falls {
        "it does not begin with #!AER-DAT and a version, and its bytes are no events of AEDAT 1.0 without a \
         header: their times would go back and forth"
    } else {
        let what = "it does not begin with #!AER-DAT and a version; if it is of AEDAT 1.0 without a \
                    header, say how its addresses are laid out";
        return Error::unsupported(name, what)
            .settled_by(Question::Encoding, ["dvs128", "dvs128-stereo"]);
    };
    Error::unsupported(name, what)
}

/// Whether the times of these bytes, if they are records of AEDAT 1.0, run backwards so often that they
/// are none: 16 bits of address and 32 of time, the high byte first.
fn falls(head: &[u8]) -> bool {
    /// Records that tell it, and how many of them may run backwards: one in so many.
    const ENOUGH: usize = 64;
    const MAY: usize = 4;
    let (records, _) = head.as_chunks::<6>();
    let time = |r: &[u8; 6]| u32::from_be_bytes([r[2], r[3], r[4], r[5]]);
    let back = records.windows(2).filter(|r| time(&r[1]) < time(&r[0]));
    records.len() >= ENOUGH && back.count() * MAY > records.len()
}

/// Refuses an encoding for versions that say everything themselves.
fn check_encoding(version: &[u8], options: &OpenOptions) -> Result<()> {
    if options.encoding.is_none() {
        return Ok(());
    }
    let what = format!(
        "only addresses of AEDAT 1.0 and 2.0 are laid out in several ways, and this is AEDAT {}",
        String::from_utf8_lossy(version).escape_debug()
    );
    Err(Error::invalid(what).without(Question::Encoding))
}

fn unsupported(name: &str, version: &[u8]) -> Error {
    let what = format!(
        "AEDAT {} is not read, only 1.0, 2.0, 3.0, 3.1 and 4.0",
        String::from_utf8_lossy(version).escape_debug()
    );
    Error::unsupported(name, what).advise("is the file cut or damaged?")
}
