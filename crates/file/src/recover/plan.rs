//! Which chunks of a damaged file are of its recording, and in which order: by their numbers, before any of
//! them is decoded.

use std::collections::BTreeMap;
use std::fmt;

use evz_core::{ReadAt, read_range};

use super::end_of;
use crate::forever::{ALIGNMENT, FILE_MAGIC};
use crate::scan::{Found, Scan, body_at};
use crate::wire::{ChunkHead, FileHeader, Kind, RecordHeader, StreamDeclaration};

/// What a first look at a file finds.
pub(crate) struct Plan {
    /// Where another file begins that was written behind this one.
    pub(super) other: Option<u64>,
    /// The chunks that are taken: at each place of one in the file the one whose turn it is.
    turns: BTreeMap<u64, Turn>,
    /// What is said of the other chunks, by where they start.
    refused: BTreeMap<u64, Refused>,
    /// Of chunks that stand behind later ones, where they start.
    pub(super) moved: Vec<u64>,
    /// Events of the chunks that are taken.
    pub(crate) events: u64,
}

/// A chunk whose checksums hold.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) offset: u64,
    pub(super) header: RecordHeader,
    n_events: u32,
}

impl Turn {
    /// One that nothing is known of.
    pub(super) fn at(offset: u64, header: &RecordHeader) -> Self {
        Self {
            offset,
            header: *header,
            n_events: 0,
        }
    }

    /// The number behind its last event.
    fn end(&self) -> u64 {
        self.header.number.saturating_add(self.n_events.into())
    }

    fn is_same(&self, other: &Self) -> bool {
        let what = |t: &Self| (t.header.number, t.n_events, t.header.body_crc);
        what(self) == what(other)
    }
}

/// Why a chunk is not taken.
pub(super) enum Refused {
    /// It stands there too.
    Twice(u64),
    /// Another chunk has its numbers.
    Foreign(u64),
    /// Of what stream it is nobody knows.
    Undeclared,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(other) => write!(f, "it stands at byte {other} too"),
            Self::Foreign(other) => write!(
                f,
                "the chunk at byte {other} has other events of these numbers: it is of another recording"
            ),
            Self::Undeclared => f.write_str("the declaration of its stream is lost"),
        }
    }
}

/// The chunks of a stream as they are met.
#[derive(Default)]
struct Stream {
    columns: Option<usize>,
    /// By the number of their first event.
    taken: BTreeMap<u64, Turn>,
    /// Where those start.
    slots: Vec<u64>,
    /// The number with which the next chunk of another recording would go on.
    foreign: Option<u64>,
}

impl Stream {
    /// A chunk that has events of this one.
    fn with_events_of(&self, turn: &Turn) -> Option<&Turn> {
        let before = self.taken.range(..turn.end()).next_back();
        before
            .map(|(_, t)| t)
            .filter(|t| t.end() > turn.header.number)
    }

    fn take(&mut self, turn: Turn) -> Result<(), Refused> {
        let number = turn.header.number;
        let known = self.with_events_of(&turn).copied();
        if let Some(known) = known.filter(|known| known.is_same(&turn)) {
            return Err(Refused::Twice(known.offset));
        }
        let goes_on = self.foreign.take() == Some(number);
        if known.is_some() || goes_on {
            self.foreign = Some(turn.end());
            let known = known.or_else(|| self.taken.last_key_value().map(|(_, t)| *t));
            return Err(Refused::Foreign(known.map_or(0, |known| known.offset)));
        }
        self.taken.insert(number, turn);
        self.slots.push(turn.offset);
        Ok(())
    }
}

