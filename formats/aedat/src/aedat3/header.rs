//! The lines before the packets.

use evz_core::{Error, Result};

use crate::{AedatOptions, input::Input};

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
    /// The header whose first bytes, `bytes`, were already read.
    pub(super) fn read(input: &mut Input, mut bytes: Vec<u8>) -> Result<Self> {
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
                    let what = "its header has no last line, #!END-HEADER, as AEDAT 3.1 has; is it \
                                another version?";
                    return Err(Error::corrupt(input.place(start as u64), what));
                }
                continue;
            }
            let line = bytes[start..].trim_ascii_end();
            if line == END {
                return Ok(Self { bytes, sources });
            }
            read_line(line, &mut sources)
                .map_err(|what| Error::unsupported(input.place(start as u64), what))?;
            start = bytes.len();
        }
    }

    /// The number of the device that was chosen, if one was, and its name. Without a choice it is the
    /// only device that the header names, whatever number its packets have.
    pub(super) fn choose(
        &self,
        place: &str,
        options: &AedatOptions,
    ) -> Result<(Option<i16>, Option<&str>)> {
        let Some(wanted) = &options.stream else {
            return match &self.sources[..] {
                [] => Ok((None, None)),
                [(_, name)] => Ok((None, Some(name))),
                _ => Err(Error::ambiguous(
                    place,
                    format!(
                        "it has the events of {} devices: {}; pass --stream with one of these \
                         numbers",
                        self.sources.len(),
                        self.list()
                    ),
                )),
            };
        };
        let number = wanted.parse().ok();
        let is_wanted = |(n, name): &&(i16, String)| Some(*n) == number || name == wanted;
        match (self.sources.iter().find(is_wanted), number) {
            (Some((number, name)), _) => Ok((Some(*number), Some(name))),
            (None, Some(_)) if self.sources.is_empty() => Ok((number, None)),
            _ => Err(Error::invalid(format!(
                "{place}: it has no device {wanted:?}; there are {}",
                self.list()
            ))),
        }
    }

    fn list(&self) -> String {
        let all = self.sources.iter().map(|(n, name)| format!("{n} ({name})"));
        all.collect::<Vec<_>>().join(", ")
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
            "packets of the format {value:?} are not read, only RAW; save it as AEDAT 4.0 from DV"
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
