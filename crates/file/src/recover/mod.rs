//! Saving what is whole of a damaged file.

mod plan;

use std::collections::BTreeMap;
use std::io::Write;

use evz_core::{Error, ErrorKind, Input, Metadata, Output, ReadAt, Result, StreamInfo, read_range};

pub(crate) use plan::Plan;
use plan::{Refused, Turn};

use crate::check::{check_chunk, check_columns};
use crate::check_side::{check_batch, check_declaration};
use crate::forever::ALIGNMENT;
use crate::scan::{Found, Scan, body_at};
use crate::wire::{
    FileHeader, Kind, RecordHeader, Root, SideBatchHead, SideDeclaration, StreamDeclaration, Tail,
    read_metadata,
};
use crate::writer::{Summary, WriteOptions, Writer};

/// What was saved, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverReport {
    /// What the new file holds.
    pub saved: Summary,
    /// What was left behind, one line each, with the place.
    pub lost: Vec<String>,
    /// What stood there twice or out of order, one line each, with the place; nothing is lost by that.
    pub moved: Vec<String>,
    /// Events that are known to be missing: gaps in the numbering of the chunks, and what a root counts
    /// beyond them. What stood behind the end of a cut file is not known.
    pub events_missing: u64,
}

/// Copies every whole chunk, side record and metadata record of `input` into the new file `output`,
/// and gives it a new index. Chunks are copied as they are, in the order of their numbers; only the
/// numbering of their events closes up. If anything is lost, `if_lost` overrides metadata that is true of the whole recording alone.
///
/// # Errors
/// If `input` cannot be read or is no evz file, or `output` cannot be written.
#[cfg(feature = "files")]
pub fn recover(
    input: Input,
    output: impl AsRef<std::path::Path>,
    options: WriteOptions,
    if_lost: &Metadata,
) -> Result<RecoverReport> {
    let damaged = Damaged::new(input)?;
    let writer = options.create(output, &damaged.info)?;
    let (writer, found) = damaged.salvage(writer)?;
    let saved = writer.finish(found.closing(if_lost))?;
    Ok(found.report(saved))
}

/// As `recover`, into any output.
///
/// # Errors
/// As `recover`.
pub fn recover_into(input: Input, output: Output, if_lost: &Metadata) -> Result<RecoverReport> {
    let damaged = Damaged::new(input)?;
    let options = WriteOptions::new().with_name(output.name());
    let (writer, found) = damaged.salvage(options.write_to(output, &damaged.info)?)?;
    let (output, saved) = writer.finish_into(found.closing(if_lost))?;
    output.commit()?;
    Ok(found.report(saved))
}

/// A file that may be damaged.
struct Damaged {
    bytes: std::sync::Arc<dyn ReadAt>,
    name: String,
    info: StreamInfo,
    /// What is wrong with its header.
    lost: Vec<String>,
}

/// What was found in it.
struct Salvaged {
    lost: Vec<String>,
    moved: Vec<String>,
    events_missing: u64,
}

impl Damaged {
    fn new(input: Input) -> Result<Self> {
        let name = input.name().to_owned();
        let bytes = input.into_read_at()?;
        let mut lost = Vec::new();
        let info = stream_info(&*bytes, &mut lost).map_err(|e| e.within(&name))?;
        Ok(Self {
            bytes,
            name,
            info,
            lost,
        })
    }

