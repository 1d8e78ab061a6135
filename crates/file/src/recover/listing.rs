//! What an intact root of a damaged file lists: which chunks and batches are of its recording, wherever they
//! stand now.

use std::collections::{BTreeMap, BTreeSet};

use evz_core::{ReadAt, Result, read_range};

use crate::scan::body_at;
use crate::wire::{
    Entry, FileHeader, Kind, Leaf, NodeRef, RecordHeader, RecordRef, Root, SideRoot,
    StreamDeclaration, Tail, Tree, TreeId, read_node,
};

/// By what the index knows a record: its kind, the length of its body, and a checksum, of a chunk that of its
/// head and else of its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    kind: u16,
    body_len: u64,
    crc: u32,
}

impl Mark {
    pub(super) fn new(kind: Kind, body_len: u64, crc: u32) -> Self {
        Self {
            kind: kind as u16,
            body_len,
            crc,
        }
    }

    pub(super) fn of(kind: Kind, record: RecordRef) -> Self {
        Self::new(kind, record.body_len, record.body_crc)
    }

    fn of_entry<E: Entry>(entry: &E) -> Self {
        let kind = if E::SIDE {
            Kind::SideBatch
        } else {
            Kind::Chunk
        };
        Self::new(kind, entry.record().1, entry.crc())
    }
}

/// The records of a file whose checksums hold.
#[derive(Default)]
pub(super) struct Marks {
    at: BTreeMap<u64, Mark>,
    starts: BTreeMap<Mark, u64>,
}

impl Marks {
    pub(super) fn add(&mut self, offset: u64, mark: Mark) {
        self.at.insert(offset, mark);
        self.starts.entry(mark).or_insert(offset);
    }

    pub(super) fn is_at(&self, offset: u64, mark: Mark) -> bool {
        self.at.get(&offset) == Some(&mark)
    }

    /// The first chunk or batch.
    fn first_rows(&self) -> Option<Mark> {
        let kinds = [Kind::Chunk as u16, Kind::SideBatch as u16];
        let mut all = self.at.values();
        all.find(|mark| kinds.contains(&mark.kind)).copied()
    }

    /// Where such a record starts: where it is said to, or anywhere.
    pub(super) fn find(&self, offset: u64, mark: Mark) -> Option<u64> {
        match self.is_at(offset, mark) {
            true => Some(offset),
            false => self.starts.get(&mark).copied(),
        }
    }
}

/// A chunk or a batch as it is listed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) offset: u64,
    pub(super) n_rows: u64,
    mark: Mark,
}

/// The chunks or batches of a stream by the number of their first event or row, as far as their leaves are
/// whole.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) items: BTreeMap<u64, Item>,
    /// Events or rows in all.
    n_rows: u64,
}

/// What a root says of a chunk or a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Listed,
    /// The root has another one in its place, or none.
    Unlisted,
    /// The root knows nothing of it: it stands behind it, or the leaf that has it is damaged.
    Unknown,
}

/// The last root that is of the file, and what it lists.
pub(super) struct Listing {
    pub(super) root: Root,
    /// Where its record starts.
    pub(super) at: u64,
    chunks: Vec<Listed>,
    batches: Vec<Listed>,
    /// The nodes and leaves that are not there, or there for another: where, and what is said of them.
    pub(super) missing: Vec<(u64, String)>,
}

/// What is said of something that the index lists and that is not there.
pub(super) fn missing(what: &str) -> String {
    format!("{what}: the index lists it here, and it is missing")
}

impl Listing {
    /// Of the last of these roots that is of the file.
    pub(super) fn new(bytes: &dyn ReadAt, roots: &[u64], marks: &Marks) -> Option<Self> {
        let whole = |at: &u64| Some((*at, root_at(bytes, *at).ok()??));
        let mut found = roots.iter().rev().filter_map(whole);
        let found = found.find(|(at, root)| is_of_file(root, *at, marks));
        if let Some((at, root)) = found {
            return Some(Self::of(bytes, root, at, marks));
        }
        // All may have moved as far as the root.
        let (at, root) = whole(roots.last()?)?;
        let listing = Self::of(bytes, root, at, marks);
        let first = marks.first_rows()?;
        let lists_first = listing.all().any(|(.., item)| item.mark == first);
        (listing.shift() != 0 && lists_first).then_some(listing)
    }

