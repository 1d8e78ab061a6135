//! The lines before the packets.

use evz_core::{Error, OpenOptions, Question, Result, listed};

use super::Version;
use crate::{byte_reader::ByteReader, no_such_stream::no_such_stream, side::is_side_name};

const END: &[u8] = b"#!END-HEADER";

/// Bytes of a header.
const MAX_HEADER: usize = 1 << 20;

/// What the header says.
pub(super) struct Header {
    /// All of it, as it is.
    pub(super) bytes: Vec<u8>,
    /// Number and name of each device.
    pub(super) sources: Vec<(i16, String)>,
}

impl Header {
    /// The header whose first bytes, `bytes`, were already read. That of AEDAT 3.0 ends before the
    /// first line that does not begin with `#`: no packet does, for none is of kind 35.
    pub(super) fn read(
        input: &mut ByteReader,
        mut bytes: Vec<u8>,
        version: Version,
    ) -> Result<Self> {
        let mut sources = Vec::new();
        let mut start = 0;
        loop {
            // The header is short, and what follows it must not be read yet.
            let before = bytes.len();
            input.append(&mut bytes, 1)?;
            if bytes.len() == before {
                let what = "it ends within its header";
                return Err(Error::insufficient(input.place(before as u64), what));
            }
            if bytes.last() != Some(&b'\n') {
                if bytes[start] != b'#' || bytes.len() > MAX_HEADER {
                    let what = match version {
                        Version::Zero => "its header does not end, as a line without # ends it",
                        Version::One => {
                            "its header has no last line, #!END-HEADER, as AEDAT 3.1 has"
                        }
                    };
                    let error = Error::corrupt(input.place(start as u64), what);
                    return Err(error.advise("is it another version?"));
                }
                continue;
            }
            let line = bytes[start..].trim_ascii_end();
            if line == END {
                return Ok(Self { bytes, sources });
            }
            read_line(line, &mut sources)
                .map_err(|what| Error::unsupported(input.place(start as u64), what))
                .map_err(|e| e.advise("save it as AEDAT 4.0 from DV"))?;
            start = bytes.len();
            if version == Version::Zero && input.peek()? != Some(b'#') {
                return Ok(Self { bytes, sources });
            }
        }
    }

    /// The number of the device that was chosen, if one was, and its name. Without a choice it is the
    /// only device that the header names, whatever number its packets have.
    pub(super) fn choose(
        &self,
        place: &str,
        options: &OpenOptions,
    ) -> Result<(Option<i16>, Option<&str>)> {
        let wanted = options.stream.as_deref().filter(|name| !is_side_name(name));
        let numbers: Vec<String> = self.sources.iter().map(|(n, _)| n.to_string()).collect();
        let Some(wanted) = wanted else {
            return match &self.sources[..] {
                [] => Ok((None, None)),
                [(_, name)] => Ok((None, Some(name))),
                several => {
                    let list = self.list();
                    let what = format!("it has the events of {} devices: {list}", several.len());
                    Err(Error::ambiguous(place, what).settled_by(Question::Stream, numbers))
                }
            };
        };
        let number = wanted.parse().ok();
        let is_wanted = |(n, name): &&(i16, String)| Some(*n) == number || name == wanted;
        match (self.sources.iter().find(is_wanted), number) {
            (Some((number, name)), _) => Ok((Some(*number), Some(name))),
            (None, Some(_)) if self.sources.is_empty() => Ok((number, None)),
            (None, _) if self.sources.is_empty() => {
                let has = "its header names no device, and only packets tell their number";
                Err(no_such_stream(place, wanted, has, &[]))
            }
            _ => {
                let has = format!("its devices are {}", self.list());
                Err(no_such_stream(place, wanted, &has, &numbers))
            }
        }
    }

    /// The name of the device of this number, if the header tells several apart.
    pub(super) fn named(&self, number: i16) -> Option<&str> {
        let several = self.sources.iter().filter(|_| self.sources.len() > 1);
        let mut named = several.filter(|(n, _)| *n == number);
        named.next().map(|(_, name)| name.as_str())
    }

    fn list(&self) -> String {
        let all = self.sources.iter().map(|(n, name)| format!("{n} ({name})"));
        listed(&all.collect::<Vec<_>>())
    }
}

/// A line, without its end.
fn read_line(line: &[u8], sources: &mut Vec<(i16, String)>) -> Result<(), String> {
    let line = String::from_utf8_lossy(line);
    let Some((key, value)) = line.split_once(':') else {
        return Ok(());
    };
    let value = value.trim();
    match key.split_once(' ') {
        None if key == "#Format" && value != "RAW" => Err(format!(
            "packets of the format {value:?} are not read, only RAW"
        )),
        // What was recorded again keeps its old lines, with a minus.
        Some(("#Source", number)) => {
            if let Ok(number) = number.parse() {
                sources.push((number, value.to_owned()));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