    /// Copies what is whole.
    fn salvage<W: Write>(&self, writer: Writer<W>) -> Result<(Writer<W>, Salvaged)> {
        let bytes = &*self.bytes;
        let plan = Plan::new(bytes);
        let mut salvage = Salvage {
            bytes,
            plan: &plan,
            name: &self.name,
            info: &self.info,
            writer,
            lost: self.lost.clone(),
            moved: Vec::new(),
            events_missing: 0,
            next_event: vec![0],
            streams: vec![StreamDeclaration::plain(0, self.info.size)],
            side: BTreeMap::new(),
            last_root: None,
            metadata: Vec::new(),
            metadata_records: BTreeMap::new(),
        };
        let end = plan.other.unwrap_or(bytes.len());
        for found in Scan::new(bytes) {
            let mut found = found.map_err(|e| e.within(&*self.name))?;
            if let Found::Gap { offset, len } = &mut found {
                *len = (*len).min(end.saturating_sub(*offset));
            }
            let behind = end_of(&found) >= end && plan.other.is_some();
            salvage.take(found)?;
            if behind {
                break;
            }
        }
        salvage.count_missing();
        if let Some(at) = plan.other {
            let n = bytes.len() - at;
            salvage.lost.push(format!(
                "byte {at}: another evz file begins, with a clock and a sensor of its own: {n} bytes; \
                 cut the file in two there, recover each part, and join them if they belong together"
            ));
        } else if !ends_whole(bytes) {
            let what = format!("byte {}: the file ends without its index", bytes.len());
            salvage.lost.push(what);
        }
        let metadata = salvage.all_metadata();
        salvage.writer.add_metadata(metadata);
        let found = Salvaged {
            lost: salvage.lost,
            moved: salvage.moved,
            events_missing: salvage.events_missing,
        };
        Ok((salvage.writer, found))
    }
}

impl Salvaged {
    fn closing<'a>(&self, if_lost: &'a Metadata) -> &'a Metadata {
        static NOTHING: Metadata = Metadata::new();
        if self.lost.is_empty() && self.events_missing == 0 {
            &NOTHING
        } else {
            if_lost
        }
    }

    fn report(self, saved: Summary) -> RecoverReport {
        RecoverReport {
            saved,
            lost: self.lost,
            moved: self.moved,
            events_missing: self.events_missing,
        }
    }
}

struct Salvage<'a, W> {
    bytes: &'a dyn ReadAt,
    plan: &'a Plan,
    /// What the damaged file is called, and what is known of it.
    name: &'a str,
    info: &'a StreamInfo,
    writer: Writer<W>,
    lost: Vec<String>,
    moved: Vec<String>,
    events_missing: u64,
    /// Number that the next chunk of each event stream of the damaged file should start with.
    next_event: Vec<u64>,
    /// The event streams, as they are declared there; by number, here and there.
    streams: Vec<StreamDeclaration>,
    /// The side streams by their numbers there, and the numbers here.
    side: BTreeMap<u16, (SideDeclaration, u16)>,
    /// The last root, and where the metadata records behind it start.
    last_root: Option<Root>,
    metadata: Vec<u64>,
    /// The bodies of all metadata records, by where they start.
    metadata_records: BTreeMap<u64, Vec<u8>>,
}

