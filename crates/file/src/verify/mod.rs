//! Checking every byte of a file.

mod earlier;

use std::collections::BTreeMap;
use std::sync::Arc;

use evz_core::{Error, Input, Metadata, Place, ReadAt, Result, parallel, read_range};

use self::earlier::Earlier;
use crate::check::{check_chunk, check_columns};
use crate::check_side::{check_batch, check_declaration};
use crate::index::{Leaf, Sought, Stem};
use crate::reader::{ReadOptions, Reader};
use crate::scan::{Found, Scan, body_at};
use crate::wire::{
    BatchEntry, Bins, CRITICAL, ChunkEntry, Entry, Kind, RecordHeader, RecordRef, Root,
    SideBatchHead, SideDeclaration, SideRoot, Span, StreamDeclaration, StreamSummary, Tree,
    read_metadata, refs_in,
};
use crate::writer::{EncodedChunk, add_to};

/// What a whole file holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Records, of every kind.
    pub records: u64,
    /// Chunks, each decoded whole.
    pub chunks: u64,
    /// Events in them.
    pub events: u64,
}

/// Checks that the file is whole: every byte belongs to a record, every checksum holds, every chunk
/// decodes to the events that its head and the index describe, every number of the index is right.
/// The file is read, not mapped; memory is bounded by the chunks in flight, and 24 bytes of each chunk.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn verify(input: Input) -> Result<VerifyReport> {
    verify_open(&ReadOptions::new().with_map(false).open_input(input)?)
}

/// The same of an open file.
///
/// # Errors
/// As [`verify`].
pub fn verify_open(reader: &Reader) -> Result<VerifyReport> {
    check_file(reader).map_err(|e| reader.blame(e))
}

fn check_file(reader: &Reader) -> Result<VerifyReport> {
    if reader.unfinished().is_some() {
        let what = "the file does not end with its index: it was cut or never finished";
        return Err(Error::insufficient(Place::byte(reader.bytes().len()), what));
    }
    let mut check = Check::new(reader);
    let mut group = Vec::new();
    for found in Scan::new(reader.bytes()) {
        let (offset, header) = match found? {
            Found::Record { offset, header } => (offset, header),
            Found::Gap { offset, len } => {
                let what = format!("{len} bytes that are no record");
                return Err(Error::corrupt(Place::byte(offset), what));
            }
            Found::Cut { offset, .. } => {
                let what = "a record longer than the file";
                return Err(Error::insufficient(Place::byte(offset), what));
            }
        };
        check.report.records += 1;
        check_padding(reader.bytes(), offset, &header)?;
        if header.kind == Kind::Chunk as u16 {
            group.push((offset, header));
            if group.len() == 2 * parallel::threads() {
                check.chunks(&mut group)?;
            }
        } else {
            // What stands before may be counted or declared by it.
            if [Kind::Stream as u16, Kind::Root as u16].contains(&header.kind) {
                check.chunks(&mut group)?;
            }
            check.other(offset, &header)?;
        }
    }
    check.chunks(&mut group)?;
    check.end()
}

/// The trees of the file, walked as their chunks and batches are met, and the sums over these.
struct Check<'a> {
    reader: &'a Reader,
    report: VerifyReport,
    streams: Vec<Listed<ChunkEntry>>,
    sums: Vec<StreamSummary>,
    side: Vec<Listed<BatchEntry>>,
    side_sums: Vec<Span>,
    /// Whether a record declared the event stream so far, and how it declared the side stream.
    declared: Vec<bool>,
    side_declared: Vec<Option<SideDeclaration>>,
    /// One more than the largest number of a stream, and of a side stream, that has events or rows so far.
    begun: usize,
    side_begun: usize,
    /// What is there to be referred to.
    targets: Targets,
    earlier: Earlier,
    /// Where the last root that was met starts.
    last_root: Option<u64>,
}

impl<'a> Check<'a> {
    fn new(reader: &'a Reader) -> Self {
        let index = reader.index();
        let sums = reader.streams().iter();
        let sums = sums.map(|s| StreamSummary::empty(s.declaration.columns.len()));
        Self {
            reader,
            report: VerifyReport::default(),
            streams: index
                .streams
                .iter()
                .map(|s| Listed::new(reader, s))
                .collect(),
            sums: sums.collect(),
            side: index.side.iter().map(|s| Listed::new(reader, s)).collect(),
            side_sums: vec![Span::default(); index.side.len()],
            declared: vec![false; index.streams.len()],
            side_declared: vec![None; index.side.len()],
            begun: 0,
            side_begun: 0,
            targets: Targets::default(),
            earlier: Earlier::default(),
            last_root: None,
        }
    }

