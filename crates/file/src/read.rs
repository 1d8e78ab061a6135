//! Opening a file.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

use evz_core::{Error, Metadata, Result, StreamInfo};

use crate::forever::ALIGNMENT;
use crate::leaf::{Leaf, LeafCache};
use crate::limits::MAX_BODY_LEN;
use crate::mmap::Mapped;
use crate::scan::whole_chunks;
use crate::storage::{Storage, Stream, read_range};
use crate::wire::{
    FILE_SORTED, FileHeader, IndexRoot, Kind, RecordHeader, Tail, crc, read_leaf, read_metadata,
};

/// Bytes read from the end to find the tail and the root at once: the root of a recording of ten
/// billion events fits.
const TAIL_READ: u64 = 1 << 16;

/// How a file is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    map: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { map: true }
    }
}

impl ReadOptions {
    /// The defaults: the file is mapped into memory where the system can.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether to map the file into memory. Reading it instead costs a copy, keeps memory bounded
    /// by what is asked for, and survives a file that another program cuts meanwhile.
    pub fn with_map(mut self, map: bool) -> Self {
        self.map = map;
        self
    }

    /// Opens a file.
    ///
    /// # Errors
    /// If it cannot be read, is no evz file, or is not whole; then the error says what `recover`
    /// will save.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Reader> {
        let path = path.as_ref();
        let place = path.display().to_string();
        let storage = self.storage(path)?;
        Reader::new(storage, place)
    }

    /// Opens anything that reads and seeks.
    ///
    /// # Errors
    /// As [`ReadOptions::open`].
    pub fn open_stream<R: Read + Seek + Send + 'static>(self, stream: R) -> Result<Reader> {
        Reader::new(Box::new(Stream::new(stream)?), "input".to_owned())
    }

    pub(crate) fn storage(&self, path: &Path) -> Result<Box<dyn Storage>> {
        let place = path.display().to_string();
        let file = File::open(path).map_err(|e| Error::io(&place, "cannot open", e))?;
        if file.metadata().is_ok_and(|m| m.is_dir()) {
            return Err(Error::invalid(format!("{place}: is a folder; name a file")));
        }
        if self.map
            && let Ok(mapped) = Mapped::new(&file)
        {
            return Ok(Box::new(mapped));
        }
        Ok(Box::new(Stream::new(file).map_err(|e| e.within(place))?))
    }
}

/// An open file. Cheap to clone; clones share the map and the index, and many threads may take
/// windows at once.
#[derive(Clone)]
pub struct Reader(Arc<Inner>);

struct Inner {
    storage: Box<dyn Storage>,
    place: String,
    header: FileHeader,
    info: StreamInfo,
    root: IndexRoot,
    leaves: LeafCache,
}

impl Reader {
    fn new(storage: Box<dyn Storage>, place: String) -> Result<Self> {
        let opened = Self::read_index(&*storage)
            .map_err(|e| e.advise("`evz recover` saves what is whole").within(&place))?;
        let (header, info, root) = opened;
        let leaves = LeafCache::default();
        Ok(Self(Arc::new(Inner {
            storage,
            place,
            header,
            info,
            root,
            leaves,
        })))
    }

    fn read_index(storage: &dyn Storage) -> Result<(FileHeader, StreamInfo, IndexRoot)> {
        let head_len = storage.len().min(FileHeader::ENCODED_SIZE as u64);
        let header = FileHeader::read_from(&read_range(storage, 0, head_len)?)?;
        let root = find_root(storage).map_err(|e| with_way_out(storage, e))?;
        let mut metadata = Metadata::new();
        for r in &root.metadata {
            let body = read_body(storage, Kind::Metadata, r.offset, r.body_len)?;
            metadata.extend(read_metadata(&body).map_err(|e| e.within(at("metadata", r.offset)))?);
        }
        let info = StreamInfo {
            time_base: header.time_base(),
            size: header.size(),
            metadata,
        };
        Ok((header, info, root))
    }

    /// Time base, sensor and metadata.
    pub fn info(&self) -> &StreamInfo {
        &self.0.info
    }