impl<W: Write> Salvage<'_, W> {
    /// Saves what was found, or notes why not. An error is one of the output.
    fn take(&mut self, found: Found) -> Result<()> {
        match found {
            Found::Record { offset, header } => self.take_record(offset, &header),
            Found::Gap { len: 0, .. } => Ok(()),
            Found::Gap { offset, len } => {
                self.lost
                    .push(format!("byte {offset}: {len} bytes that are no record"));
                Ok(())
            }
            Found::Cut { offset, header } => {
                let (n, name) = (self.bytes.len() - offset, record_name(&header));
                self.lost.push(format!(
                    "byte {offset}: the first {n} bytes of a {name}, cut"
                ));
                Ok(())
            }
        }
    }

    fn take_record(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let saved = match Kind::from_number(header.kind) {
            Some(Kind::Chunk) => return self.take_turn(offset, header),
            Some(Kind::Leaf | Kind::Node | Kind::Activity) => Ok(()),
            Some(kind) => body_at(self.bytes, offset, header).and_then(|body| {
                header.check(&body)?;
                self.take_other(offset, kind, &body)
            }),
            None => Err(Error::unsupported("", "not known to this evz")),
        };
        self.note(offset, header, saved)
    }

    /// Notes what was not saved. What cannot be read is named by its byte, what cannot be written by the
    /// output, and ends it all.
    fn note(&mut self, offset: u64, header: &RecordHeader, saved: Result<()>) -> Result<()> {
        match saved {
            Err(error) if error.kind() == ErrorKind::Io => Err(match error.place().file {
                None => error.within(self.name),
                Some(_) => error,
            }),
            Err(error) => {
                self.lost
                    .push(format!("byte {offset}: {}: {error}", record_name(header)));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Where a chunk stands: takes the one whose turn it is.
    fn take_turn(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        if self.plan.moved.binary_search(&offset).is_ok() {
            let number = header.number;
            self.moved.push(format!(
                "byte {offset}: the chunk of event {number} stands behind later ones; it was put in its place"
            ));
        }
        let turn = match self.plan.refused(offset) {
            None => self.plan.turn(offset).unwrap_or(Turn::at(offset, header)),
            Some(Refused::Twice(other)) => {
                let number = header.number;
                self.moved.push(format!(
                    "byte {offset}: the chunk of event {number} stands at byte {other} too; it was taken once"
                ));
                return Ok(());
            }
            Some(why) => {
                let error = Error::corrupt("", why.to_string());
                return self.note(offset, header, Err(error));
            }
        };
        let saved = self.take_chunk(turn.offset, &turn.header);
        self.note(turn.offset, &turn.header, saved)
    }

    fn take_chunk(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let chunk = check_chunk(self.bytes, offset, header)?;
        let stream = usize::from(chunk.head.stream);
        let declared = self.streams.get(stream).map(|s| &s.columns);
        let Some(declared) = declared.filter(|d| d.len() == chunk.columns.len()) else {
            return Err(Error::corrupt("", Refused::Undeclared.to_string()));
        };
        check_columns(&chunk, declared)?;
        let next = &mut self.next_event[stream];
        let missing = header.number.saturating_sub(*next);
        self.events_missing = self.events_missing.saturating_add(missing);
        *next = header.number.saturating_add(chunk.head.n_events.into());
        self.writer.write_chunk(&chunk)
    }

    /// Metadata of the last root, and of the records behind it.
    fn all_metadata(&self) -> Metadata {
        let mut metadata = Metadata::new();
        let add = |metadata: &mut Metadata, at: &u64| {
            if let Some(body) = self.metadata_records.get(at) {
                // It was read when it was met.
                let _ = read_metadata(body, metadata);
            }
        };
        if let Some(root) = &self.last_root {
            let refs = root.metadata_refs.iter();
            refs.for_each(|r| add(&mut metadata, &r.offset));
            root.apply_metadata(&mut metadata);
        }
        self.metadata.iter().for_each(|at| add(&mut metadata, at));
        metadata
    }

    /// Counts what the last root has and no chunk.
    fn count_missing(&mut self) {
        let counted = self.last_root.iter().flat_map(|root| &root.streams);
        let beyond = counted.enumerate().map(|(stream, root)| {
            let found = self.next_event.get(stream).copied().unwrap_or(0);
            root.summary.n_events().saturating_sub(found)
        });
        self.events_missing = beyond.fold(self.events_missing, u64::saturating_add);
    }

    fn take_other(&mut self, offset: u64, kind: Kind, body: &[u8]) -> Result<()> {
        match kind {
            Kind::Metadata => {
                read_metadata(body, &mut Metadata::new())?;
                self.metadata_records.insert(offset, body.to_vec());
                self.metadata.push(offset);
                Ok(())
            }
            // A root says which metadata are those of the recording, and has some itself.
            Kind::Root => {
                let root = Root::read_from(body, offset)?;
                let of_root = (root.header.time_base(), root.header.clock());
                if of_root != (self.info.time_base, self.info.clock) {
                    let what = "the root of a file with another clock";
                    return Err(Error::corrupt("", what));
                }
                self.metadata.clear();
                self.last_root = Some(root);
                Ok(())
            }
            Kind::Stream => self.take_stream(StreamDeclaration::read_from(body)?),
            Kind::SideStream => {
                let stream = SideDeclaration::read_from(body)?;
                if let Some((known, _)) = self.side.get(&stream.id) {
                    return same(*known == stream);
                }
                check_declaration(&stream, self.info.time_base)?;
                // The declaration of the event stream that it belongs to may be lost.
                if let Some(owner) = stream.stream {
                    self.add_lost(usize::from(owner) + 1)?;
                }
                let id = self.writer.add_side_stream(stream.clone())?;
                self.side.insert(stream.id, (stream, id));
                Ok(())
            }
            _ => {
                let (head, packed) = SideBatchHead::read_from(body)?;
                let (stream, id) = self
                    .side
                    .get(&head.id)
                    .ok_or_else(|| Error::corrupt("", "the declaration of its stream is lost"))?;
                // What is saved must be whole.
                check_batch(stream, &head, packed)?;
                self.writer
                    .copy_side_batch(&SideBatchHead { id: *id, ..head }, packed)
            }
        }
    }

    fn take_stream(&mut self, stream: StreamDeclaration) -> Result<()> {
        let number = usize::from(stream.id);
        if number == 0 && self.streams[0].is_plain() && self.writer.n_events(0) == 0 {
            self.writer.declare(stream.clone())?;
            self.streams[0] = stream;
            return Ok(());
        }
        if let Some(known) = self.streams.get(number) {
            return same(*known == stream);
        }
        // Those between were lost, and their chunks with them.
        self.add_lost(number)?;
        self.add_stream(stream)
    }

    /// Adds streams whose declarations are lost, until there are so many.
    fn add_lost(&mut self, n_streams: usize) -> Result<()> {
        // Each was declared by a record.
        let most = self.bytes.len() / ALIGNMENT;
        if n_streams as u64 > most {
            let what = format!(
                "event stream {} of a file with room for {most}",
                n_streams - 1
            );
            return Err(Error::corrupt("", what));
        }
        while self.streams.len() < n_streams {
            let lost = StreamDeclaration::plain(self.streams.len() as u16, None);
            self.add_stream(lost)?;
        }
        Ok(())
    }

    fn add_stream(&mut self, stream: StreamDeclaration) -> Result<()> {
        self.writer.add_stream(stream.clone())?;
        self.streams.push(stream);
        self.next_event.push(0);
        Ok(())
    }
}

/// Where the bytes of something that was found end, padding not counted.
fn end_of(found: &Found) -> u64 {
    match found {
        Found::Record { offset, header } | Found::Cut { offset, header } => {
            let head = RecordHeader::ENCODED_SIZE as u64;
            offset.saturating_add(head).saturating_add(header.body_len)
        }
        Found::Gap { offset, len } => offset + len,
    }
}

fn same(is: bool) -> Result<()> {
    match is {
        true => Ok(()),
        false => Err(Error::corrupt(
            "",
            "another stream of that number stands before",
        )),
    }
}

fn record_name(header: &RecordHeader) -> String {
    match Kind::from_number(header.kind) {
        Some(kind) => format!("{kind:?} record"),
        None => format!("record of kind {}", header.kind),
    }
}

/// Time base, clock and sensor, from the header or, where that is damaged, from the last root.
fn stream_info(bytes: &dyn ReadAt, lost: &mut Vec<String>) -> Result<StreamInfo> {
    let head_len = bytes.len().min(FileHeader::ENCODED_SIZE as u64);
    let head = read_range(bytes, 0, head_len)?;
    let header = match FileHeader::read_from(&head) {
        Ok(header) => header,
        Err(error) => {
            let Some(header) = last_root(bytes).map(|root| root.header) else {
                return Err(error);
            };
            let what = format!("{error}; time base, clock and sensor taken from the index");
            lost.push(what);
            header
        }
    };
    Ok(StreamInfo::new(header.time_base())
        .with_clock(header.clock())
        .with_size(header.size()))
}

fn last_root(bytes: &dyn ReadAt) -> Option<Root> {
    let roots = Scan::new(bytes).filter_map(|found| match found {
        Ok(Found::Record { offset, header }) if header.kind == Kind::Root as u16 => {
            let body = body_at(bytes, offset, &header).ok()?;
            header.check(&body).ok()?;
            Root::read_from(&body, offset).ok()
        }
        _ => None,
    });
    roots.last()
}

/// Whether the file ends with a root.
fn ends_whole(bytes: &dyn ReadAt) -> bool {
    let len = Tail::ENCODED_SIZE as u64;
    let at = bytes.len().saturating_sub(len);
    let tail = read_range(bytes, at, len)
        .ok()
        .and_then(|b| Tail::read_from(&b));
    tail.is_some_and(|tail| tail.root_offset < at)
}
