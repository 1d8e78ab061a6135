//! Taking events out of one chunk: its head and table of contents first, then the bytes of the
//! events that are wanted, checked as far as they are read.

use std::ops::Range;
use std::sync::Arc;

use evz_codec::{Decoder, Payload, Run};
use evz_core::{ColumnSet, ColumnsMut, Error, Place, ReadAt, Result, ValuesMut, last_tick};

use super::{CodecOf, DEFAULT_GAP, Machine, Out, Step, Wanted, check_len, codec_of, joined, read};
use crate::buffer::Buffer;
use crate::index::Leaf;
use crate::section::decode_section;
use crate::wire::{ChunkEntry, ChunkHead, ColumnSection, Kind, RecordHeader, table_len};

/// The payload of a chunk body whose head was read.
pub(crate) fn payload<'a>(head: &ChunkHead, body: &'a [u8]) -> Payload<'a> {
    Payload {
        bytes: &body[head.payload_start()..head.sections_start()],
        toc_len: head.toc_len as usize,
        n_events: head.n_events as usize,
        time: head.time(),
        sorted: head.sorted(),
    }
}

/// Bytes before the body of a record.
const RECORD: usize = RecordHeader::ENCODED_SIZE;

/// The body of a record.
fn body_of(record: &Wanted) -> &[u8] {
    record.bytes().get(RECORD..).unwrap_or_default()
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
    codec: CodecOf,
    /// The sections of further columns.
    sections: Vec<ColumnSection>,
    record: Wanted,
    /// The bytes of the body that were read for events.
    held: Range<usize>,
    /// The further columns that were read.
    extra: ColumnSet,
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
        let checked = found.and_then(|found| {
            // An event at the earliest time is before what begins later, one at the latest behind what ends
            // earlier.
            let (head, n) = (&self.head, self.n_events());
            let is_right = |bound: usize, t: i64| {
                (t <= head.t_min || bound > 0) && (head.t_max < t || bound < n)
            };
            let (_, ends) = cut(head, t);
            match is_right(found.start, t.start) && (!ends || is_right(found.end, t.end)) {
                true => Ok(found),
                false => Err(Error::corrupt("", OTHER_TIMES)),
            }
        });
        checked.map_err(|e| self.blame(e))
    }

    /// Fills the wanted columns with events that were asked for.
    pub(crate) fn decode(&self, range: Range<usize>, mut out: Out<'_>) -> Result<()> {
        self.decode_extra(&range, out.extra, None)?;
        let columns = out.columns.reborrow();
        let decoded = self.codec.decode(self.payload(), range.clone(), columns);
        let checked = decoded.and_then(|()| check_times(&self.head, &range, out.columns.t));
        checked.map_err(|e| self.blame(e))
    }

    /// Fills the wanted further columns; those that were not read are read from `bytes`.
    fn decode_extra(
        &self,
        range: &Range<usize>,
        extra: Vec<Option<ValuesMut<'_>>>,
        bytes: Option<&dyn ReadAt>,
    ) -> Result<()> {
        let n = self.n_events();
        let mut end = self.head.sections_start();
        for (i, out) in extra.into_iter().enumerate() {
            let Some(section) = self.sections.get(i) else {
                return Err(self.blame(Error::corrupt("", "it lacks a further column")));
            };
            let start = end;
            end += section.len as usize;
            let Some(out) = out else { continue };
            let decode = || match bytes {
                _ if self.extra.contains(i) => {
                    let held = &self.body()[start..end];
                    decode_section(section, held, n, range.clone(), out)
                }
                Some(bytes) => {
                    let mut buffer = Buffer::new(end - start);
                    let body = self.offset + RECORD as u64;
                    read(bytes, body + start as u64, &mut buffer)?;
                    decode_section(section, &buffer, n, range.clone(), out)
                }
                None => Err(Error::invalid("a further column that was not asked for")),
            };
            decode()
                .map_err(|e| self.blame(e.within(Place::part(format!("further column {i}")))))?;
        }
        Ok(())
    }

    /// Fills the wanted columns with events whether they were asked for or not: reads their bytes if
    /// they are not there.
    pub(crate) fn read(
        &self,
        range: Range<usize>,
        mut out: Out<'_>,
        bytes: &dyn ReadAt,
    ) -> Result<()> {
        self.decode_extra(&range, out.extra, Some(bytes))?;
        let columns = out.columns.reborrow();
        let decoded = self.read_columns(range.clone(), columns, bytes);
        let checked = decoded.and_then(|()| check_times(&self.head, &range, out.columns.t));
        checked.map_err(|e| self.blame(e))
    }

    fn read_columns(
        &self,
        range: Range<usize>,
        out: ColumnsMut<'_>,
        bytes: &dyn ReadAt,
    ) -> Result<()> {
        let Range { start, end } = self.codec.bytes_of(self.payload(), range.clone())?;
        let held = &self.held;
        let payload = self.head.payload_start();
        if held.start <= payload + start && payload + end <= held.end {
            return self.codec.decode(self.payload(), range, out);
        }
        let mut buffer = Buffer::new(end - start);
        let body = self.offset + RECORD as u64;
        read(bytes, body + (payload + start) as u64, &mut buffer)?;
        let bytes = &buffer;
        self.codec
            .decode_run(self.payload(), Run { start, bytes }, range, out)
    }

    /// Its head.
    pub fn head(&self) -> &ChunkHead {
        &self.head
    }

    /// Its bytes from the head on.
    pub(crate) fn body(&self) -> &[u8] {
        body_of(&self.record)
    }

    /// What the codec made of the events.
    pub(crate) fn payload_bytes(&self) -> &[u8] {
        self.payload().bytes
    }

    /// Where it is.
    pub(crate) fn place(&self) -> Place {
        Place::chunk(self.number).with_byte(self.offset)
    }

    fn n_events(&self) -> usize {
        self.head.n_events as usize
    }

    fn payload(&self) -> Payload<'_> {
        payload(&self.head, self.body())
    }

    fn blame(&self, error: Error) -> Error {
        error.within(self.place())
    }
}