    /// Checks chunks on all cores, then against the index in order.
    fn chunks(&mut self, group: &mut Vec<(u64, RecordHeader)>) -> Result<()> {
        let bytes = self.reader.bytes();
        // The first chunk in the file that is wrong is named, so all are waited for.
        let checked = parallel::try_map(group, |(offset, header)| {
            Ok::<_, Error>(check_chunk(bytes, *offset, header))
        })?;
        for ((offset, header), checked) in group.drain(..).zip(checked) {
            let number = self.report.chunks;
            let chunk = checked.and_then(|chunk| self.chunk(offset, &header, &chunk));
            chunk.map_err(|e| e.within(Place::chunk(number).with_byte(offset)))?;
        }
        Ok(())
    }

    fn chunk(&mut self, offset: u64, header: &RecordHeader, chunk: &EncodedChunk) -> Result<()> {
        let streams = self.reader.streams();
        let at = usize::from(chunk.head.stream);
        let stream = streams.get(at);
        let stream = stream.ok_or_else(|| Error::corrupt("", "its stream is not declared"))?;
        self.check_declared(&stream.declaration)?;
        self.begun = self.begun.max(at + 1);
        let sum = &mut self.sums[at];
        if header.number != sum.n_events() {
            let what = format!(
                "its record says that event {} is its first; it is {}",
                header.number,
                sum.n_events()
            );
            return Err(Error::corrupt("", what));
        }
        let lens = chunk.columns.iter().map(|c| c.len).collect();
        let entry = ChunkEntry::new(&chunk.head, lens, offset, header.number);
        self.earlier.met(&entry, chunk.activity.as_ref());
        let listed = self.streams[at].next(self.reader)?;
        if listed.as_ref().map(|(entry, _)| entry) != Some(&entry) {
            return Err(Error::corrupt("", "the index describes it otherwise"));
        }
        if listed.is_some_and(|(_, bins)| bins.is_some() && bins != chunk.activity) {
            return Err(Error::corrupt(
                "",
                "its activity is another than the file has",
            ));
        }
        let declared = &streams[at].declaration.columns[..];
        check_columns(chunk, declared)?;
        add_to(sum, &chunk.head, (&chunk.columns, declared), chunk.t_last);
        self.report.chunks += 1;
        self.report.events += u64::from(chunk.head.n_events);
        Ok(())
    }

    /// A stream is declared before its first chunk, by a record or, if it is stream 0, by nothing.
    fn check_declared(&self, stream: &StreamDeclaration) -> Result<()> {
        let known = self.declared[usize::from(stream.id)] || stream.is_plain();
        match known {
            true => Ok(()),
            false => {
                let what = format!("no record before declares event stream {}", stream.id);
                Err(Error::corrupt("", what))
            }
        }
    }

    /// How a side stream of the last root was declared before.
    fn side_declared(&self, id: u16) -> Option<&SideDeclaration> {
        self.side_declared.get(usize::from(id))?.as_ref()
    }

    /// Checks a record that is no chunk.
    fn other(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let mut check = || {
            let Some(kind) = Kind::from_number(header.kind) else {
                return check_unknown(header, &body_at(self.reader.bytes(), offset, header)?);
            };
            if header.flags != kind.flags() {
                let what = format!("flags {:#x} of a {kind:?} record", header.flags);
                return Err(Error::corrupt("", what));
            }
            let body = body_at(self.reader.bytes(), offset, header)?;
            header.check(&body)?;
            if kind != Kind::SideBatch && header.number != 0 {
                return Err(Error::corrupt("", "a record of this kind has no number"));
            }
            let root = self.reader.root();
            match kind {
                Kind::Metadata => {
                    read_metadata(&body, &mut Metadata::new())?;
                    self.targets.met(kind, RecordRef::new(offset, header));
                    Ok(())
                }
                Kind::Stream => {
                    let found = StreamDeclaration::read_from(&body)?;
                    let at = usize::from(found.id);
                    let listed = root.streams.get(at).map(|s| &s.declaration);
                    same(listed == Some(&found))?;
                    self.declared[at] = true;
                    Ok(())
                }
                Kind::SideStream => {
                    let found = SideDeclaration::read_from(&body)?;
                    let record = RecordRef::new(offset, header);
                    let at = usize::from(found.id);
                    let same_place = |s: &SideRoot| s.declared == record && s.is_of(&found);
                    same(root.side.get(at).is_some_and(same_place))?;
                    check_declaration(&found, self.reader.info().time_base)?;
                    self.side_declared[at] = Some(found);
                    Ok(())
                }
                Kind::SideBatch => self.batch(offset, header, &body),
                Kind::Root => self.root(&Root::read_from(&body, offset)?),
                // What they hold is checked where a root leads to them.
                Kind::Leaf | Kind::Node => {
                    for (kind, record) in refs_in(kind, &body)? {
                        self.targets.refer(kind, record)?;
                    }
                    self.targets.met(kind, RecordRef::new(offset, header));
                    Ok(())
                }
                Kind::Activity => {
                    self.targets.met(kind, RecordRef::new(offset, header));
                    Ok(())
                }
                // These are taken together.
                Kind::Chunk => Ok(()),
            }
        };
        let place = || Place::part(format!("record of kind {}", header.kind)).with_byte(offset);
        check().map_err(|e| e.within(place()))
    }

