//! Copying what is whole of a damaged file, record by record.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use evz_core::{Error, Metadata, ReadAt, Result, StreamInfo, read_range};

use super::Plan;
use super::listing::{Listing, StreamKey};
use super::sequence::{Refused, Turn};
use crate::check_side::{check_batch, check_declaration};
use crate::forever::ALIGNMENT;
use crate::scan::{Found, body_at};
use crate::wire::{
    Kind, RecordHeader, Root, SideBatchHead, SideDeclaration, StreamDeclaration, Tail,
    read_metadata,
};
use crate::writer::Writer;

/// What was found in a damaged file beside what was copied.
#[derive(Default)]
pub(super) struct Salvaged {
    pub(super) lost: Vec<String>,
    pub(super) moved: Vec<String>,
    pub(super) events_missing: u64,
    pub(super) rows_missing: u64,
}

pub(super) struct Salvage<'a, W> {
    bytes: &'a dyn ReadAt,
    plan: &'a Plan,
    /// What the damaged file is called, and what is known of it.
    name: &'a str,
    info: &'a StreamInfo,
    writer: Writer<W>,
    pub(super) found: Salvaged,
    /// The records of which it is said that they were not saved, by where they start.
    said: BTreeSet<u64>,
    /// Number that the next chunk or batch of each stream of the damaged file should start with.
    next: BTreeMap<StreamKey, u64>,
    /// The event streams, as they are declared there; by number, here and there.
    streams: Vec<StreamDeclaration>,
    /// The side streams by their numbers there, and the numbers here.
    side: BTreeMap<u16, (SideDeclaration, u16)>,
    /// The bodies of all metadata records, by where they start.
    metadata: BTreeMap<u64, Vec<u8>>,
}

impl<'a, W: Write> Salvage<'a, W> {
    pub(super) fn new(
        bytes: &'a dyn ReadAt,
        plan: &'a Plan,
        (name, info): (&'a str, &'a StreamInfo),
        writer: Writer<W>,
    ) -> Self {
        Self {
            bytes,
            plan,
            name,
            info,
            writer,
            found: Salvaged::default(),
            said: BTreeSet::new(),
            next: BTreeMap::new(),
            streams: vec![StreamDeclaration::plain(0, info.size)],
            side: BTreeMap::new(),
            metadata: BTreeMap::new(),
        }
    }

    /// Saves what was found, or notes why not. An error is one of the output.
    pub(super) fn take(&mut self, found: Found) -> Result<()> {
        match found {
            Found::Record { offset, header } => return self.take_record(offset, &header),
            Found::Gap { len: 0, .. } => {}
            Found::Gap { offset, len } => {
                self.lose(offset, &format!("{len} bytes that are no record"))
            }
            Found::Cut {
                offset,
                header,
                len,
            } => {
                let name = record_name(&header);
                let what = match offset + len == self.bytes.len() {
                    true => format!("the first {len} bytes of a {name}, cut"),
                    false => {
                        format!("{len} bytes of a {name} that says it is longer than the file")
                    }
                };
                self.lose(offset, &what);
            }
        }
        Ok(())
    }

    /// What is left to be saved and to be said, once all was met.
    pub(super) fn finish(mut self) -> Result<(Writer<W>, Salvaged)> {
        if let Some(listing) = &self.plan.listing {
            self.declare_listed(listing.root.streams.len())?;
        }
        self.count_missing();
        let len = self.bytes.len();
        if let Some(at) = self.plan.other {
            let n = len - at;
            let what = format!(
                "another evz file begins, with a clock and a sensor of its own: {n} bytes; cut the file in \
                 two there, recover each part, and join them if they belong together"
            );
            self.lose(at, &what);
        } else if !self.ends_whole() {
            self.lose(len, "the file ends without its index");
        } else if self
            .plan
            .listing
            .as_ref()
            .is_some_and(|l| l.root.checkpoint)
        {
            self.lose(
                len,
                "the file ends with a checkpoint: its writer meant to go on",
            );
        }
        let metadata = self.all_metadata();
        self.writer.add_metadata(metadata);
        Ok((self.writer, self.found))
    }

    /// Whether the file ends with a root.
    fn ends_whole(&self) -> bool {
        let len = Tail::ENCODED_SIZE as u64;
        let at = self.bytes.len().saturating_sub(len);
        let tail = read_range(self.bytes, at, len);
        let tail = tail.ok().and_then(|tail| Tail::read_from(&tail));
        // Where bytes were put in or cut out, it tells another place.
        let moved = self.plan.listing.as_ref().map_or(0, Listing::shift);
        tail.is_some_and(|tail| tail.root_offset.wrapping_add(moved) < at)
    }

