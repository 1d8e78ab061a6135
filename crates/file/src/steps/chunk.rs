//! Taking events out of one chunk: its head and table of contents first, then the bytes of the
//! events that are wanted, checked as far as they are read.

use std::ops::Range;
use std::sync::Arc;

use evz_codec::{Codec, Payload, Run, by_id};
use evz_core::{ColumnsMut, Error, Place, ReadAt, Result};

use super::{DEFAULT_GAP, Machine, Step, Wanted, check_len, read};
use crate::buffer::Buffer;
use crate::index::Leaf;
use crate::wire::{ChunkEntry, ChunkHead, RecordHeader};

/// Bytes read first: the head and the table of contents of 65,536 events, 1,120 bytes as `fast` has
/// them and up to some 2,000 as `small` has.
const FRONT_READ: usize = 2 << 10;

/// The codec of a chunk, or an error that says its number.
pub(crate) fn codec_of(head: &ChunkHead) -> Result<&'static dyn Codec> {
    by_id(head.codec).ok_or_else(|| {
        let version = env!("CARGO_PKG_VERSION");
        let what = format!("codec {} is unknown to evz {version}", head.codec);
        Error::unsupported("", what).advise("get a newer evz")
    })
}

/// The payload of a chunk body whose head was read.
pub(crate) fn payload<'a>(head: &ChunkHead, body: &'a [u8]) -> Payload<'a> {
    Payload {
        bytes: &body[ChunkHead::ENCODED_SIZE..],
        toc_len: head.toc_len as usize,
        n_events: head.n_events as usize,
        time: head.time(),
    }
}

/// What is wanted of a chunk.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// Events at these positions.
    Events(Range<usize>),
    /// Where a window of times begins and ends, and what lies between; the chunk is in order.
    Times(Range<i64>),
    /// The same without what lies between.
    Cuts(Range<i64>),
    /// Its head and table of contents alone.
    Front,
}

/// A chunk that the index lists, its head and table of contents found whole, and with the bytes of
/// those of its events that were asked for.
#[derive(Debug, Clone)]
pub struct Chunk {
    number: u64,
    offset: u64,
    head: ChunkHead,
    codec: &'static dyn Codec,
    body: Wanted,
    /// The bytes of the body that were read for events.
    held: Range<usize>,
}

impl Chunk {
    /// Position of the first event that is not before `t`; the chunk is in order.
    pub(crate) fn lower_bound(&self, t: i64) -> Result<usize> {
        let found = self.codec.lower_bound(self.payload(), t);
        found.map_err(|e| self.blame(e))
    }

    /// The positions of a window of times that was asked for.
    pub(crate) fn window(&self, t: &Range<i64>) -> Result<Range<usize>> {
        let found = match cut(&self.head, t) {
            (true, true) => self.codec.window(self.payload(), t.clone()),
            (true, false) => Ok(self.lower_bound(t.start)?..self.n_events()),
            (false, true) => Ok(0..self.lower_bound(t.end)?),
            (false, false) => Ok(0..self.n_events()),
        };
        found.map_err(|e| self.blame(e))
    }

    /// Fills the wanted columns with events that were asked for.
    pub(crate) fn decode(&self, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()> {
        let decoded = self.codec.decode(self.payload(), range, out);
        decoded.map_err(|e| self.blame(e))
    }

    /// Fills the wanted columns with events whether they were asked for or not: reads their bytes if
    /// they are not there.
    pub(crate) fn read(
        &self,
        range: Range<usize>,
        out: ColumnsMut<'_>,
        bytes: &dyn ReadAt,
    ) -> Result<()> {
        let decode = || {
            let Range { start, end } = self.codec.bytes_of(self.payload(), range.clone())?;
            let held = &self.held;
            if held.start <= behind_head(start) && behind_head(end) <= held.end {
                return self.codec.decode(self.payload(), range, out);
            }
            let mut buffer = Buffer::new(end - start);
            let body = self.offset + RecordHeader::ENCODED_SIZE as u64;
            read(bytes, body + behind_head(start) as u64, &mut buffer)?;
            let bytes = &buffer;
            self.codec
                .decode_run(self.payload(), Run { start, bytes }, range, out)
        };
        decode().map_err(|e| self.blame(e))
    }

    /// Its head.
    pub fn head(&self) -> &ChunkHead {
        &self.head
    }

    /// Its bytes from the head on.
    pub(crate) fn body(&self) -> &[u8] {
        self.body.bytes()
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        Place::chunk(self.number).with_byte(self.offset)
    }

    fn n_events(&self) -> usize {
        self.head.n_events as usize
    }

    fn payload(&self) -> Payload<'_> {
        payload(&self.head, self.body.bytes())
    }