const OTHER_TIMES: &str = "its times are not what its head says of them";

/// Times of these events of a chunk, which are in order if it is, must be such as its head says: a window is
/// found by that.
fn check_times(head: &ChunkHead, range: &Range<usize>, t: Option<&mut [i64]>) -> Result<()> {
    let t = t.as_deref().unwrap_or_default();
    let (Some(first), Some(last)) = (t.first(), t.last()) else {
        return Ok(());
    };
    let (starts, ends) = (range.start == 0, range.end == head.n_events as usize);
    let (t_min, t_max) = match head.sorted() {
        true => (*first, *last),
        false => t
            .iter()
            .fold((*first, *first), |(lo, hi), t| (lo.min(*t), hi.max(*t))),
    };
    let within = head.t_min <= t_min && t_max <= head.t_max;
    let there = match head.sorted() {
        true => !ends || t_max == head.t_max,
        false => !(starts && ends) || (t_min, t_max) == (head.t_min, head.t_max),
    };
    match within && there && (!starts || *first == head.t_first) {
        true => Ok(()),
        false => Err(Error::corrupt("", OTHER_TIMES)),
    }
}

/// Whether a window of times begins behind the first event and ends before the last.
fn cut(head: &ChunkHead, t: &Range<i64>) -> (bool, bool) {
    let ends = last_tick(t).is_none_or(|last| last < head.t_max);
    (head.t_min < t.start, ends)
}

/// A chunk whose head is known.
struct Opened {
    head: ChunkHead,
    sections: Vec<ColumnSection>,
    codec: CodecOf,
    /// The bytes of the body for events, the last run of them.
    held: Range<usize>,
    /// Runs of the body that are still to be asked for, the last one first.
    missing: Vec<Range<usize>>,
}

/// Takes a part of a chunk.
pub struct ChunkSteps {
    leaf: Arc<Leaf<ChunkEntry>>,
    index: usize,
    part: Part,
    /// Further columns that are wanted.
    extra: ColumnSet,
    gap: u64,
    record: Wanted,
    state: State,
}

enum State {
    New,
    /// The front of the body is there or on its way, and so many bytes in all.
    Front(usize),
    /// The head is known.
    Opened(Opened),
    /// Done from the beginning.
    Given(Box<Chunk>),
}

impl ChunkSteps {
    pub(crate) fn new(leaf: Arc<Leaf<ChunkEntry>>, index: usize, part: Part) -> Self {
        Self {
            leaf,
            index,
            part,
            extra: ColumnSet::NONE,
            gap: DEFAULT_GAP,
            record: Wanted::default(),
            state: State::New,
        }
    }