    /// The header at the start of the file.
    pub fn header(&self) -> &FileHeader {
        &self.0.header
    }

    /// The root of the index: sums over the whole file.
    pub fn root(&self) -> &IndexRoot {
        &self.0.root
    }

    /// Number of events.
    pub fn n_events(&self) -> u64 {
        self.0.root.head.n_events
    }

    /// Whether no event is earlier than the one before it.
    pub fn sorted(&self) -> bool {
        self.0.root.head.flags & FILE_SORTED != 0
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.0.storage.len()
    }

    /// Names the file in an error, and the way out where there is one.
    pub(crate) fn blame(&self, error: Error) -> Error {
        error
            .advise("`evz recover` saves what is whole")
            .within(&self.0.place)
    }

    pub(crate) fn storage(&self) -> &dyn Storage {
        &*self.0.storage
    }

    /// Leaf `number` of the index; an error does not name the file yet.
    pub(crate) fn leaf(&self, number: usize) -> Result<Arc<Leaf>> {
        let r = &self.0.root.leaves[number];
        self.0.leaves.get(number, || {
            let body = read_body(self.storage(), Kind::IndexLeaf, r.offset, r.body_len)?;
            let place = || at("index leaf", r.offset);
            let entries = read_leaf(&body).map_err(|e| e.within(place()))?;
            Leaf::new(entries, r).map_err(|e| e.within(place()))
        })
    }

    /// Numbers of the codecs of the chunks, each once, in the order in which they first appear.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn codecs(&self) -> Result<Vec<u16>> {
        let mut codecs = Vec::new();
        for number in 0..self.0.root.leaves.len() {
            for entry in &self.leaf(number).map_err(|e| self.blame(e))?.entries {
                if !codecs.contains(&entry.codec) {
                    codecs.push(entry.codec);
                }
            }
        }
        Ok(codecs)
    }

    /// How many events fall into each of `bins` equal parts of the time from the earliest to the
    /// latest event, from the index alone; within a 32nd of a chunk they count as evenly spread.
    ///
    /// # Errors
    /// If the index is damaged.
    pub fn activity(&self, bins: usize) -> Result<Vec<f64>> {
        let head = &self.0.root.head;
        let mut counts = vec![0.0; bins];
        if head.n_events == 0 || bins == 0 {
            return Ok(counts);
        }
        let span = (i128::from(head.t_max) - i128::from(head.t_min) + 1) as f64;
        for number in 0..self.0.root.leaves.len() {
            for e in &self.leaf(number).map_err(|e| self.blame(e))?.entries {
                let start = (i128::from(e.t_min) - i128::from(head.t_min)) as f64;
                let step = (i128::from(e.t_max) - i128::from(e.t_min) + 1) as f64
                    / e.activity.len() as f64;
                for (i, n) in e.activity.iter().enumerate().filter(|(_, n)| **n > 0) {
                    let from = (start + i as f64 * step) / span * bins as f64;
                    let to = (start + (i + 1) as f64 * step) / span * bins as f64;
                    spread(&mut counts, from, to, f64::from(*n));
                }
            }
        }
        Ok(counts)
    }
}

/// Adds `n` to the bins between `from` and `to`, in proportion to what each covers.
fn spread(counts: &mut [f64], from: f64, to: f64, n: f64) {
    let last = counts.len() - 1;
    let (first_bin, last_bin) = ((from as usize).min(last), (to as usize).min(last));
    if first_bin == last_bin {
        counts[first_bin] += n;
        return;
    }
    for (b, count) in counts
        .iter_mut()
        .enumerate()
        .take(last_bin + 1)
        .skip(first_bin)
    {
        let covered = (to.min((b + 1) as f64) - from.max(b as f64)).max(0.0);
        *count += n * covered / (to - from);
    }
}

fn at(what: &str, offset: u64) -> String {
    format!("{what} at byte {offset}")
}