    fn blame(&self, error: Error) -> Error {
        error.within(self.place())
    }
}

/// A byte of the payload as one of the body.
fn behind_head(at: usize) -> usize {
    at + ChunkHead::ENCODED_SIZE
}

/// Whether a window of times begins behind the first event and ends before the last.
fn cut(head: &ChunkHead, t: &Range<i64>) -> (bool, bool) {
    (head.t_min < t.start, t.end <= head.t_max)
}

/// Takes a part of a chunk.
pub struct ChunkSteps {
    leaf: Arc<Leaf>,
    index: usize,
    part: Part,
    gap: u64,
    body: Wanted,
    state: State,
}

enum State {
    New,
    /// So many bytes of the body are there or on their way.
    Front(usize),
    /// All that is needed is there or on its way, but for the last of these runs of the body.
    Opened(ChunkHead, &'static dyn Codec, [Range<usize>; 2]),
    /// Done from the beginning.
    Given(Box<Chunk>),
}

impl ChunkSteps {
    pub(crate) fn new(leaf: Arc<Leaf>, index: usize, part: Part) -> Self {
        Self {
            leaf,
            index,
            part,
            gap: DEFAULT_GAP,
            body: Wanted::default(),
            state: State::New,
        }
    }

    /// Done at once.
    pub(crate) fn given(leaf: Arc<Leaf>, index: usize, chunk: Chunk) -> Self {
        Self {
            state: State::Given(Box::new(chunk)),
            ..Self::new(leaf, index, Part::Whole)
        }
    }

    /// Reads up to so many bytes that are not needed rather than ask twice; unless told,
    /// [`DEFAULT_GAP`](super::DEFAULT_GAP). A chunk that is hardly longer is taken at once.
    pub fn with_gap(mut self, gap: u64) -> Self {
        self.gap = gap;
        self
    }

    /// Goes on.
    ///
    /// # Errors
    /// If the chunk is damaged or another than the index says.
    pub fn step(&mut self) -> Result<Step<Chunk>> {
        Machine::step(self)
    }

    /// Takes bytes of the file.
    pub fn give(&mut self, offset: u64, bytes: &[u8]) {
        Machine::give(self, offset, bytes);
    }

    fn entry(&self) -> &ChunkEntry {
        &self.leaf.entries[self.index]
    }

    fn number(&self) -> u64 {
        self.leaf.first_chunk + self.index as u64
    }

    /// Wants the front of the body, or all of it where that is hardly more.
    fn begin(&self) -> Result<(Wanted, usize)> {
        let entry = self.entry();
        check_len(entry.body_len)?;
        let start = (entry.offset).saturating_add(RecordHeader::ENCODED_SIZE as u64);
        let mut body = Wanted::new(start, entry.body_len, self.leaf.file_len)?;
        let len = body.bytes().len();
        let rest = len.saturating_sub(FRONT_READ);
        let front = match matches!(self.part, Part::Whole) || rest as u64 <= self.gap {
            true => len,
            false => FRONT_READ,
        };
        body.want(0..front);
        Ok((body, front))
    }

