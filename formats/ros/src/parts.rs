//! Parts of a recording: runs of the events of messages that lie in one piece of the file.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use evz_core::{Error, EventBatch, PartReader, PartWriter, Parts, ReadAt, Result, read_range};

use crate::container::piece::{Origin, Piece};
use crate::container::unpack::{Compression, MAX_CHUNK};
use crate::encoding::{Decoder, Encoding};
use crate::message::Layout;
use crate::message::event_array::Events;
use crate::survey::Survey;

/// Events of a part, more or less.
pub(crate) const SMALL: usize = 8 << 10;

/// Compressions by the numbers that parts have of them.
const COMPRESSIONS: [Compression; 4] = [
    Compression::None,
    Compression::Lz4,
    Compression::Bzip2,
    Compression::Zstd,
];

/// What was decoded for a batch.
#[derive(Default)]
pub(crate) struct Part {
    origin: Option<Origin>,
    /// What the decoder knew before the first span; nothing of lists of events.
    state: Vec<u8>,
    spans: Vec<Span>,
}

/// Events of a message that lie one behind the other.
pub(crate) struct Span {
    /// Where they are in the piece.
    bytes: Range<usize>,
    what: What,
}

enum What {
    /// So many events of a list, and whether the first one of it is among them.
    Array { n: usize, is_first: bool },
    /// Words of a packet, and its time base if they are its first ones.
    Packet { base: Option<i64> },
}

impl Span {
    /// What was decoded of the list of a message.
    pub(crate) fn of_array(before: Events, after: Events, message: &Range<usize>) -> Self {
        let end = message.start + after.at;
        Self {
            bytes: message.start + before.at..end.min(message.end),
            what: What::Array {
                n: before.left - after.left,
                is_first: before.is_first,
            },
        }
    }

    pub(crate) fn of_packet(bytes: Range<usize>, base: Option<i64>) -> Self {
        let what = What::Packet { base };
        Self { bytes, what }
    }
}

impl Part {
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether what is decoded of this piece may be added.
    pub(crate) fn is_of(&self, piece: Option<&Piece>) -> bool {
        self.origin.is_none() || self.origin.as_ref() == piece.map(|piece| &piece.origin)
    }

    /// Adds what is decoded next, of the same piece as all before; `decoder` is as it is before that.
    pub(crate) fn add(&mut self, piece: &Piece, decoder: Option<&Decoder>, span: Span) {
        if self.origin.is_none() {
            self.origin = Some(piece.origin.clone());
            let mut state = PartWriter::new();
            if let Some(decoder) = decoder {
                decoder.tell(&mut state);
            }
            self.state = state.into_bytes();
        }
        self.spans.push(span);
    }

    /// None if nothing was decoded.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let origin = self.origin.as_ref()?;
        let known = |c: &Compression| *c == origin.compression;
        let mut part = PartWriter::new();
        part.uint(COMPRESSIONS.iter().position(known)? as u64);
        part.uint(origin.at);
        part.uint(origin.len);
        part.uint(origin.size);
        part.bytes(&self.state);
        part.uint(self.spans.len() as u64);
        let mut end = 0;
        for Span { bytes, what } in &self.spans {
            part.uint((bytes.start - end) as u64);
            part.uint(bytes.len() as u64);
            end = bytes.end;
            match what {
                What::Array { n, is_first } => {
                    part.uint(*n as u64);
                    part.uint((*is_first).into());
                }
                What::Packet { base } => {
                    part.uint(base.is_some().into());
                    part.sint(base.unwrap_or_default());
                }
            }
        }
        Some(part.into_bytes())
    }
}

/// A recording of which parts are decoded.
pub(crate) struct RosParts {
    bytes: Arc<dyn ReadAt>,
    encoding: Option<Encoding>,
    /// How lists of events are put into bytes.
    layout: Layout,
    unpacked: Mutex<Vec<Chunk>>,
}

/// A chunk, or a message, that was unpacked, by whoever needed it first.
type Chunk = (Origin, Arc<OnceLock<Vec<u8>>>);

/// Bytes of chunks that are kept unpacked, and the one that was read last, however long it is: parts are
/// mostly read one behind the other, on several threads.
const KEPT: u64 = 64 << 20;

