//! Opening a recording of any version, which its first line tells.

use std::{io::Read, path::Path};

use evz_core::{Error, EventSource, Metadata, Result, Value};

use crate::{AedatOptions, aedat2, aedat3, aedat4, input::Input};

/// How every version begins; the number of the version follows.
const MAGIC: &[u8] = b"#!AER-DAT";

/// Bytes of the version: `4.0`.
const VERSION_LEN: usize = 3;

/// Whether the start of a file is AEDAT, as a score from 1 to 255: none if it is not. AEDAT 1.0
/// without a header cannot be told from other bytes and is not found.
pub fn probe(head: &[u8]) -> Option<u8> {
    head.starts_with(MAGIC).then_some(255)
}

/// Opens a recording.
///
/// # Errors
/// If the file cannot be read, is no AEDAT or one of a version that is not read, has several event
/// streams of which none was chosen, or does not tell the size of a sensor whose origin is not
/// top-left; the text of the error then names the option that settles it.
pub fn open(path: impl AsRef<Path>, options: &AedatOptions) -> Result<Box<dyn EventSource>> {
    of_input(Input::open(path.as_ref())?, options)
}

/// The same for anything that can be read, such as standard input; `name` is for messages.
///
/// # Errors
/// As [`open`].
pub fn from_reader<R: Read + Send + 'static>(
    reader: R,
    name: &str,
    options: &AedatOptions,
) -> Result<Box<dyn EventSource>> {
    of_input(Input::from_reader(reader, name), options)
}

fn of_input(mut input: Input, options: &AedatOptions) -> Result<Box<dyn EventSource>> {
    let mut head = Vec::new();
    input.read(&mut head, MAGIC.len() + VERSION_LEN)?;
    let Some(version) = head.strip_prefix(MAGIC) else {
        let what = if head.is_empty() {
            "it is empty: there are no events"
        } else if head.len() < MAGIC.len() && MAGIC.starts_with(&head) {
            "it ends within its first line, #!AER-DAT and a version"
        } else {
            "it does not begin with #!AER-DAT and a version, as AEDAT does; a file of AEDAT 1.0 \
             without a header is not read: save it from jAER as AEDAT 2.0"
        };
        return Err(Error::unsupported(&input.name, what));
    };
    match version {
        b"4.0" => Ok(Box::new(aedat4::Source::new(input, options)?)),
        b"3.1" => Ok(Box::new(aedat3::Source::new(input, head, options)?)),
        b"2.0" => Ok(Box::new(aedat2::Source::new(input, head, options)?)),
        _ => Err(unsupported(&input.name, version)),
    }
}

fn unsupported(name: &str, version: &[u8]) -> Error {
    let version = String::from_utf8_lossy(version);
    let way_out = match &*version {
        "1.0" => "save it from jAER as AEDAT 2.0",
        // Its origin is bottom-left, and nothing marks the end of its header.
        "3.0" => "save it from cAER or DV as AEDAT 3.1 or 4.0",
        _ => "is the file cut or damaged?",
    };
    let what = format!(
        "AEDAT {} is not read, only 2.0, 3.1 and 4.0; {way_out}",
        version.escape_debug()
    );
    Error::unsupported(name, what)
}

/// What every version says of its source.
pub(crate) fn metadata(input: &Input, format: &str, header: Vec<u8>) -> Metadata {
    let entries = [
        ("source.format", Value::from(format)),
        ("source.file", Value::Text(input.file_name())),
        ("source.header", Value::Bytes(header)),
    ];
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}
