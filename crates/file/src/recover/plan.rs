//! Which chunks and batches of a damaged file are of its recording, and in which order: by the index, if a root of
//! it is whole, and by their numbers, before any of them is decoded.

use std::collections::{BTreeMap, BTreeSet};

use evz_core::{Error, ReadAt, Result, parallel, read_range};

use super::listing::{Listing, Mark, Marks, StreamKey, Verdict, missing};
use super::sequence::{Refused, Sequence, Turn};
use crate::check::{check_chunk, check_columns};
use crate::forever::{ALIGNMENT, FILE_MAGIC};
use crate::scan::{Found, Scan, body_at};
use crate::wire::{
    ChunkHead, FileHeader, Kind, RecordHeader, SideBatchHead, SideDeclaration, StreamDeclaration,
};
use crate::writer::EncodedChunk;

/// What a first look at a file finds.
#[derive(Default)]
pub(crate) struct Plan {
    /// Where another file begins that was written behind this one.
    pub(super) other: Option<u64>,
    /// What the index lists.
    pub(super) listing: Option<Listing>,
    /// What it lists that is not there: where it should be, and what is said of it.
    pub(super) missing: Vec<(u64, String)>,
    /// Where the metadata records start to which the root refers.
    pub(super) metadata: Vec<u64>,
    /// The chunks and batches that are taken: at each place of one in the file the one whose turn it is.
    turns: BTreeMap<u64, Turn>,
    /// What is said of the other ones, and of declarations, by where they start.
    refused: BTreeMap<u64, Refused>,
    /// Of those that stand behind later ones, where they start.
    pub(super) moved: Vec<u64>,
    /// The event streams.
    declared: BTreeMap<u16, StreamDeclaration>,
}

/// What may be taken of a file.
enum Met {
    Rows {
        stream: StreamKey,
        turn: Turn,
        mark: Mark,
        n_rows: u64,
        n_columns: usize,
    },
    Stream(Box<StreamDeclaration>),
    Side(u16, Mark),
}

impl Met {
    /// What a record has whose checksums hold; none if that is nothing that is taken, or is wrong: what is wrong
    /// with it is found when it is its turn.
    fn of(offset: u64, header: RecordHeader, body: &[u8]) -> Option<Self> {
        match Kind::from_number(header.kind)? {
            Kind::Stream => {
                let declared = StreamDeclaration::read_from(body).ok()?;
                Some(Self::Stream(Box::new(declared)))
            }
            Kind::SideStream => {
                let declared = SideDeclaration::read_from(body).ok()?;
                let mark = Mark::new(Kind::SideStream, header.body_len, header.body_crc);
                Some(Self::Side(declared.id, mark))
            }
            Kind::Chunk => {
                let (head, _) = ChunkHead::read_from(body, header.body_len).ok()?;
                let n_rows = head.n_events.into();
                Some(Self::Rows {
                    stream: StreamKey::of_events(head.stream),
                    turn: Turn::new(offset, header, n_rows),
                    mark: Mark::new(Kind::Chunk, header.body_len, head.head_crc),
                    n_rows,
                    n_columns: head.n_columns.into(),
                })
            }
            Kind::SideBatch => {
                let (head, _) = SideBatchHead::read_from(body).ok()?;
                Some(Self::Rows {
                    stream: StreamKey::of_rows(head.id),
                    turn: Turn::new(offset, header, head.rows),
                    mark: Mark::new(Kind::SideBatch, header.body_len, header.body_crc),
                    n_rows: head.rows,
                    n_columns: 0,
                })
            }
            _ => None,
        }
    }

    /// By what the index knows it.
    fn mark(&self, header: &RecordHeader, kind: Kind) -> Mark {
        match self {
            Self::Rows { mark, .. } | Self::Side(_, mark) => *mark,
            Self::Stream(_) => Mark::new(kind, header.body_len, header.body_crc),
        }
    }
}