    fn of(bytes: &dyn ReadAt, root: Root, at: u64, marks: &Marks) -> Self {
        let mut walk = Walk {
            bytes,
            marks,
            seen: BTreeSet::new(),
            missing: Vec::new(),
        };
        let chunks = root.streams.iter();
        let chunks = chunks.map(|s| walk.listed(s.tree_id(), &s.tree, s.summary.n_events()));
        let chunks = chunks.collect();
        let batches = root.side.iter();
        let batches = batches.map(|s| walk.listed(s.tree_id(), &s.tree, s.span.n_rows));
        let batches = batches.collect();
        Self {
            root,
            at,
            chunks,
            batches,
            missing: walk.missing,
        }
    }

    /// How far behind the place that the root tells it stands, modulo 2^64.
    pub(super) fn shift(&self) -> u64 {
        self.at.wrapping_sub(self.root.tail.root_offset)
    }

    fn of_stream(&self, stream: StreamKey) -> Option<&Listed> {
        let streams = match stream.side {
            true => &self.batches,
            false => &self.chunks,
        };
        streams.get(usize::from(stream.number))
    }

    /// What it says of a chunk or a batch that starts at `offset`, of so many events or rows from `number` on.
    pub(super) fn verdict(
        &self,
        stream: StreamKey,
        offset: u64,
        (number, n_rows): (u64, u64),
        mark: Mark,
    ) -> Verdict {
        let unlisted = match offset < self.at {
            true => Verdict::Unlisted,
            false => Verdict::Unknown,
        };
        let Some(listed) = self
            .of_stream(stream)
            .filter(|listed| number < listed.n_rows)
        else {
            return unlisted;
        };
        let end = number.saturating_add(n_rows);
        match listed.items.range(..end).next_back() {
            Some((first, item)) if first.saturating_add(item.n_rows) > number => {
                match (*first, item.n_rows, item.mark) == (number, n_rows, mark) {
                    true => Verdict::Listed,
                    false => Verdict::Unlisted,
                }
            }
            _ => Verdict::Unknown,
        }
    }

    /// How it declares an event stream.
    pub(super) fn stream(&self, number: u16) -> Option<&StreamDeclaration> {
        let stream = self.root.streams.get(usize::from(number));
        stream.map(|s| &s.declaration)
    }

    /// What it says of a side stream.
    pub(super) fn side(&self, number: u16) -> Option<&SideRoot> {
        self.root.side.get(usize::from(number))
    }

    /// All chunks and batches that it lists, each with its stream and its number.
    pub(super) fn all(&self) -> impl Iterator<Item = (StreamKey, u64, &Item)> {
        let key = |side: bool, number: usize| {
            let number = number as u16;
            StreamKey { side, number }
        };
        let chunks = self.chunks.iter().enumerate();
        let chunks = chunks.map(move |(n, listed)| (key(false, n), listed));
        let batches = self.batches.iter().enumerate();
        let batches = batches.map(move |(n, listed)| (key(true, n), listed));
        let streams = chunks.chain(batches);
        streams.flat_map(|(key, listed)| listed.items.iter().map(move |(n, item)| (key, *n, item)))
    }
}

/// An event stream or a side stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamKey {
    pub(super) side: bool,
    pub(super) number: u16,
}

impl StreamKey {
    pub(super) fn of_events(number: u16) -> Self {
        Self {
            side: false,
            number,
        }
    }

    pub(super) fn of_rows(number: u16) -> Self {
        Self { side: true, number }
    }
}

/// The root in a whole record, which may say that it stands elsewhere; none if it is of a file with another
/// header, or of one that was more than twice as long.
fn root_at(bytes: &dyn ReadAt, at: u64) -> Result<Option<Root>> {
    let header = read_range(bytes, at, RecordHeader::ENCODED_SIZE as u64)?;
    let Some(header) = RecordHeader::read_from(&header) else {
        return Ok(None);
    };
    let body = body_at(bytes, at, &header)?;
    let tail = body.last_chunk::<{ Tail::ENCODED_SIZE }>();
    let Some(tail) = tail.and_then(|tail| Tail::read_from(tail)) else {
        return Ok(None);
    };
    let root = Root::read_from(&body, tail.root_offset)?;
    let head = read_range(bytes, 0, bytes.len().min(FileHeader::ENCODED_SIZE as u64))?;
    let other = FileHeader::read_from(&head).is_ok_and(|header| header != root.header);
    let long = tail.root_offset / 2 > bytes.len();
    Ok((!other && !long).then_some(root))
}

