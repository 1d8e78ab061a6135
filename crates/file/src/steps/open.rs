//! Opening a file: its header and its end, the root of the index, the metadata.

use std::ops::Range;

use evz_core::{Error, Metadata, Place, Result, StreamInfo};

use super::{DEFAULT_GAP, Machine, RecordSteps, Step, Wanted, body_of, check_len};
use crate::forever::ALIGNMENT;
use crate::index::{Index, LeafCache};
use crate::wire::{FileHeader, IndexRoot, Kind, MetadataRef, RecordHeader, Tail, read_metadata};

/// Bytes read from the start: the header, and the metadata that stand behind it in most files.
const FRONT_READ: u64 = 4 << 10;
/// Bytes read from the end to find the tail and the root at once: the root of a recording of ten
/// billion events fits.
const TAIL_READ: u64 = 1 << 16;
/// Metadata asked for at once.
const MAX_METADATA_READ: u64 = 1 << 20;

/// Opens a file; done with its [`Index`].
pub struct OpenSteps {
    file_len: u64,
    gap: u64,
    wanted: Vec<Wanted>,
    state: State,
    metadata: Metadata,
}

enum State {
    /// The first and the last bytes are to be looked at.
    Ends,
    /// The root stands elsewhere.
    Root(FileHeader, Tail),
    /// Metadata from this record on are missing, and that many are wanted.
    Metadata(FileHeader, IndexRoot, Range<usize>),
}