/// How many are kept: a message that is packed for itself has some kilobytes.
const MAX_KEPT: usize = 256;

impl RosParts {
    pub(crate) fn new(survey: &Survey, chosen: Option<usize>) -> Self {
        let encoding = chosen.and_then(|at| survey.firsts[at].encoding.as_deref());
        Self {
            bytes: survey.bytes.clone(),
            encoding: encoding.and_then(Encoding::of_name),
            layout: chosen.map_or(Layout::Ros1, |at| survey.topics.list[at].layout),
            unpacked: Mutex::default(),
        }
    }

    fn unpacked(&self, origin: Origin) -> Result<Arc<OnceLock<Vec<u8>>>> {
        if origin.len > MAX_CHUNK || origin.size > MAX_CHUNK {
            return Err(no_part());
        }
        let chunk = {
            let mut kept = self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
            let at = kept.iter().position(|(known, _)| *known == origin);
            let chunk = match at {
                Some(at) => kept.remove(at),
                None => (origin.clone(), Arc::default()),
            };
            let mut bytes = origin.size;
            kept.retain(|(other, _)| {
                bytes = bytes.saturating_add(other.size);
                bytes <= KEPT
            });
            kept.truncate(MAX_KEPT - 1);
            kept.insert(0, chunk.clone());
            chunk.1
        };
        if chunk.get().is_none() {
            let packed = read_range(&*self.bytes, origin.at, origin.len)?;
            chunk.get_or_init(|| {
                let mut bytes = Vec::new();
                // Of one that the file ends in, there is what comes before the end.
                let _ = origin.compression.unpack(&packed, origin.size, &mut bytes);
                bytes
            });
        }
        Ok(chunk)
    }
}

impl Parts for RosParts {
    fn read_part(&self, part: &[u8], batch: &mut EventBatch) -> Result<()> {
        batch.clear();
        let mut part = PartReader::new(part);
        let compression = COMPRESSIONS.get(part.narrow::<usize>()?);
        let origin = Origin {
            compression: compression.ok_or_else(no_part)?.clone(),
            at: part.uint()?,
            len: part.uint()?,
            size: part.uint()?,
        };
        let (plain_at, is_plain) = (origin.at, origin.is_plain());
        let chunk = match is_plain {
            true => Arc::default(),
            false => self.unpacked(origin)?,
        };
        let chunk = chunk.get().map_or(&[][..], Vec::as_slice);
        let mut state = PartReader::new(part.bytes()?);
        let mut decoder = self.encoding.map(Decoder::new);
        if let Some(decoder) = &mut decoder {
            decoder.told(&mut state)?;
        }
        state.end()?;
        let mut end = 0u64;
        for _ in 0..part.uint()? {
            let start = end.checked_add(part.uint()?).ok_or_else(no_part)?;
            let len = part.uint()?;
            end = start.checked_add(len).ok_or_else(no_part)?;
            let read;
            let bytes = match is_plain {
                true => {
                    let at = plain_at.checked_add(start).ok_or_else(no_part)?;
                    read = read_range(&*self.bytes, at, len)?;
                    &*read
                }
                false => {
                    let ends = (usize::try_from(start), usize::try_from(end));
                    let (Ok(start), Ok(end)) = ends else {
                        return Err(no_part());
                    };
                    chunk.get(start..end).ok_or_else(no_part)?
                }
            };
            match &mut decoder {
                Some(decoder) => {
                    let (begins, base) = (part.uint()? == 1, part.sint()?);
                    if begins {
                        decoder.begin(base);
                    }
                    decoder.decode(bytes, 0, batch);
                    // Triggers are rows of a side stream.
                    decoder.take_triggers();
                }
                None => {
                    let mut events = Events {
                        layout: self.layout,
                        at: 0,
                        left: part.narrow()?,
                        is_first: part.uint()? == 1,
                    };
                    if !events.fit(bytes.len()) {
                        return Err(no_part());
                    }
                    events.decode(bytes, usize::MAX, batch);
                }
            }
        }
        part.end()
    }
}

fn no_part() -> Error {
    Error::corrupt("", "no part of a recording is like this")
}