impl Plan {
    /// Reads all of the file, and decodes nothing.
    pub(crate) fn new(bytes: &dyn ReadAt) -> Self {
        let mut plan = Self {
            other: None,
            turns: BTreeMap::new(),
            refused: BTreeMap::new(),
            moved: Vec::new(),
            events: 0,
        };
        let mut streams: BTreeMap<u16, Stream> = BTreeMap::new();
        streams.entry(0).or_default().columns = Some(0);
        let mut end = FileHeader::ENCODED_SIZE as u64;
        // What cannot be read is an error of who goes by this.
        for found in Scan::new(bytes).map_while(Result::ok) {
            let body = whole_body(bytes, &found);
            plan.other = other_file(bytes, &found, body.is_some(), end);
            end = end_of(&found);
            if plan.other.is_some() {
                break;
            }
            if let (Found::Record { offset, header }, Some(body)) = (found, body) {
                plan.meet(&mut streams, offset, header, &body);
            }
        }
        for stream in streams.into_values() {
            for (slot, turn) in stream.slots.into_iter().zip(stream.taken.into_values()) {
                plan.events += u64::from(turn.n_events);
                plan.turns.insert(slot, turn);
            }
        }
        plan
    }

    fn meet(
        &mut self,
        streams: &mut BTreeMap<u16, Stream>,
        offset: u64,
        header: RecordHeader,
        body: &[u8],
    ) {
        match Kind::from_number(header.kind) {
            Some(Kind::Stream) => {
                if let Ok(declared) = StreamDeclaration::read_from(body) {
                    let stream = streams.entry(declared.id).or_default();
                    if stream.taken.is_empty() {
                        stream.columns = Some(declared.columns.len());
                    }
                }
            }
            Some(Kind::Chunk) => {
                // What is wrong with another one is found when it is its turn.
                let Ok((head, _)) = ChunkHead::read_from(body, header.body_len) else {
                    return;
                };
                let turn = Turn {
                    offset,
                    header,
                    n_events: head.n_events,
                };
                let stream = streams.get_mut(&head.stream);
                let stream = stream.filter(|s| s.columns == Some(head.n_columns.into()));
                let taken = match stream {
                    None => Err(Refused::Undeclared),
                    Some(stream) => {
                        let latest = stream.taken.last_key_value().map(|(number, _)| *number);
                        let taken = stream.take(turn);
                        if taken.is_ok() && latest > Some(header.number) {
                            self.moved.push(offset);
                        }
                        taken
                    }
                };
                if let Err(why) = taken {
                    self.refused.insert(offset, why);
                }
            }
            _ => {}
        }
    }

    /// Chunks that are taken.
    pub(crate) fn chunks(&self) -> usize {
        self.turns.len()
    }

    /// The chunk whose turn it is where one starts.
    pub(super) fn turn(&self, offset: u64) -> Option<Turn> {
        self.turns.get(&offset).copied()
    }

    /// Why the chunk there is not taken.
    pub(super) fn refused(&self, offset: u64) -> Option<&Refused> {
        self.refused.get(&offset)
    }
}

fn whole_body(bytes: &dyn ReadAt, found: &Found) -> Option<Vec<u8>> {
    let Found::Record { offset, header } = found else {
        return None;
    };
    let body = body_at(bytes, *offset, header).ok()?;
    header.check(&body).is_ok().then_some(body)
}

/// Where another file begins that was written behind this one: right where what was found before ends, or
/// where a record might, among bytes that are none.
fn other_file(bytes: &dyn ReadAt, found: &Found, whole: bool, end: u64) -> Option<u64> {
    let suspicious = match found {
        Found::Record { offset, .. } if whole => *offset..*offset,
        Found::Record { offset, .. } | Found::Gap { offset, .. } => *offset..end_of(found),
        Found::Cut { offset, .. } => *offset..bytes.len(),
    };
    let places = suspicious.step_by(ALIGNMENT as usize);
    let begins = |at: &u64| {
        let magic = read_range(bytes, *at, FILE_MAGIC.len() as u64);
        magic.is_ok_and(|magic| magic == FILE_MAGIC)
    };
    std::iter::once(end).chain(places).find(begins)
}
