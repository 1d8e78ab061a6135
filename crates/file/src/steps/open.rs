//! Opening a file: its header and its end, the root of the index, the metadata.

use std::ops::Range;

use evz_core::{Error, Metadata, Place, Result};

use super::{DEFAULT_GAP, Machine, RecordSteps, Step, Wanted, body_of, check_len};
use crate::forever::ALIGNMENT;
use crate::index::Index;
use crate::stream_metadata::check_size;
use crate::wire::{FileHeader, Kind, RecordHeader, RecordRef, Root, Tail, read_metadata};

/// Bytes read from the start: the header, and the metadata that stand behind it in most files.
const FRONT_READ: u64 = 4 << 10;
/// Bytes read from the end to find the root at once: a writer keeps it below that.
const TAIL_READ: u64 = 1 << 16;
/// Bytes read at once where a root is looked for from the end on.
const SEARCH_READ: u64 = 1 << 20;
/// Metadata asked for at once.
const MAX_METADATA_READ: u64 = 1 << 20;
/// Records that look like a root and are none, before the search ends.
const MAX_TRIED: usize = 16;
const RECORD: u64 = RecordHeader::ENCODED_SIZE as u64;

/// Opens a file; done with its [`Index`].
pub struct OpenSteps {
    file_len: u64,
    gap: u64,
    wanted: Vec<Wanted>,
    /// The first and the last bytes, each from where it starts.
    ends: Vec<(u64, Wanted)>,
    state: State,
    metadata: Metadata,
    /// Entries of unknown types that were skipped.
    skipped: usize,
    /// Roots that were tried.
    tried: usize,
}

enum State {
    /// The first and the last bytes are to be looked at.
    Ends,
    /// The root stands elsewhere.
    Root(FileHeader, Tail),
    /// The file does not end with a root. These bytes are looked at for the last one.
    Search(FileHeader, Range<u64>),
    /// A root may start here; if not, the bytes before are to be looked at.
    Found(FileHeader, u64),
    /// Metadata from this record on are missing, and that many are wanted.
    Metadata(Box<Root>, Range<usize>),
}

impl OpenSteps {
    /// A file of this many bytes.
    pub fn new(file_len: u64) -> Self {
        Self {
            file_len,
            gap: DEFAULT_GAP,
            wanted: Vec::new(),
            ends: Vec::new(),
            state: State::Ends,
            metadata: Metadata::new(),
            skipped: 0,
            tried: 0,
        }
    }

    /// Reads up to so many bytes between two ranges rather than ask for them apart; unless told,
    /// [`DEFAULT_GAP`].
    pub fn with_gap(mut self, gap: u64) -> Self {
        self.gap = gap;
        self
    }

    /// Goes on.
    ///
    /// # Errors
    /// If this is no evz file, or not a whole one.
    pub fn step(&mut self) -> Result<Step<Index>> {
        Machine::step(self)
    }

    /// Takes bytes of the file.
    pub fn give(&mut self, offset: u64, bytes: &[u8]) {
        Machine::give(self, offset, bytes);
    }

    fn want(&self, range: Range<u64>) -> Result<Wanted> {
        Wanted::new(range.start, range.end - range.start, self.file_len)
    }

    /// Header, and root if it is near the end.
    fn look_at_ends(&mut self) -> Result<State> {
        let [front, end] = &self.wanted[..] else {
            unreachable!("the ends are wanted");
        };
        let head_len = front.bytes().len().min(FileHeader::ENCODED_SIZE);
        let header = FileHeader::read_from(&front.bytes()[..head_len])?;
        let near_start = self.file_len - end.bytes().len() as u64;
        let tail = (end.bytes().last_chunk::<{ Tail::ENCODED_SIZE }>())
            .and_then(|tail| Tail::read_from(tail))
            .filter(|tail| tail.root_offset.saturating_add(RECORD) < self.file_len);
        let Some(tail) = tail else {
            return Ok(State::Search(header, 0..self.file_len));
        };
        if tail.root_offset < near_start {
            return Ok(State::Root(header, tail));
        }
        let record = &end.bytes()[(tail.root_offset - near_start) as usize..];
        let root = self.root(&header, record, tail.root_offset);
        let root = root.map_err(in_root(tail.root_offset))?;
        Ok(State::Metadata(Box::new(root), 0..0))
    }