    fn batch(&mut self, offset: u64, header: &RecordHeader, body: &[u8]) -> Result<()> {
        let (head, packed) = SideBatchHead::read_from(body)?;
        let at = usize::from(head.id);
        let Some(declared) = self.side_declared(head.id) else {
            let what = format!("no record before declares side stream {}", head.id);
            return Err(Error::corrupt("", what));
        };
        check_batch(declared, &head, packed)?;
        let entry = BatchEntry::new(&head, RecordRef::new(offset, header), header.number);
        self.earlier.met(&entry, None);
        self.side_sums[at] = self.side_sums[at].and(Span::of(&entry));
        self.side_begun = self.side_begun.max(at + 1);
        match self.side[at].next(self.reader)? {
            Some((listed, _)) if listed == entry => Ok(()),
            _ => Err(Error::corrupt("", "the index describes it otherwise")),
        }
    }

    /// A root is that of a file which ends with it.
    fn root(&mut self, root: &Root) -> Result<()> {
        let before = self.last_root.replace(root.tail.root_offset);
        if root.previous != before {
            return Err(Error::corrupt("", "the root before it stands elsewhere"));
        }
        let last = self.reader.root();
        let streams = root.streams.iter().map(|s| &s.declaration);
        let same_streams = streams.eq(last
            .streams
            .iter()
            .take(root.streams.len())
            .map(|s| &s.declaration));
        if root.header != last.header || !same_streams {
            let what = "it is of another recording than the last root";
            return Err(Error::corrupt("", what));
        }
        let sums = root
            .streams
            .iter()
            .map(|s| &s.summary)
            .eq(self.sums.iter().take(root.streams.len()))
            && root
                .side
                .iter()
                .map(|s| &s.span)
                .eq(self.side_sums.iter().take(root.side.len()));
        let rest = self.begun <= root.streams.len() && self.side_begun <= root.side.len();
        let declared = self.declared.iter().skip(root.streams.len()).any(|d| *d);
        let mut side_declared = self.side_declared.iter().skip(root.side.len());
        if declared || side_declared.any(Option::is_some) {
            let what = "it lacks a stream that a record before it declares";
            return Err(Error::corrupt("", what));
        }
        if !sums || !rest {
            return Err(Error::corrupt(
                "",
                "its sums are not those of what stands before it",
            ));
        }
        for stream in &root.streams {
            self.check_declared(&stream.declaration)?;
            self.targets.refer_all(&stream.tree)?;
        }
        for stream in &root.side {
            let listed = last.side.get(usize::from(stream.id));
            let same = listed.is_some_and(|s| s.declared == stream.declared);
            let declared = self.side_declared(stream.id);
            if !same || !declared.is_some_and(|declared| stream.is_of(declared)) {
                return Err(Error::corrupt("", "no record declares a side stream"));
            }
            self.targets.refer_all(&stream.tree)?;
        }
        let mut metadata = root.metadata_refs.iter();
        metadata.try_for_each(|r| self.targets.refer(Kind::Metadata, *r))?;
        // What the last one lists is held against chunks and batches as they come.
        match root.tail == last.tail {
            true => Ok(()),
            false => self.earlier.check(self.reader, root),
        }
    }