/// Finds the root through the tail.
fn find_root(storage: &dyn Storage) -> Result<IndexRoot> {
    let len = storage.len();
    let cut = || {
        Error::insufficient(
            format!("byte {len}"),
            "the file ends without its index: it was cut or never finished",
        )
    };
    let tail_at = len
        .checked_sub(ALIGNMENT)
        .filter(|t| t % ALIGNMENT == 0)
        .ok_or_else(cut)?;
    let near_start = len.saturating_sub(TAIL_READ);
    let near = read_range(storage, near_start, len - near_start)?;
    let tail_bytes = &near[(tail_at - near_start) as usize..];
    let tail_header = RecordHeader::read_from(tail_bytes)
        .filter(|h| h.kind == Kind::Tail as u16 && h.body_len == Tail::ENCODED_SIZE as u64);
    let body = &tail_bytes[RecordHeader::ENCODED_SIZE..];
    let tail = tail_header
        .filter(|h| crc(body) == h.body_crc)
        .and_then(|_| Tail::read_from(body))
        .ok_or_else(cut)?;
    if tail.file_len != len {
        return Err(Error::corrupt(
            at("tail", tail_at),
            format!(
                "it ends a file of {} bytes, this one has {len}",
                tail.file_len
            ),
        ));
    }
    if tail.root_len > MAX_BODY_LEN {
        return Err(Error::limit(
            at("tail", tail_at),
            format!(
                "an index root of {} bytes; at most {MAX_BODY_LEN}",
                tail.root_len
            ),
        ));
    }
    let place = || at("index root", tail.root_offset);
    let root_end = tail
        .root_offset
        .saturating_add(tail.root_len)
        .saturating_add(32);
    let root = if tail.root_offset >= near_start && root_end <= len {
        let record =
            &near[(tail.root_offset - near_start) as usize..(root_end - near_start) as usize];
        check_body(Kind::IndexRoot, record, tail.root_len)
            .and_then(|()| IndexRoot::read_from(&record[RecordHeader::ENCODED_SIZE..]))
    } else {
        read_body(storage, Kind::IndexRoot, tail.root_offset, tail.root_len)
            .and_then(|body| IndexRoot::read_from(&body))
    };
    root.and_then(check_root).map_err(|e| e.within(place()))
}

/// The sums of the root must be those of its lists, so that what follows may add without checks.
fn check_root(root: IndexRoot) -> Result<IndexRoot> {
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
        return Err(Error::corrupt(
            "",
            format!(
                "it claims {} events, its leaves hold {events}",
                root.head.n_events
            ),
        ));
    }
    Ok(root)
}

/// The body of the record of this kind and length at `offset`, checked against its checksum.
pub(crate) fn read_body(
    storage: &dyn Storage,
    kind: Kind,
    offset: u64,
    body_len: u64,
) -> Result<Vec<u8>> {
    if body_len > MAX_BODY_LEN {
        let what = format!("{body_len} bytes are claimed; at most {MAX_BODY_LEN}");
        return Err(Error::limit(format!("byte {offset}"), what));
    }
    let record = read_range(
        storage,
        offset,
        body_len + RecordHeader::ENCODED_SIZE as u64,
    )?;
    check_body(kind, &record, body_len).map_err(|e| e.within(format!("byte {offset}")))?;
    Ok(record[RecordHeader::ENCODED_SIZE..].to_vec())
}

fn check_body(kind: Kind, record: &[u8], body_len: u64) -> Result<()> {
    let header = RecordHeader::read_from(record)
        .filter(|h| h.kind == kind as u16 && h.body_len == body_len)
        .ok_or_else(|| {
            Error::corrupt("", format!("no whole {kind:?} record of {body_len} bytes"))
        })?;
    let found = crc(&record[RecordHeader::ENCODED_SIZE..]);
    if found != header.body_crc {
        return Err(Error::corrupt(
            "",
            format!("CRC {found:08x}, expected {:08x}", header.body_crc),
        ));
    }
    Ok(())
}

/// Says in the error what `recover` would save.
fn with_way_out(storage: &dyn Storage, error: Error) -> Error {
    let (chunks, events) = whole_chunks(storage);
    error.advise(&format!(
        "`evz recover` will save {events} events in {chunks} whole chunks"
    ))
}