    /// The root in a record.
    fn root(&self, header: &FileHeader, record: &[u8], offset: u64) -> Result<Root> {
        let len = (record.len() as u64).saturating_sub(RECORD);
        check_len(len)?;
        let (_, body) = body_of(Kind::Root, record, len, 0)?;
        let root = Root::read_from(body, offset)?;
        if root.header != *header {
            return Err(Error::corrupt("", "it is of a file with another header"));
        }
        // Records do not overlap; a root that lists one a million times would keep us busy.
        let records = root.metadata_refs.iter().map(|r| u128::from(record_len(r)));
        let bytes: u128 = records.sum();
        if bytes > u128::from(self.file_len) {
            let what = format!("it lists {bytes} bytes of metadata, more than the file has");
            return Err(Error::corrupt("", what));
        }
        Ok(root)
    }

    /// The place of the last record header of a root that starts in this range, of which the bytes are
    /// these and some behind it.
    fn last_root(bytes: &[u8], range: &Range<u64>) -> Option<u64> {
        let len = (range.end - range.start) as usize;
        let starts = (0..len).step_by(ALIGNMENT as usize).rev();
        let is_root = |at: &usize| {
            RecordHeader::read_from(&bytes[*at..]).is_some_and(|h| h.kind == Kind::Root as u16)
        };
        starts
            .into_iter()
            .find(is_root)
            .map(|at| range.start + at as u64)
    }

    fn cut(&self) -> Error {
        let what = "the file ends without its index: it was cut or never finished";
        Error::insufficient(Place::byte(self.file_len), what)
    }

    /// The bytes to look at for a root that starts before `end`.
    fn search_before(&mut self, header: FileHeader, end: u64) -> Result<State> {
        if end == 0 || self.tried == MAX_TRIED {
            return Err(self.cut());
        }
        let start = end.saturating_sub(SEARCH_READ) / ALIGNMENT * ALIGNMENT;
        // A record header may start just before the end.
        let to = (end + RECORD).min(self.file_len);
        self.wanted = vec![self.want(start..to)?];
        Ok(State::Search(header, start..end))
    }

    /// Adds the metadata of a record.
    fn add_metadata(&mut self, r: &RecordRef, record: &[u8]) -> Result<()> {
        let place = || Place::part("metadata").with_byte(r.offset);
        let (header, body) = body_of(Kind::Metadata, record, r.body_len, 0)
            .map_err(|e| e.within(Place::byte(r.offset)))?;
        if header.body_crc != r.body_crc {
            return Err(Error::corrupt(
                place(),
                "the index refers to another record",
            ));
        }
        let skipped = read_metadata(body, &mut self.metadata);
        self.skipped += skipped.map_err(|e| e.within(place()))?;
        Ok(())
    }

    /// Takes the metadata that were wanted, and wants the next.
    fn next_metadata(&mut self, refs: &[RecordRef], taken: Range<usize>) -> Result<Range<usize>> {
        let records = std::mem::take(&mut self.wanted);
        for (r, record) in refs[taken.clone()].iter().zip(records) {
            self.add_metadata(r, record.bytes())?;
        }
        let (from, mut to, mut bytes) = (taken.end, taken.end, 0u64);
        while let Some(r) = refs.get(to)
            && (bytes == 0 || bytes + record_len(r) <= MAX_METADATA_READ)
        {
            let mut record = RecordSteps::new(Kind::Metadata, *r, 0, self.file_len)?;
            // What the ends hold need not be read again.
            for (start, bytes) in &self.ends {
                record.wanted_mut().give(*start, bytes.bytes());
            }
            self.wanted.push(std::mem::take(record.wanted_mut()));
            bytes += record_len(r);
            to += 1;
        }
        Ok(from..to)
    }

