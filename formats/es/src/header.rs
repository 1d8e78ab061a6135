//! The header: what the stream is, and the size of its sensor.

use evz_core::{Error, Question, Result, SensorSize};

use crate::encoding::Encoding;

/// "Binary file structure", bytes 0 to 11.
pub(crate) const MAGIC: &[u8] = b"Event Stream";

/// "Version 2.0", byte 15, of streams that are no [`Encoding`].
const GENERIC: u8 = 0;
const DISPLAY: u8 = 3;

/// What a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Events of a sensor of this size.
    Events(Encoding, SensorSize),
    /// "Generic events".
    Generic,
}

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// Major, minor, patch.
    pub(crate) version: [u8; 3],
    pub(crate) content: Content,
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
        let encoding = Encoding::ALL.into_iter().find(|e| e.number() == kind);
        let content = match (encoding, kind) {
            (Some(encoding), _) => {
                let [w0, w1, h0, h1] = *field(head, 16).ok_or_else(cut)?;
                let size = SensorSize {
                    width: u16::from_le_bytes([w0, w1]).into(),
                    height: u16::from_le_bytes([h0, h1]).into(),
                };
                Content::Events(encoding, size)
            }
            (None, GENERIC) => Content::Generic,
            (None, DISPLAY) => {
                let what = "it holds events of an Asynchronous & Modular Display: t, x, y and a \
                            stage, no polarity";
                let error = Error::unsupported(name, what);
                return Err(error.advise("read it with event_stream of Python"));
            }
            (None, kind) => {
                let what = format!("its stream is of type {kind}, and Event Stream 2.0 has 0 to 4");
                return Err(Error::unsupported(name, what));
            }
        };
        let version = [major, minor, patch];
        Ok(Self { version, content })
    }

    /// The header of a stream of events.
    pub(crate) fn of_events(encoding: Encoding, width: u16, height: u16) -> Vec<u8> {
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        [MAGIC, &[2, 0, 0, encoding.number()], &size].concat()
    }

    /// What the content is called in metadata.
    pub(crate) fn name(&self) -> &'static str {
        match self.content {
            Content::Events(encoding, _) => encoding.name(),
            Content::Generic => "generic",
        }
    }

    /// Number of its bytes: the name, the version, the type and, of streams with pixels, the size.
    pub(crate) fn len(&self) -> usize {
        match self.content {
            Content::Events(..) => 20,
            Content::Generic => 16,
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