    /// Nothing may be listed that was not met, and nothing met that is not referred to.
    fn end(mut self) -> Result<VerifyReport> {
        let missing = |offset: u64, what: &str| {
            let what = format!("the index lists a {what} here and there is none");
            Err(Error::corrupt(Place::byte(offset), what))
        };
        for listed in &mut self.streams {
            if let Some((entry, _)) = listed.next(self.reader)? {
                return missing(entry.offset, "chunk");
            }
        }
        for listed in &mut self.side {
            if let Some((entry, _)) = listed.next(self.reader)? {
                return missing(entry.offset, "batch");
            }
        }
        self.targets.end().map(|()| self.report)
    }
}

/// Leaves, nodes, activities and metadata: all of them are referred to by what stands behind them.
#[derive(Default)]
struct Targets {
    /// By where they start; whether something refers to it.
    met: BTreeMap<u64, (Kind, RecordRef, bool)>,
}

impl Targets {
    fn met(&mut self, kind: Kind, record: RecordRef) {
        self.met.insert(record.offset, (kind, record, false));
    }

    fn refer(&mut self, kind: Kind, record: RecordRef) -> Result<()> {
        match self.met.get_mut(&record.offset) {
            Some((met, found, referred)) if (*met, *found) == (kind, record) => {
                *referred = true;
                Ok(())
            }
            _ => {
                let at = record.offset;
                let what =
                    format!("it refers to a {kind:?} record at byte {at}, and there is none");
                Err(Error::corrupt("", what))
            }
        }
    }

    fn refer_all<E: Entry>(&mut self, tree: &Tree<E>) -> Result<()> {
        for r in &tree.refs {
            self.refer(r.kind(), r.record)?;
        }
        match tree.latest.activity {
            Some(record) => self.refer(Kind::Activity, record),
            None => Ok(()),
        }
    }

    fn end(&self) -> Result<()> {
        match self.met.iter().find(|(_, (.., referred))| !referred) {
            None => Ok(()),
            Some((offset, (kind, ..))) => {
                let what = format!("nothing refers to this {kind:?} record");
                Err(Error::corrupt(Place::byte(*offset), what))
            }
        }
    }
}

/// Checks a record of a kind that is not known.
fn check_unknown(header: &RecordHeader, body: &[u8]) -> Result<()> {
    let wrong = |what: &str| Err(Error::corrupt("", what));
    if header.kind == 0 {
        return wrong("it is no kind");
    }
    if header.flags & !CRITICAL != 0 {
        return wrong("flags that are unknown");
    }
    if header.is_critical() && header.kind >= FIRST_PRIVATE {
        return wrong("a private kind that must be understood, which none is");
    }
    if header.is_critical() {
        let what = "a kind of record that must be understood and is not";
        return Err(Error::unsupported("", what).advise("get a newer evz"));
    }
    header.check(body)
}

/// Kinds from this one on are of whoever writes them.
const FIRST_PRIVATE: u16 = 1 << 15;

fn same(is: bool) -> Result<()> {
    match is {
        true => Ok(()),
        false => Err(Error::corrupt("", "the root declares it otherwise")),
    }
}

fn check_padding(bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<()> {
    let end = offset + RecordHeader::ENCODED_SIZE as u64 + header.body_len;
    let next = (offset + header.record_len().unwrap_or(0)).min(bytes.len());
    let padding = read_range(bytes, end, next.saturating_sub(end))?;
    if padding.iter().any(|b| *b != 0) {
        return Err(Error::corrupt(Place::byte(end), "padding that is not zero"));
    }
    Ok(())
}

/// The entries of a tree in order, each with its activity if the file has that.
struct Listed<E> {
    leaves: Box<dyn Iterator<Item = Result<Arc<Leaf<E>>>>>,
    leaf: Option<Arc<Leaf<E>>>,
    bins: Option<Vec<Bins>>,
    at: usize,
}

impl<E: Entry + 'static> Listed<E> {
    fn new(reader: &Reader, stem: &Arc<Stem<E>>) -> Self {
        Self {
            leaves: Box::new(reader.walk(stem, Sought::default())),
            leaf: None,
            bins: None,
            at: 0,
        }
    }

    fn next(&mut self, reader: &Reader) -> Result<Option<(E, Option<Bins>)>> {
        loop {
            if let Some(leaf) = &self.leaf
                && let Some(entry) = leaf.entries.get(self.at)
            {
                let bins = self.bins.as_ref().map(|bins| bins[self.at]);
                self.at += 1;
                return Ok(Some((entry.clone(), bins)));
            }
            let Some(leaf) = self.leaves.next().transpose()? else {
                return Ok(None);
            };
            self.bins = reader.activity_of(&leaf)?;
            self.leaf = Some(leaf);
            self.at = 0;
        }
    }
}
