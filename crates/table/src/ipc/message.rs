//! The messages of a stream, one after the other.

use std::io::{self, Read};

use arrow_ipc::{MessageHeader, root_as_message};
use evz_core::{Error, Place, Result, read_error};

use super::{MAX_BATCH, SMALLER_BATCHES};

/// What a message starts with since version 0.15 of Arrow.
pub const CONTINUATION: [u8; 4] = [0xff; 4];

/// The longest head of a message: a schema with all its metadata.
pub const MAX_HEAD: usize = 64 << 20;

/// A message whose head `arrow-ipc` has verified.
pub struct Message {
    /// Where it starts.
    pub(super) at: u64,
    head: Vec<u8>,
    /// The bytes behind the head.
    pub(super) body: Vec<u8>,
}

/// How a stream of messages ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the mark that its writer puts there.
    Marked,
    /// Between two messages, without the mark.
    Bare,
}

/// Messages read one after the other.
pub struct Messages<R> {
    reader: R,
    place: Place,
    at: u64,
}

impl Message {
    /// The head; it was verified when the message was read.
    ///
    /// # Errors
    /// None that was not found then.
    pub fn head(&self) -> Result<arrow_ipc::Message<'_>> {
        root_as_message(&self.head).map_err(|e| no_head(Place::byte(self.at), &e))
    }
}

impl<R: Read> Messages<R> {
    /// The messages that start at byte `at` of `place`, where the reader stands.
    pub fn new(reader: R, place: impl Into<Place>, at: u64) -> Self {
        Self {
            reader,
            place: place.into(),
            at,
        }
    }

    /// The byte behind what was read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// What they are read from, which stands behind what was read.
    pub fn reader(&mut self) -> &mut R {
        &mut self.reader
    }

    /// The next message, or how the stream ends.
    ///
    /// # Errors
    /// If the stream ends inside a message, or what is there is none.
    pub fn read(&mut self) -> Result<Result<Message, End>> {
        let at = self.at;
        let mut len = [0; 4];
        match self.fill(&mut len)? {
            0 => return Ok(Err(End::Bare)),
            4 => {}
            n => return Err(self.cut(at, 4, n as u64, "")),
        }
        if len == CONTINUATION {
            let n = self.fill(&mut len)?;
            if n < 4 {
                return Err(self.cut(at, 8, 4 + n as u64, ""));
            }
        }
        let len = i32::from_le_bytes(len);
        if len == 0 {
            return Ok(Err(End::Marked));
        }
        let len = usize::try_from(len)
            .ok()
            .filter(|len| *len <= MAX_HEAD)
            .ok_or_else(|| {
                let what =
                    format!("the head of a message of {len} bytes is claimed; the file is damaged");
                Error::corrupt(self.byte(at), what)
            })?;
        let head = self.take(at, len, "")?;
        let message = root_as_message(&head).map_err(|e| no_head(self.byte(at), &e))?;
        let len = usize::try_from(message.bodyLength()).map_err(|_| {
            let what = format!(
                "a body of {} bytes is claimed; the file is damaged",
                message.bodyLength()
            );
            Error::corrupt(self.byte(at), what)
        })?;
        if len > MAX_BATCH {
            let what = format!("a message of {len} bytes; at most {MAX_BATCH} are read at a time");
            return Err(Error::limit(self.byte(at), what).advise(SMALLER_BATCHES));
        }
        let rows = match message.header_as_record_batch() {
            Some(batch) if message.header_type() == MessageHeader::RecordBatch => {
                format!(" of {} rows", batch.length())
            }
            _ => String::new(),
        };
        let body = self.take(at, len, &rows)?;
        Ok(Ok(Message { at, head, body }))
    }

    /// So many bytes, without trusting that they are there.
    fn take(&mut self, message: u64, len: usize, rows: &str) -> Result<Vec<u8>> {
        const AT_ONCE: usize = 16 << 20;
        let mut bytes = Vec::with_capacity(len.min(AT_ONCE));
        let read = (&mut self.reader).take(len as u64).read_to_end(&mut bytes);
        self.at += bytes.len() as u64;
        read.map_err(|e| self.failed(e))?;
        if bytes.len() < len {
            return Err(self.cut(message, len as u64, bytes.len() as u64, rows));
        }
        Ok(bytes)
    }

    /// Fills `buffer` as far as there is something.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    fn byte(&self, at: u64) -> Place {
        self.place.clone().with_byte(at)
    }

    fn failed(&self, error: io::Error) -> Error {
        read_error(&self.place, error)
    }

    fn cut(&self, message: u64, expected: u64, found: u64, rows: &str) -> Error {
        let what = format!(
            "the file is cut off in a message{rows}: {expected} bytes were to come and {found} are there"
        );
        Error::insufficient(self.byte(message), what)
    }
}

fn no_head(place: Place, error: &impl std::fmt::Display) -> Error {
    // The error tells the way through the tables on further lines.
    let error = error.to_string();
    let error = error.lines().next().unwrap_or_default();
    let what = format!("no Arrow message starts here ({error}); the file is damaged");
    Error::corrupt(place, what)
}