impl Plan {
    /// Reads all of the file, and decodes nothing.
    pub(crate) fn new(bytes: &dyn ReadAt) -> Self {
        let mut plan = Self::default();
        let (mut met, mut roots, mut marks) = (Vec::new(), Vec::new(), Marks::default());
        let mut end = FileHeader::ENCODED_SIZE as u64;
        // What cannot be read is an error of who goes by this.
        for found in Scan::new(bytes).map_while(Result::ok) {
            let body = whole_body(bytes, &found);
            plan.other = other_file(bytes, &found, body.is_some(), end);
            end = found.end();
            if plan.other.is_some() {
                break;
            }
            if let (Found::Record { offset, header }, Some(body)) = (found, body)
                && let Some(kind) = Kind::from_number(header.kind)
            {
                let what = Met::of(offset, header, &body);
                let own = || Mark::new(kind, header.body_len, header.body_crc);
                let mark = what.as_ref().map_or_else(own, |w| w.mark(&header, kind));
                marks.add(offset, mark);
                met.extend(what.map(|what| (offset, what)));
                if kind == Kind::Root {
                    roots.push(offset);
                }
            }
        }
        plan.listing = Listing::new(bytes, &roots, &marks);
        plan.look_up(&marks);
        plan.take_all(met);
        plan
    }

    /// Looks for the records that the root refers to.
    fn look_up(&mut self, marks: &Marks) {
        let plain = StreamDeclaration::plain(0, None);
        self.declared.insert(0, plain);
        let Some(listing) = &mut self.listing else {
            return;
        };
        self.missing.append(&mut listing.missing);
        for stream in &listing.root.streams {
            let declaration = stream.declaration.clone();
            self.declared.insert(declaration.id, declaration);
        }
        for r in &listing.root.metadata_refs {
            match marks.find(r.offset, Mark::of(Kind::Metadata, *r)) {
                Some(at) => self.metadata.push(at),
                None => self.missing.push((r.offset, missing("a metadata record"))),
            }
        }
        for side in &listing.root.side {
            let r = side.declared;
            if marks
                .find(r.offset, Mark::of(Kind::SideStream, r))
                .is_none()
            {
                let what = format!("the declaration of side stream {:?}", side.name);
                self.missing.push((r.offset, missing(&what)));
            }
        }
    }

    fn take_all(&mut self, met: Vec<(u64, Met)>) {
        let mut sequences: BTreeMap<StreamKey, Sequence> = BTreeMap::new();
        let mut side = BTreeSet::new();
        for (offset, met) in met {
            let taken = match met {
                Met::Stream(declared) => {
                    let begun = sequences.get(&StreamKey::of_events(declared.id));
                    self.declare(offset, *declared, begun.is_some_and(|s| !s.is_empty()))
                }
                Met::Side(id, mark) => match self.knows_side(offset, id, mark) {
                    true => {
                        side.insert(id);
                        Ok(false)
                    }
                    false => Err(Refused::Unlisted),
                },
                Met::Rows {
                    stream, n_columns, ..
                } if !self.is_declared(stream, n_columns, &side) => Err(Refused::Undeclared),
                Met::Rows {
                    stream,
                    turn,
                    mark,
                    n_rows,
                    ..
                } => {
                    let rows = (turn.header.number, n_rows);
                    let listing = self.listing.as_ref();
                    let verdict = listing.map(|l| l.verdict(stream, offset, rows, mark));
                    let sequence = sequences.entry(stream).or_default();
                    sequence.take(turn, verdict.unwrap_or(Verdict::Unknown))
                }
            };
            match taken {
                Ok(true) => self.moved.push(offset),
                Ok(false) => {}
                Err(why) => drop(self.refused.insert(offset, why)),
            }
        }
        for (stream, number, item) in self.listing.iter().flat_map(Listing::all) {
            if !sequences.get(&stream).is_some_and(|s| s.has(number)) {
                let last = number.saturating_add(item.n_rows - 1);
                let of = stream.number;
                let what = match stream.side {
                    true => format!("the batch of rows {number} to {last} of side stream {of}"),
                    false => format!("the chunk of events {number} to {last} of event stream {of}"),
                };
                self.missing.push((item.offset, missing(&what)));
            }
        }
        let turns = sequences.into_values().flat_map(Sequence::turns);
        self.turns = turns.collect();
    }