    /// Notes what is lost, with its place.
    fn lose(&mut self, offset: u64, what: &str) {
        self.said.insert(offset);
        self.found.lost.push(format!("byte {offset}: {what}"));
    }

    /// Notes what stood elsewhere than it should.
    fn move_from(&mut self, offset: u64, what: &str) {
        self.found.moved.push(format!("byte {offset}: {what}"));
    }

    fn take_record(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let saved = match Kind::from_number(header.kind) {
            Some(Kind::Chunk | Kind::SideBatch) => return self.take_turn(offset, header),
            Some(kind) => body_at(self.bytes, offset, header).and_then(|body| {
                header.check(&body)?;
                self.take_other(offset, kind, &body)
            }),
            None => Err(Error::unsupported("", "not known to this evz")),
        };
        self.note(offset, header, saved)
    }

    /// Notes what was not saved. What the bytes are not to blame for ends it all: what cannot be read is named by
    /// its byte, what takes more memory than it may by its stream, what cannot be written by the output.
    fn note(&mut self, offset: u64, header: &RecordHeader, saved: Result<()>) -> Result<()> {
        match saved {
            Err(error) if error.is_of_the_machine() => Err(match error.place().file {
                None => error.within(self.name),
                Some(_) => error,
            }),
            Err(error) => {
                self.lose(offset, &format!("{}: {error}", record_name(header)));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Where a chunk or a batch stands: takes the one whose turn it is.
    fn take_turn(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let what = match header.kind == Kind::SideBatch as u16 {
            true => format!("the batch of row {}", header.number),
            false => format!("the chunk of event {}", header.number),
        };
        if self.plan.moved.binary_search(&offset).is_ok() {
            let what = format!("{what} stands behind later ones; it was put in its place");
            self.move_from(offset, &what);
        }
        let turn = match self.plan.refused(offset) {
            None => self.plan.turn(offset).unwrap_or(Turn::at(offset, header)),
            Some(Refused::Twice(other)) => {
                let what = format!("{what} stands at byte {other} too; it was taken once");
                self.move_from(offset, &what);
                return Ok(());
            }
            Some(why) => {
                let error = Error::corrupt("", why.to_string());
                return self.note(offset, header, Err(error));
            }
        };
        let saved = match turn.header.kind == Kind::SideBatch as u16 {
            true => self.take_batch(turn.offset, &turn.header),
            false => self.take_chunk(turn.offset, &turn.header),
        };
        self.note(turn.offset, &turn.header, saved)
    }

    fn take_chunk(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let chunk = self.plan.chunk(self.bytes, offset, header)?;
        let stream = chunk.head.stream;
        self.declare_listed(usize::from(stream) + 1)?;
        // What stands in the new file may be another declaration of that number, which was met before.
        let here = self.streams.get(usize::from(stream)).map(|s| &s.columns);
        if here != self.plan.declared(stream).map(|s| &s.columns) {
            return Err(Error::corrupt("", Refused::Undeclared.to_string()));
        }
        self.count(
            StreamKey::of_events(stream),
            header.number,
            chunk.head.n_events.into(),
        );
        self.writer.write_chunk(&chunk)
    }

    fn take_batch(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let body = body_at(self.bytes, offset, header)?;
        header.check(&body)?;
        let (head, packed) = SideBatchHead::read_from(&body)?;
        let (stream, id) = self
            .side
            .get(&head.id)
            .ok_or_else(|| Error::corrupt("", Refused::Undeclared.to_string()))?;
        // What is saved must be whole.
        check_batch(stream, &head, packed)?;
        let id = *id;
        self.count(StreamKey::of_rows(head.id), header.number, head.rows);
        self.writer
            .copy_side_batch(&SideBatchHead { id, ..head }, packed)
    }

    /// Counts what is missing before the chunk or batch with this number, of so many events or rows.
    fn count(&mut self, stream: StreamKey, number: u64, n_rows: u64) {
        let next = self.next.entry(stream).or_default();
        let missing = number.saturating_sub(*next);
        *next = number.saturating_add(n_rows);
        let all = match stream.side {
            true => &mut self.found.rows_missing,
            false => &mut self.found.events_missing,
        };
        *all = all.saturating_add(missing);
    }

    /// Says what the index lists and is not there, and counts what it has behind the last chunk or batch.
    fn count_missing(&mut self) {
        for (offset, what) in &self.plan.missing {
            if !self.said.contains(offset) {
                self.lose(*offset, what);
            }
        }
        let Some(listing) = &self.plan.listing else {
            return;
        };
        let streams = listing.root.streams.iter();
        let streams =
            streams.map(|s| (StreamKey::of_events(s.declaration.id), s.summary.n_events()));
        let side = listing.root.side.iter();
        let side = side.map(|s| (StreamKey::of_rows(s.id), s.span.n_rows));
        for (stream, n_rows) in streams.chain(side) {
            self.count(stream, n_rows, 0);
        }
    }

    /// Metadata of the index, and of the records behind its root; of all records if there is none.
    fn all_metadata(&self) -> Metadata {
        let mut metadata = Metadata::new();
        let add = |metadata: &mut Metadata, body: &Vec<u8>| {
            // It was read when it was met.
            let _ = read_metadata(body, metadata);
        };
        let mut behind = 0;
        if let Some(listing) = &self.plan.listing {
            let bodies = self.plan.metadata.iter();
            let bodies = bodies.filter_map(|at| self.metadata.get(at));
            bodies.for_each(|body| add(&mut metadata, body));
            listing.root.apply_metadata(&mut metadata);
            behind = listing.at;
        }
        let bodies = self.metadata.range(behind..);
        bodies.for_each(|(_, body)| add(&mut metadata, body));
        metadata
    }

    fn take_other(&mut self, offset: u64, kind: Kind, body: &[u8]) -> Result<()> {
        if let Some(why) = self.plan.refused(offset) {
            return Err(Error::corrupt("", why.to_string()));
        }
        match kind {
            Kind::Metadata => {
                read_metadata(body, &mut Metadata::new())?;
                self.metadata.insert(offset, body.to_vec());
                Ok(())
            }
            Kind::Root => self.take_root(offset, body),
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
            // The index is made anew.
            _ => Ok(()),
        }
    }

    /// Looks whether a root is one of the file; what the last one says was taken before.
    fn take_root(&mut self, offset: u64, body: &[u8]) -> Result<()> {
        let listing = self.plan.listing.as_ref();
        if let Some(last) = listing.filter(|l| l.at == offset) {
            if last.shift() != 0 {
                let told = last.root.tail.root_offset;
                let what = format!(
                    "the index says that it stands at byte {told}: bytes were put in or cut out before it"
                );
                self.move_from(offset, &what);
            }
            return Ok(());
        }
        let root = Root::read_from(body, offset)?;
        let of_root = (root.header.time_base(), root.header.clock());
        if of_root != (self.info.time_base, self.info.clock) {
            return Err(Error::corrupt("", "the root of a file with another clock"));
        }
        match listing.is_some_and(|last| offset < last.at) {
            true => Ok(()),
            false => {
                let what = "nothing of what it lists stands there: it is of another recording";
                Err(Error::corrupt("", what))
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

    /// Declares the first so many event streams as the index does, where no record did so before.
    fn declare_listed(&mut self, n_streams: usize) -> Result<()> {
        let Some(listing) = &self.plan.listing else {
            return Ok(());
        };
        let first = &listing.root.streams[0].declaration;
        if self.streams[0].is_plain() && !first.is_plain() && self.writer.n_events(0) == 0 {
            self.take_stream(first.clone())?;
            self.say_listed(0);
        }
        self.add_lost(n_streams.min(listing.root.streams.len()))
    }

    fn say_listed(&mut self, number: usize) {
        self.found.moved.push(format!(
            "event stream {number}: no whole record declares it before its first chunk; its declaration was \
             taken from the index"
        ));
    }

    /// Adds streams whose declarations are lost, as the index has them, until there are so many.
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
            let number = self.streams.len();
            let listing = self.plan.listing.as_ref();
            let listed = listing.and_then(|l| l.stream(number as u16)).cloned();
            if listed.is_some() {
                self.say_listed(number);
            }
            let lost = StreamDeclaration::plain(number as u16, None);
            self.add_stream(listed.unwrap_or(lost))?;
        }
        Ok(())
    }

    fn add_stream(&mut self, stream: StreamDeclaration) -> Result<()> {
        self.writer.add_stream(stream.clone())?;
        self.streams.push(stream);
        Ok(())
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
