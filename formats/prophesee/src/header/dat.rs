//! What the header of a DAT file says of its events.
//!
//! OpenEB, `sdk/modules/core/python/pypkg/metavision_core/event_io/dat_tools.py`.

use evz_core::{Error, Place, Question, Result, SensorSize};

use super::{Header, size_of};
use crate::Encoding;
use crate::told::Told;

/// How the events of a DAT file are to be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct DatHeader {
    /// None if nothing but the events can tell.
    pub(crate) encoding: Option<Encoding>,
    pub(crate) size: Option<SensorSize>,
    /// Bytes before the events: the lines, and the two that say the kind of events.
    pub(crate) len: usize,
}

/// Bytes of an event.
const EVENT_LEN: u8 = 8;

impl DatHeader {
    /// What `header` says and the bytes after it, or rather what was told. A file without lines
    /// has no such bytes either.
    pub(crate) fn of(header: &Header, after: &[u8], name: &str, told: &Told) -> Result<Self> {
        let len = if header.is_empty() {
            0
        } else {
            check_kind(after, header.len, name)?;
            header.len + 2
        };
        let encoding = match (told.encoding, header.get(&["Version"])) {
            (Some(encoding), _) => Some(encoding),
            (None, None) => None,
            (None, Some("1")) => Some(Encoding::Dat1),
            (None, Some("2")) => Some(Encoding::Dat2),
            (None, Some(version)) => {
                let what =
                    format!("its header says Version {version}; evz reads DAT of versions 1 and 2");
                let versions = Encoding::DAT.map(Encoding::name);
                return Err(Error::unsupported(name, what).settled_by(Question::Encoding, versions));
            }
        };
        let size = match (told.size, header.get(&["Width"]), header.get(&["Height"])) {
            (Some(size), ..) => Some(size),
            (None, Some(width), Some(height)) => {
                let size = size_of(width, height).ok_or_else(|| {
                    let what = format!(
                        "its header says Width {width} and Height {height}, which is no size in \
                         pixels"
                    );
                    Error::corrupt(name, what).settled_by(Question::Size, [""; 0])
                })?;
                Some(size)
            }
            _ => None,
        };
        Ok(Self {
            encoding,
            size,
            len,
        })
    }
}

/// Refuses what is no event of a pixel: the kind stands in the first byte after the lines, the bytes
/// that each event takes in the second.
fn check_kind(after: &[u8], at: usize, name: &str) -> Result<()> {
    let place = || Place::file(name).with_byte(at as u64);
    let &[kind, len, ..] = after else {
        let what = "it ends before the two bytes that say what events it holds";
        return Err(Error::insufficient(place(), what));
    };
    let kind_name = match kind {
        0x00 | 0x0c => {
            if len == EVENT_LEN {
                return Ok(());
            }
            let what = format!("its events take {len} bytes each; evz reads events of 8");
            return Err(Error::unsupported(place(), what));
        }
        0x0e => "external triggers (EventExtTrigger)",
        0x28 => "optical flow (EventOpticalFlow)",
        _ => "of an unknown kind",
    };
    let what = format!(
        "its events are {kind_name}, kind 0x{kind:02x}; evz reads the events of pixels, kinds 0x00 \
         and 0x0c"
    );
    Err(Error::unsupported(place(), what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<DatHeader> {
        let header = Header::parse(bytes);
        let after = &bytes[header.len..];
        DatHeader::of(&header, after, "a.dat", &Told::default())
    }

    #[test]
    fn versions_sizes_and_what_is_missing() {
        let size = SensorSize {
            width: 640,
            height: 480,
        };
        for (bytes, encoding, size, len) in [
            (
                &b"% Version 2\n% Height 480\n% Width 640\n\x0c\x08"[..],
                Some(Encoding::Dat2),
                Some(size),
                39,
            ),
            (b"% Version 1\n\x00\x08", Some(Encoding::Dat1), None, 14),
            (
                b"% Data file containing CD events.\n\x00\x08",
                None,
                None,
                36,
            ),
            (b"\x01\0\0\0\0\0\0\0", None, None, 0),
        ] {
            let expected = DatHeader {
                encoding,
                size,
                len,
            };
            assert_eq!(read(bytes).unwrap(), expected);
        }
    }

    #[test]
    fn other_kinds_are_refused_by_name() {
        for (bytes, expected) in [
            (
                &b"% Version 2\n\x0e\x08"[..],
                "external triggers (EventExtTrigger), kind 0x0e",
            ),
            (
                b"% Version 2\n\x28\x1c",
                "optical flow (EventOpticalFlow), kind 0x28",
            ),
            (b"% Version 2\n\x0c\x10", "take 16 bytes each"),
            (
                b"% Version 2\n\x0c",
                "a.dat: byte 12: it ends before the two bytes",
            ),
            (b"% Version 3\n\x0c\x08", "Version 3"),
            (b"% Version 2\n% Width 0\n% Height 5\n\x0c\x08", "set size"),
        ] {
            let error = read(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