    /// The head, once it is known to be that of the chunk that the index lists.
    fn head(&self) -> Result<(ChunkHead, &'static dyn Codec)> {
        let head = ChunkHead::read_from(self.body.bytes())?;
        let codec = codec_of(&head)?;
        let entry = self.entry();
        let same = head.first_event == entry.first_event
            && head.n_events == entry.n_events
            && (head.t_first, head.t_min, head.t_max) == (entry.t_first, entry.t_min, entry.t_max)
            && (head.codec, head.flags) == (entry.codec, entry.flags);
        match same {
            true => Ok((head, codec)),
            false => Err(Error::corrupt("", "the index describes another chunk")),
        }
    }

    /// The bytes of the body that hold the part: one run of them or, of cuts far apart, two.
    fn bytes_of_part(&self, head: &ChunkHead, codec: &dyn Codec) -> Result<[Range<usize>; 2]> {
        let payload = payload(head, self.body.bytes());
        let n = payload.n_events;
        let around = |t: i64| codec.events_around(payload, t..t);
        let events = match &self.part {
            Part::Whole => [0..n, 0..0],
            Part::Events(events) => [events.clone(), 0..0],
            Part::Times(t) => match cut(head, t) {
                (true, true) => [codec.events_around(payload, t.clone())?, 0..0],
                (true, false) => [around(t.start)?.start..n, 0..0],
                (false, true) => [0..around(t.end)?.end, 0..0],
                (false, false) => [0..n, 0..0],
            },
            Part::Cuts(t) => match cut(head, t) {
                (true, true) => [around(t.start)?, around(t.end)?],
                (true, false) => [around(t.start)?, 0..0],
                (false, true) => [around(t.end)?, 0..0],
                (false, false) => [0..0, 0..0],
            },
            Part::Front => [0..0, 0..0],
        };
        let [first, second] = events.map(|events| match events.is_empty() {
            true => Ok(0..0),
            false => {
                let bytes = codec.bytes_of(payload, events)?;
                Ok(behind_head(bytes.start)..behind_head(bytes.end))
            }
        });
        let (first, second) = (first?, second?);
        match second.start as u64 <= (first.end as u64).saturating_add(self.gap) {
            true => Ok([first.start..first.end.max(second.end), 0..0]),
            false => Ok([first, second]),
        }
    }

    fn go_on(&mut self) -> Result<Option<Chunk>> {
        loop {
            if self.body.is_missing() {
                return Ok(None);
            }
            self.state = match std::mem::replace(&mut self.state, State::New) {
                State::New => {
                    let (body, front) = self.begin()?;
                    self.body = body;
                    State::Front(front)
                }
                State::Front(there) => {
                    let len = self.body.bytes().len();
                    let front = ChunkHead::front_len(self.body.bytes()).min(len);
                    if front > there {
                        self.body.want(there..front);
                        State::Front(front)
                    } else {
                        let (head, codec) = self.head()?;
                        let mut runs = [0..len, 0..0];
                        if there < len {
                            runs = self.bytes_of_part(&head, codec)?;
                            let Range { start, end } = runs[0];
                            self.body.want(start.max(there)..end.max(there));
                        }
                        State::Opened(head, codec, runs)
                    }
                }
                State::Opened(head, codec, [_, last]) if !last.is_empty() => {
                    self.body.want(last.clone());
                    State::Opened(head, codec, [last, 0..0])
                }
                State::Opened(head, codec, [held, _]) => {
                    return Ok(Some(Chunk {
                        number: self.number(),
                        offset: self.entry().offset,
                        head,
                        codec,
                        body: std::mem::take(&mut self.body),
                        held,
                    }));
                }
                State::Given(chunk) => return Ok(Some(*chunk)),
            }
        }
    }
}

impl Machine for ChunkSteps {
    type Output = Chunk;

    fn advance(&mut self) -> Result<Option<Chunk>> {
        self.go_on().map_err(|e| e.within(self.place()))
    }

    fn wanted(&mut self) -> &mut [Wanted] {
        std::slice::from_mut(&mut self.body)
    }

    fn gap(&self) -> u64 {
        self.gap
    }

    fn place(&self) -> Place {
        Place::chunk(self.number()).with_byte(self.entry().offset)
    }
}
