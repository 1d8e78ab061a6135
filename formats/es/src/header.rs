//! The header: what the stream is, and the size of its sensor.

use evz_core::{Error, Question, Result, SensorSize};

/// "Binary file structure", bytes 0 to 11.
pub(crate) const MAGIC: &[u8] = b"Event Stream";

/// Bytes before the events of streams that have pixels: the name, the version, the type, the size.
pub(crate) const LEN: usize = 20;

/// "Version 2.0", byte 15.
const DVS: u8 = 1;
const ATIS: u8 = 2;

/// A type of stream whose events have a polarity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dvs,
    Atis,
}

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Major, minor, patch.
    pub(crate) version: [u8; 3],
    pub(crate) kind: Kind,
    pub(crate) size: SensorSize,
}

impl Header {
    /// The header at the start of a file.
    pub(crate) fn read(name: &str, head: &[u8]) -> Result<Self> {
        let short = MAGIC.len().min(head.len());
        if head.is_empty() {
            let what = "it is empty: there are no events";
            return Err(Error::insufficient(name, what));
        }
        if head[..short] != MAGIC[..short] {
            let what = "it does not begin with \"Event Stream\", as .es does";
            return Err(Error::unsupported(name, what));
        }
        let cut = || Error::insufficient(name, "it ends within its header: there are no events");
        let &[major, minor, patch] = field(head, 12).ok_or_else(cut)?;
        if major != 2 {
            let what =
                format!("it is Event Stream {major}.{minor}.{patch}, and only version 2 is read");
            return Err(Error::unsupported(name, what));
        }
        let &[kind] = field(head, 15).ok_or_else(cut)?;
        let kind = Kind::of(name, kind)?;
        let [w0, w1, h0, h1] = *field(head, 16).ok_or_else(cut)?;
        let size = SensorSize {
            width: u16::from_le_bytes([w0, w1]).into(),
            height: u16::from_le_bytes([h0, h1]).into(),
        };
        let version = [major, minor, patch];
        Ok(Self {
            version,
            kind,
            size,
        })
    }

    /// The header of a stream of DVS events.
    pub(crate) fn of_dvs(width: u16, height: u16) -> Vec<u8> {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        [MAGIC, &[2, 0, 0, DVS], &size].concat()
    }
}

impl Kind {
    /// "Version 2.0", byte 15.
    fn of(name: &str, kind: u8) -> Result<Self> {
        let holds = match kind {
            DVS => return Ok(Self::Dvs),
            ATIS => return Ok(Self::Atis),
            0 => "generic events: t and any bytes, no x, y or polarity",
            3 => "events of an Asynchronous & Modular Display: t, x, y and a stage, no polarity",
            4 => "colour events: t, x, y and r, g, b, no polarity",
            _ => {
                let what = format!("its stream is of type {kind}, and Event Stream 2.0 has 0 to 4");
                return Err(Error::unsupported(name, what));
            }
        };
        let error = Error::unsupported(name, format!("it holds {holds}"));
        Err(error.advise("read it with event_stream of Python"))
    }

    /// What the stream is called in metadata.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dvs => "dvs",
            Self::Atis => "atis",
        }
    }
}

/// The bytes of a field.
fn field<const N: usize>(head: &[u8], at: usize) -> Option<&[u8; N]> {
    head.get(at..)?.first_chunk()
}

/// The sensor, as its size is told or else read. Rows are turned, so their number has to be right.
pub(crate) fn sensor(name: &str, told: Option<SensorSize>, read: SensorSize) -> Result<SensorSize> {
    let limit = u32::from(u16::MAX);
    let is_one = |s: &SensorSize| (1..=limit).contains(&s.width) && (1..=limit).contains(&s.height);
    match told {
        Some(size) if is_one(&size) => Ok(size),
        Some(size) => Err(Error::invalid(format!(
            "{name}: a sensor of {size}; sides of sensors in Event Stream have 1 to {limit} pixels"
        ))),
        None if is_one(&read) => Ok(read),
        None => {
            let error = Error::corrupt(name, format!("its header says a sensor of {read}"));
            Err(error.settled_by(Question::Size, [""; 0]))
        }
    }
}