    /// Done at once.
    pub(crate) fn given(leaf: Arc<Leaf<ChunkEntry>>, index: usize, chunk: Chunk) -> Self {
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

    /// Takes these further columns too.
    pub(crate) fn with_extra(mut self, extra: ColumnSet) -> Self {
        self.extra = extra.and(ColumnSet::first(self.leaf.id.n_columns.into()));
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
        self.leaf.first_item + self.index as u64
    }

    fn body(&self) -> &[u8] {
        body_of(&self.record)
    }

    /// Wants this part of the body.
    fn want(&mut self, part: Range<usize>) {
        self.record.want(RECORD + part.start..RECORD + part.end);
    }

    /// Where the sections of further columns start in the body, as the index has it.
    fn sections_start(&self) -> usize {
        let lens = self.entry().column_lens.iter().map(|len| u64::from(*len));
        let start = self.entry().body_len.saturating_sub(lens.sum());
        start as usize
    }

    /// Wants the header and the front of the body, or all of it where that is hardly more: with the
    /// further columns where all are wanted.
    fn begin(&self) -> Result<(Wanted, usize)> {
        let entry = self.entry();
        check_len(entry.body_len)?;
        let len = entry.body_len + RECORD as u64;
        let mut record = Wanted::new(entry.offset, len, self.leaf.file_len)?;
        let all = self.extra == ColumnSet::first(self.leaf.id.n_columns.into());
        let len = match all {
            true => body_of(&record).len(),
            false => self.sections_start(),
        };
        let front = ChunkHead::ENCODED_SIZE + table_len(self.leaf.id.n_columns);
        let front = front.saturating_add(entry.toc_len as usize);
        let whole =
            matches!(self.part, Part::Whole) || len.saturating_sub(front) as u64 <= self.gap;
        let front = if whole { len } else { front.min(len) };
        record.want(0..RECORD + front);
        Ok((record, front))
    }

    /// The head, once it is known to be that of the chunk that the index lists.
    fn head(&self) -> Result<(ChunkHead, Vec<ColumnSection>)> {
        let (entry, id) = (self.entry(), self.leaf.id);
        let other = || Error::corrupt("", "the index describes another chunk");
        RecordHeader::read_from(self.record.bytes())
            .filter(|h| (h.kind, h.flags) == (Kind::Chunk as u16, Kind::Chunk.flags()))
            .filter(|h| (h.body_len, h.number) == (entry.body_len, entry.first_event))
            .ok_or_else(other)?;
        let (head, sections) = ChunkHead::read_from(self.body(), entry.body_len)?;
        let lens = sections.iter().map(|s| s.len).collect();
        let found = ChunkEntry::new(&head, lens, entry.offset, entry.first_event);
        let same = found == *entry && (head.stream, head.n_columns) == (id.stream, id.n_columns);
        match same {
            true => Ok((head, sections)),
            false => Err(other()),
        }
    }

    /// The bytes of the body that hold the part: one run of them or, of cuts far apart, two.
    fn bytes_of_part(&self, head: &ChunkHead, codec: &dyn Decoder) -> Result<[Range<usize>; 2]> {
        let payload = payload(head, self.body());
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
            true => Ok::<_, Error>(0..0),
            false => {
                let bytes = codec.bytes_of(payload, events)?;
                let start = head.payload_start();
                Ok(start + bytes.start..start + bytes.end)
            }
        });
        let (first, second) = (first?, second?);
        match second.start as u64 <= (first.end as u64).saturating_add(self.gap) {
            true => Ok([first.start..first.end.max(second.end), 0..0]),
            false => Ok([first, second]),
        }
    }

    /// What is known once the first `there` bytes of the body are: what else is needed.
    fn opened(&self, there: usize) -> Result<Opened> {
        let (head, sections) = self.head()?;
        let codec = codec_of(&head, self.leaf.elsewhere.as_ref())?;
        let (mut held, mut missing) = (0..there.min(head.sections_start()), Vec::new());
        if there < head.sections_start() {
            let [first, second] = self.bytes_of_part(&head, &*codec)?;
            held = if second.is_empty() { &first } else { &second }.clone();
            missing.extend([first, second]);
        }
        let mut end = head.sections_start();
        for (i, section) in sections.iter().enumerate() {
            let start = end;
            end += section.len as usize;
            if self.extra.contains(i) {
                missing.push(start..end);
            }
        }
        let runs = missing.into_iter();
        let runs = runs.map(|r| r.start.max(there) as u64..r.end.max(there) as u64);
        let runs = joined(runs.filter(|r| !r.is_empty()).collect(), self.gap);
        let missing = runs.into_iter().rev();
        Ok(Opened {
            head,
            sections,
            codec,
            held,
            missing: missing.map(|r| r.start as usize..r.end as usize).collect(),
        })
    }

    fn go_on(&mut self) -> Result<Option<Chunk>> {
        loop {
            if self.record.is_missing() {
                return Ok(None);
            }
            self.state = match std::mem::replace(&mut self.state, State::New) {
                State::New => {
                    let (record, front) = self.begin()?;
                    self.record = record;
                    State::Front(front)
                }
                State::Front(there) => State::Opened(self.opened(there)?),
                State::Opened(mut opened) => {
                    if let Some(run) = opened.missing.pop() {
                        self.want(run);
                        State::Opened(opened)
                    } else {
                        return Ok(Some(self.taken(opened)));
                    }
                }
                State::Given(chunk) => return Ok(Some(*chunk)),
            }
        }
    }
}

impl ChunkSteps {
    /// The chunk, all of whose bytes that are wanted are there.
    fn taken(&mut self, opened: Opened) -> Chunk {
        Chunk {
            number: self.number(),
            offset: self.entry().offset,
            head: opened.head,
            codec: opened.codec,
            sections: opened.sections,
            record: std::mem::take(&mut self.record),
            held: opened.held,
            extra: self.extra,
        }
    }
}

impl Machine for ChunkSteps {
    type Output = Chunk;

    fn advance(&mut self) -> Result<Option<Chunk>> {
        self.go_on().map_err(|e| e.within(self.place()))
    }

    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted)) {
        act(&mut self.record);
    }

    fn gap(&self) -> u64 {
        self.gap
    }

    fn place(&self) -> Place {
        Place::chunk(self.number()).with_byte(self.entry().offset)
    }
}