    fn index(&mut self, mut root: Root) -> Result<Index> {
        root.skipped_metadata += self.skipped;
        let mut metadata = std::mem::take(&mut self.metadata);
        root.apply_metadata(&mut metadata);
        check_size(&metadata, root.streams.len())?;
        let file_len = root.end();
        Ok(Index::new(root, metadata, file_len, self.file_len))
    }
}

impl Machine for OpenSteps {
    type Output = Index;

    fn advance(&mut self) -> Result<Option<Index>> {
        loop {
            if self.wanted.iter().any(Wanted::is_missing) {
                return Ok(None);
            }
            match std::mem::replace(&mut self.state, State::Ends) {
                State::Ends if self.wanted.is_empty() => {
                    let front = self.file_len.min(FRONT_READ);
                    let end = self.file_len.saturating_sub(TAIL_READ);
                    self.wanted = vec![self.want(0..front)?, self.want(end..self.file_len)?];
                }
                State::Ends => {
                    self.state = self.look_at_ends()?;
                    let starts = [0, self.file_len.saturating_sub(TAIL_READ)];
                    self.ends = starts.into_iter().zip(self.wanted.drain(..)).collect();
                    match self.state {
                        State::Root(_, tail) => {
                            let len = self.file_len - tail.root_offset;
                            check_len(len - RECORD).map_err(in_root(tail.root_offset))?;
                            let record = tail.root_offset..self.file_len;
                            self.wanted = vec![self.want(record)?];
                        }
                        State::Search(header, _) => {
                            self.state = self.search_before(header, self.file_len)?;
                        }
                        _ => {}
                    }
                }
                State::Root(header, tail) => {
                    let record = self.wanted.pop().unwrap_or_default();
                    let offset = tail.root_offset;
                    let root = self.root(&header, record.bytes(), offset);
                    let root = root.map_err(in_root(offset))?;
                    self.state = State::Metadata(Box::new(root), 0..0);
                }
                State::Search(header, range) => {
                    let bytes = self.wanted.pop().unwrap_or_default();
                    let found = Self::last_root(bytes.bytes(), &range);
                    self.state = match found {
                        None => self.search_before(header, range.start)?,
                        Some(offset) => {
                            let at = (offset - range.start) as usize;
                            let record = RecordHeader::read_from(&bytes.bytes()[at..]);
                            let body_len = record.map_or(0, |r| r.body_len);
                            let end = offset.saturating_add(RECORD).saturating_add(body_len);
                            match end <= self.file_len && check_len(body_len).is_ok() {
                                true => {
                                    self.wanted = vec![self.want(offset..end)?];
                                    State::Found(header, offset)
                                }
                                false => self.search_before(header, offset)?,
                            }
                        }
                    };
                }
                State::Found(header, offset) => {
                    let record = self.wanted.pop().unwrap_or_default();
                    self.tried += 1;
                    self.state = match self.root(&header, record.bytes(), offset) {
                        Ok(root) => State::Metadata(Box::new(root), 0..0),
                        Err(_) => self.search_before(header, offset)?,
                    };
                }
                State::Metadata(root, taken) => {
                    let next = self.next_metadata(&root.metadata_refs, taken)?;
                    if next.is_empty() {
                        return self.index(*root).map(Some);
                    }
                    self.state = State::Metadata(root, next);
                }
            }
        }
    }

    fn for_each_wanted(&mut self, act: &mut dyn FnMut(&mut Wanted)) {
        self.wanted.iter_mut().for_each(act);
    }

    fn gap(&self) -> u64 {
        self.gap
    }
}

fn record_len(r: &RecordRef) -> u64 {
    r.body_len.saturating_add(RECORD)
}

fn in_root(offset: u64) -> impl Fn(Error) -> Error + use<> {
    let place = Place::part("index root").with_byte(offset);
    move |error| error.within(&place)
}