    /// Takes what a record says of an event stream, unless the index says it.
    fn declare(
        &mut self,
        offset: u64,
        declared: StreamDeclaration,
        begun: bool,
    ) -> Result<bool, Refused> {
        let listing = self.listing.as_ref();
        let listed = listing.and_then(|l| l.stream(declared.id));
        match listed {
            Some(listed) if *listed == declared => Ok(false),
            Some(_) => Err(Refused::Unlisted),
            None if listing.is_some_and(|l| offset < l.at) => Err(Refused::Unlisted),
            None => {
                // The first one counts; that of stream 0 before any is none.
                let known = self.declared.get(&declared.id);
                if !begun && known.is_none_or(|known| known.id == 0 && known.is_plain()) {
                    self.declared.insert(declared.id, declared);
                }
                Ok(false)
            }
        }
    }

    /// Whether the declaration of a side stream is that of the index.
    fn knows_side(&self, offset: u64, id: u16, mark: Mark) -> bool {
        let Some(listing) = &self.listing else {
            return true;
        };
        match listing.side(id) {
            Some(listed) => Mark::of(Kind::SideStream, listed.declared) == mark,
            None => offset > listing.at,
        }
    }

    fn is_declared(&self, stream: StreamKey, n_columns: usize, side: &BTreeSet<u16>) -> bool {
        match stream.side {
            true => side.contains(&stream.number),
            false => {
                let declared = self.declared.get(&stream.number);
                declared.is_some_and(|d| d.columns.len() == n_columns)
            }
        }
    }

    /// The chunks and events that are saved: all that are taken are decoded.
    pub(crate) fn saves(&self, bytes: &dyn ReadAt) -> (u64, u64) {
        let chunks = self.turns.values();
        let chunks = chunks.filter(|turn| turn.header.kind == Kind::Chunk as u16);
        let chunks: Vec<Turn> = chunks.copied().collect();
        let events = parallel::try_map(&chunks, |turn| {
            let chunk = self.chunk(bytes, turn.offset, &turn.header);
            Ok::<_, std::convert::Infallible>(chunk.map_or(0, |c| u64::from(c.head.n_events)))
        });
        let Ok(events) = events;
        let saved = events.iter().filter(|n| **n > 0).count() as u64;
        (saved, events.iter().sum())
    }

    /// A chunk that is whole, decoded and compared with what is said of it.
    pub(super) fn chunk(
        &self,
        bytes: &dyn ReadAt,
        offset: u64,
        header: &RecordHeader,
    ) -> Result<EncodedChunk> {
        let chunk = check_chunk(bytes, offset, header)?;
        let declared = self.declared(chunk.head.stream).map(|s| &s.columns);
        let Some(declared) = declared.filter(|d| d.len() == chunk.columns.len()) else {
            return Err(Error::corrupt("", Refused::Undeclared.to_string()));
        };
        check_columns(&chunk, declared)?;
        Ok(chunk)
    }

    /// How an event stream is declared.
    pub(super) fn declared(&self, stream: u16) -> Option<&StreamDeclaration> {
        self.declared.get(&stream)
    }

    /// The one whose turn it is where a chunk or a batch starts.
    pub(super) fn turn(&self, offset: u64) -> Option<Turn> {
        self.turns.get(&offset).copied()
    }

    /// Why what starts there is not taken.
    pub(super) fn refused(&self, offset: u64) -> Option<Refused> {
        self.refused.get(&offset).copied()
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
        _ => found.offset()..found.end(),
    };
    let places = suspicious.step_by(ALIGNMENT as usize);
    let begins = |at: &u64| {
        let magic = read_range(bytes, *at, FILE_MAGIC.len() as u64);
        magic.is_ok_and(|magic| magic == FILE_MAGIC)
    };
    std::iter::once(end).chain(places).find(begins)
}
