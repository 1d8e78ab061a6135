//! The rows of arrays, a block at a time, read and unpacked ahead.

use std::io::{self, Read};

use evz_core::parallel::InOrder;
use evz_core::{Error, Place, Progress, Result, read_error};

use crate::array::Array;
use crate::layout::{Layout, Stream, too_many};

/// Rows that are read at a time, and bytes of all their columns at most.
pub(crate) const ROWS: usize = 1 << 16;
const MAX_BYTES: usize = 1 << 22;

/// The rows of all streams of a layout.
pub(crate) struct Rows {
    streams: Vec<Ahead>,
    next: u64,
    /// How many rows there should be.
    pub(crate) total: u64,
    /// Whether checksums say whether the bytes are those that were written.
    has_checksums: bool,
}

/// Rows that follow each other.
#[derive(Default)]
pub(crate) struct Run {
    /// The number of the first one.
    pub(crate) first_row: u64,
    pub(crate) len: usize,
    /// The bytes of each stream; at least as many as the rows have.
    pub(crate) bytes: Vec<Vec<u8>>,
    /// Why these are the last rows, though there should be more.
    pub(crate) cut: Option<Error>,
    /// What is wrong with rows that are there.
    pub(crate) damaged: Option<Error>,
}

/// A stream of which a block is read ahead.
struct Ahead {
    job: InOrder<(Reader, Block)>,
    spare: Vec<u8>,
    stride: usize,
    place: Place,
}

struct Reader {
    array: Array,
    start: u64,
    /// Open once something was read.
    input: Option<Box<dyn Read + Send>>,
    left: u64,
    rows_at_once: usize,
    stride: usize,
}

struct Block {
    bytes: Vec<u8>,
    rows: usize,
    failed: Option<io::Error>,
}

impl Rows {
    /// The rows of a layout, no more than `most` of them at a time.
    ///
    /// # Errors
    /// If it claims more of them than there can be.
    pub(crate) fn new(layout: &mut Layout, most: usize) -> Result<Self> {
        let row: usize = layout.streams.iter().map(|s| s.stride).sum();
        let rows_at_once = (MAX_BYTES / row.max(1)).clamp(1, most);
        let total = layout.rows;
        for stream in &layout.streams {
            let len = total.checked_mul(stream.stride as u64);
            if len.and_then(|len| len.checked_add(stream.start)).is_none() {
                return Err(too_many(&stream.array.place, total));
            }
        }
        let has_checksums = layout.streams.iter().any(|s| s.array.has_checksum());
        let streams = layout.streams.drain(..);
        Ok(Self {
            has_checksums,
            streams: streams
                .map(|s| Ahead::new(s, total, rows_at_once))
                .collect(),
            next: 0,
            total,
        })
    }

    /// The next rows, in the memory of `run`; false at the end.
    pub(crate) fn next(&mut self, run: &mut Run) -> bool {
        run.cut = None;
        run.damaged = None;
        run.first_row = self.next;
        run.len = 0;
        if self.next == self.total || self.streams.is_empty() {
            return false;
        }
        run.bytes.resize(self.streams.len(), Vec::new());
        let mut len = usize::MAX;
        for (stream, bytes) in self.streams.iter_mut().zip(&mut run.bytes) {
            std::mem::swap(&mut stream.spare, bytes);
            let Some(block) = stream.next() else {
                return false;
            };
            *bytes = block.bytes;
            if let Some(error) = block.failed {
                let wanted = self.total - self.next;
                let whole = block.rows as u64 == wanted;
                let row = self.next + block.rows as u64;
                let error = failed(&stream.place, row, whole, error);
                if whole {
                    run.damaged.get_or_insert(error);
                } else if block.rows < len {
                    run.cut = Some(error);
                }
            }
            len = len.min(block.rows);
        }
        run.len = len;
        self.next += len as u64;
        if run.cut.is_some() {
            self.stop();
        }
        true
    }

    /// What is wrong with the bytes of the rows that were not handed out, which are read for that where
    /// checksums tell it.
    pub(crate) fn damage(&mut self) -> Option<Error> {
        let mut run = Run::default();
        while self.has_checksums && self.next(&mut run) {
            if let Some(error) = run.damaged.take().or(run.cut.take()) {
                return Some(error);
            }
        }
        None
    }

    /// Reads no more.
    pub(crate) fn stop(&mut self) {
        self.streams.clear();
    }

    /// Rows that were read, of all.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            done: self.next,
            total: Some(self.total),
        }
    }
}

fn failed(place: &Place, row: u64, whole: bool, error: io::Error) -> Error {
    let in_row = place.clone().with_row(row);
    let error = match error.kind() {
        io::ErrorKind::Unsupported => {
            return Error::unsupported(place, error.to_string()).advise("unpack it first");
        }
        io::ErrorKind::UnexpectedEof => Error::insufficient(in_row, "it is cut off"),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if whole => {
            Error::corrupt(place, format!("some of its values are wrong: {error}"))
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Error::corrupt(in_row, format!("it is damaged: {error}"))
        }
        _ => return read_error(place, error),
    };
    error.advise("copy it again from where it came from")
}

impl Ahead {
    fn new(stream: Stream, rows: u64, rows_at_once: usize) -> Self {
        let mut ahead = Self {
            job: InOrder::default(),
            spare: Vec::new(),
            stride: stream.stride,
            place: stream.array.place.clone(),
        };
        ahead.start(Reader {
            array: stream.array,
            start: stream.start,
            input: None,
            left: rows,
            rows_at_once,
            stride: stream.stride,
        });
        ahead
    }

    fn start(&mut self, mut reader: Reader) {
        let mut bytes = std::mem::take(&mut self.spare);
        self.job.push(move || {
            let (rows, failed) = reader.read(&mut bytes);
            let block = Block {
                bytes,
                rows,
                failed,
            };
            (reader, block)
        });
    }

    fn next(&mut self) -> Option<Block> {
        let (reader, mut block) = self.job.pop()?;
        if reader.left > 0 && block.failed.is_none() {
            self.start(reader);
        }
        block.bytes.truncate(block.rows * self.stride);
        Some(block)
    }
}

impl Reader {
    /// Reads the next rows; how many they are, and what went wrong.
    fn read(&mut self, bytes: &mut Vec<u8>) -> (usize, Option<io::Error>) {
        let wanted =
            usize::try_from(self.left).map_or(self.rows_at_once, |n| n.min(self.rows_at_once));
        bytes.resize(wanted * self.stride, 0);
        let (mut filled, mut failed) = (0, None);
        if self.input.is_none() {
            match self.array.read_from(self.start) {
                Ok(input) => self.input = Some(input),
                Err(e) => return (0, Some(e)),
            }
        }
        let Some(input) = &mut self.input else {
            return (0, None);
        };
        while filled < bytes.len() && failed.is_none() {
            match input.read(&mut bytes[filled..]) {
                Ok(0) => failed = Some(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => failed = Some(e),
            }
        }
        let rows = filled.checked_div(self.stride).unwrap_or(wanted);
        self.left -= rows as u64;
        if self.left == 0 && failed.is_none() {
            // At its very end a member's checksum is looked at.
            failed =
                (input.read(&mut [0]).err()).filter(|e| e.kind() == io::ErrorKind::InvalidData);
        }
        (rows, failed)
    }
}