impl OpenSteps {
    /// A file of this many bytes.
    pub fn new(file_len: u64) -> Self {
        Self {
            file_len,
            gap: DEFAULT_GAP,
            wanted: Vec::new(),
            state: State::Ends,
            metadata: Metadata::new(),
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

    /// Bytes at the ends that are read before anything is known.
    fn ends(&self) -> [Range<u64>; 2] {
        let front = self.file_len.min(FRONT_READ);
        [
            0..front,
            self.file_len.saturating_sub(TAIL_READ)..self.file_len,
        ]
    }

    /// Header, and root if it is near the end.
    fn look_at_ends(&self) -> Result<State> {
        let [front, end] = &self.wanted[..] else {
            unreachable!("the ends are wanted");
        };
        let head_len = front.bytes().len().min(FileHeader::ENCODED_SIZE);
        let header = FileHeader::read_from(&front.bytes()[..head_len])?;
        let near_start = self.ends()[1].start;
        let tail = self.tail(end.bytes())?;
        let root_end = (tail.root_offset)
            .saturating_add(RecordHeader::ENCODED_SIZE as u64)
            .saturating_add(tail.root_len);
        if tail.root_offset < near_start || root_end > self.file_len {
            return Ok(State::Root(header, tail));
        }
        let at = |offset: u64| (offset - near_start) as usize;
        let record = &end.bytes()[at(tail.root_offset)..at(root_end)];
        let root = body_of(Kind::IndexRoot, record, tail.root_len);
        let root = root.and_then(|body| self.root(body));
        Ok(State::Metadata(header, root.map_err(in_root(&tail))?, 0..0))
    }

    fn tail(&self, end: &[u8]) -> Result<Tail> {
        let len = self.file_len;
        let cut = || {
            let what = "the file ends without its index: it was cut or never finished";
            Error::insufficient(Place::byte(len), what)
        };
        if len % ALIGNMENT != 0 || end.len() < ALIGNMENT as usize {
            return Err(cut());
        }
        let record = &end[end.len() - ALIGNMENT as usize..];
        let tail = body_of(Kind::Tail, record, Tail::ENCODED_SIZE as u64);
        let tail = tail.ok().and_then(Tail::read_from).ok_or_else(cut)?;
        let place = || Place::part("tail").with_byte(len - ALIGNMENT);
        if tail.file_len != len {
            let what = format!(
                "it ends a file of {} bytes, this one has {len}",
                tail.file_len
            );
            return Err(Error::corrupt(place(), what));
        }
        check_len(tail.root_len).map_err(|e| e.within(place()))?;
        Ok(tail)
    }

    /// The root. Its sums must be those of its lists, so that what follows may add without checks.
    fn root(&self, body: &[u8]) -> Result<IndexRoot> {
        let root = IndexRoot::read_from(body)?;
        let (mut events, mut chunks) = (0u64, 0u64);
        for leaf in &root.leaves {
            if leaf.first_event != events || leaf.first_chunk != chunks {
                return Err(Error::corrupt("", "its leaves do not follow each other"));
            }
            (events, chunks) = match (
                events.checked_add(leaf.n_events),
                chunks.checked_add(leaf.n_chunks),
            ) {
                (Some(e), Some(c)) => (e, c),
                _ => return Err(Error::limit("", "it counts more events than 64 bits hold")),
            };
        }
        if events != root.head.n_events || chunks != root.head.n_chunks {
            let what = format!(
                "it claims {} events, its leaves hold {events}",
                root.head.n_events
            );
            return Err(Error::corrupt("", what));
        }
        // Records do not overlap; a root that lists one a million times would keep us busy.
        let records = root.metadata.iter().map(|r| u128::from(record_len(r)));
        let bytes: u128 = records.sum();
        if bytes > u128::from(self.file_len) {
            let what = format!("it lists {bytes} bytes of metadata, more than the file has");
            return Err(Error::corrupt("", what));
        }
        Ok(root)
    }

    /// Adds the metadata of a record.
    fn add_metadata(&mut self, r: &MetadataRef, record: &[u8]) -> Result<()> {
        let body = body_of(Kind::Metadata, record, r.body_len)
            .map_err(|e| e.within(Place::byte(r.offset)))?;
        let metadata = read_metadata(body)
            .map_err(|e| e.within(Place::part("metadata").with_byte(r.offset)))?;
        self.metadata.extend(metadata);
        Ok(())
    }

    /// Takes the metadata that were wanted, and wants the next.
    fn next_metadata(&mut self, refs: &[MetadataRef], taken: Range<usize>) -> Result<Range<usize>> {
        let taken_bytes = std::mem::take(&mut self.wanted);
        let mut ends = Vec::new();
        match taken.is_empty() {
            // What the ends hold need not be read again.
            true => ends = taken_bytes,
            false => {
                for (r, record) in refs[taken.clone()].iter().zip(taken_bytes) {
                    self.add_metadata(r, record.bytes())?;
                }
            }
        }
        let (from, mut to, mut bytes) = (taken.end, taken.end, 0u64);
        while let Some(r) = refs.get(to)
            && (bytes == 0 || bytes + record_len(r) <= MAX_METADATA_READ)
        {
            check_len(r.body_len).map_err(|e| e.within(Place::byte(r.offset)))?;
            let mut record = RecordSteps::new(Kind::Metadata, r.offset, r.body_len, self.file_len)?;
            let wanted = record.wanted_mut();
            for (range, end) in self.ends().iter().zip(&ends) {
                wanted.give(range.start, end.bytes());
            }
            self.wanted.push(std::mem::take(wanted));
            bytes += record_len(r);
            to += 1;
        }
        Ok(from..to)
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
                    let of = |r: Range<u64>| Wanted::new(r.start, r.end - r.start, self.file_len);
                    let [front, end] = self.ends();
                    self.wanted = vec![of(front)?, of(end)?];
                }
                State::Ends => {
                    self.state = self.look_at_ends()?;
                    if let State::Root(_, tail) = &self.state {
                        let (offset, len) = (tail.root_offset, tail.root_len);
                        let root = RecordSteps::new(Kind::IndexRoot, offset, len, self.file_len);
                        let mut root = root.map_err(in_root(tail))?;
                        self.wanted.push(std::mem::take(root.wanted_mut()));
                    }
                }
                State::Root(header, tail) => {
                    let record = self.wanted.pop().unwrap_or_default();
                    let root = body_of(Kind::IndexRoot, record.bytes(), tail.root_len);
                    let root = root.map_err(|e| e.within(Place::byte(tail.root_offset)));
                    let root = root.and_then(|body| self.root(body));
                    self.state = State::Metadata(header, root.map_err(in_root(&tail))?, 0..0);
                }
                State::Metadata(header, root, taken) => {
                    let next = self.next_metadata(&root.metadata, taken)?;
                    if next.is_empty() {
                        let info = StreamInfo {
                            time_base: header.time_base(),
                            size: header.size(),
                            metadata: std::mem::take(&mut self.metadata),
                        };
                        return Ok(Some(Index {
                            header,
                            info,
                            root,
                            file_len: self.file_len,
                            leaves: LeafCache::default(),
                        }));
                    }
                    self.state = State::Metadata(header, root, next);
                }
            }
        }
    }

    fn wanted(&mut self) -> &mut [Wanted] {
        &mut self.wanted
    }

    fn gap(&self) -> u64 {
        self.gap
    }
}

fn record_len(r: &MetadataRef) -> u64 {
    r.body_len.saturating_add(RecordHeader::ENCODED_SIZE as u64)
}

fn in_root(tail: &Tail) -> impl Fn(Error) -> Error + use<> {
    let place = Place::part("index root").with_byte(tail.root_offset);
    move |error| error.within(&place)
}