/// Whether a root is of the file, by what it refers to.
fn is_of_file(root: &Root, at: u64, marks: &Marks) -> bool {
    let refs = refs_of(root);
    let shift = at.wrapping_sub(root.tail.root_offset);
    let stands = |(offset, mark): &(u64, Mark)| marks.is_at(*offset, *mark);
    if shift == 0 {
        // That of another recording may be as long. Of a single chunk nobody can tell which of the two it is.
        return refs.len() < 2 || refs.iter().any(stands);
    }
    // The root of a file that was written behind this one stands behind all that it refers to as it did there.
    // Where some of that stands in its place, bytes were put in or cut out between the two.
    let alone = |(offset, mark): &(u64, Mark)| !marks.is_at(offset.wrapping_add(shift), *mark);
    refs.iter().any(|r| stands(r) && alone(r))
}

/// All that a root itself refers to.
fn refs_of(root: &Root) -> Vec<(u64, Mark)> {
    fn of_tree<E: Entry>(tree: &Tree<E>) -> impl Iterator<Item = (u64, Mark)> {
        let refs = tree.refs.iter();
        let refs = refs.map(|r| (r.record.offset, Mark::of(r.kind(), r.record)));
        let entries = tree.latest.entries.iter();
        refs.chain(entries.map(|e| (e.record().0, Mark::of_entry(e))))
    }
    let of_record = |kind: Kind| move |r: &RecordRef| (r.offset, Mark::of(kind, *r));
    let declared = root.side.iter().map(|s| &s.declared);
    let records = declared.map(of_record(Kind::SideStream));
    let metadata = root.metadata_refs.iter().map(of_record(Kind::Metadata));
    let chunks = root.streams.iter().flat_map(|s| of_tree(&s.tree));
    let batches = root.side.iter().flat_map(|s| of_tree(&s.tree));
    let all = records.chain(metadata).chain(chunks).chain(batches);
    all.collect()
}

/// Goes down the trees of a root, to the leaves that are there.
struct Walk<'a> {
    bytes: &'a dyn ReadAt,
    marks: &'a Marks,
    /// The leaves and nodes that were read: each is read once, whatever refers to it.
    seen: BTreeSet<u64>,
    missing: Vec<(u64, String)>,
}

impl Walk<'_> {
    fn listed<E: Entry>(&mut self, id: TreeId, tree: &Tree<E>, n_rows: u64) -> Listed {
        let mut listed = Listed {
            n_rows,
            ..Listed::default()
        };
        for r in &tree.refs {
            self.below::<E>(id, r, &mut listed);
        }
        listed.add(&tree.latest.entries);
        listed
    }

    fn below<E: Entry>(&mut self, id: TreeId, r: &NodeRef, listed: &mut Listed) {
        let offset = r.record.offset;
        let record = format!("a {:?} record of the index", r.kind());
        let Some(at) = self.marks.find(offset, Mark::of(r.kind(), r.record)) else {
            self.missing.push((offset, missing(&record)));
            return;
        };
        if !self.seen.insert(at) {
            let what = format!("{record}: the index refers to it twice");
            self.missing.push((offset, what));
            return;
        }
        let start = at + RecordHeader::ENCODED_SIZE as u64;
        let Ok(body) = read_range(self.bytes, start, r.record.body_len) else {
            return;
        };
        if r.level == 0 {
            if let Ok(leaf) = Leaf::<E>::read_from(&body, id, r) {
                listed.add(&leaf.entries);
            }
        } else if let Ok(refs) = read_node(&body, id, r) {
            refs.iter().for_each(|r| self.below::<E>(id, r, listed));
        }
    }
}

impl Listed {
    fn add<E: Entry>(&mut self, entries: &[E]) {
        for entry in entries {
            let item = Item {
                offset: entry.record().0,
                n_rows: entry.n_rows(),
                mark: Mark::of_entry(entry),
            };
            self.items.insert(entry.first_row(), item);
        }
    }
}
