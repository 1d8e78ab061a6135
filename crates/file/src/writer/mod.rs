//! Writing a file in one pass.

mod checkpoints;
mod chunk;
mod copy;
#[cfg(feature = "files")]
mod growing_file;
mod index_builder;
mod options;
mod records;
mod side;
mod sink;
mod summary;
mod tree_builder;

use std::fs::File;
use std::io::{BufWriter, Write};

use evz_codec::Codec;
use evz_core::{Error, EventBatch, EventSlice, Metadata, Result, StreamInfo, parallel};

pub(crate) use chunk::{EncodedChunk, activity, described};
pub(crate) use index_builder::IndexBuilder;
pub use options::{DEFAULT_CHUNK_EVENTS, WriteOptions, edit_metadata, profiles};
pub(crate) use side::SideWriter;
pub use sink::EvzSink;
pub(crate) use summary::add as add_to;

use self::checkpoints::Checkpoints;
use self::chunk::{encode, encode_parts};
use self::records::Records;
use crate::check::whole_chunk;
use crate::limits::{MAX_BATCH_ROWS, MAX_BODY_LEN, MAX_CHUNK_EVENTS, MAX_STREAMS};
use crate::packing::pack;
use crate::stream_metadata::check_size;
use crate::wire::{
    ColumnDeclaration, FileHeader, Kind, PACK_NONE, RecordHeader, RecordRef, Root, SideBatchHead,
    SideDeclaration, StreamDeclaration, crc, write_metadata,
};

/// Metadata that are longer stand in a record of their own, and not in the root.
const ROOT_METADATA: usize = 8 << 10;

/// What a finished file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Events in the file.
    pub events: u64,
    /// Chunks in the file.
    pub chunks: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes a file front to back. Chunks are encoded on all cores and leave in
/// order: the same events give the same bytes whatever the number of threads. Memory is
/// bounded by the chunks in flight.
///
/// Dropped without [`Writer::finish`], it leaves what it wrote so far for `recover` (into an
/// [`OutputFile`](evz_core::OutputFile): nothing at all).
pub struct Writer<W> {
    out: Records<W>,
    codec: &'static dyn Codec,
    chunk_events: usize,
    /// Events of each stream that fill no chunk yet.
    filling: Vec<(u16, EventBatch)>,
    in_flight: parallel::InOrder<(EncodedChunk, EventBatch)>,
    max_in_flight: usize,
    /// Buffers of chunks that were written, to be filled again: fresh ones would cost a page fault
    /// every 4 kB.
    spare: Vec<(EventBatch, Vec<u8>)>,
    index: IndexBuilder,
    /// Metadata records, what they hold, and the metadata that are in none yet.
    metadata_refs: Vec<RecordRef>,
    in_records: Metadata,
    metadata: Metadata,
    /// Whether the metadata known before the events are still to be written.
    metadata_due: bool,
    /// The root before this one, if there is one.
    previous: Option<u64>,
    checkpoints: Option<Checkpoints>,
    /// Whether the last root is that of a file which its writer never finished.
    is_unfinished: bool,
    /// How the rows of side streams are packed.
    side_pack: u8,
}

impl<W: Write> Writer<W> {
    fn start(options: WriteOptions, out: W, place: String, info: &StreamInfo) -> Result<Self> {
        let header = FileHeader::new(info);
        let index = IndexBuilder::new(&header);
        let mut writer = Self::at(options, out, place, index, 0);
        writer.out.write(&header.write_to())?;
        writer.metadata = info.metadata.clone();
        writer.metadata_due = !info.metadata.is_empty();
        let declaration = StreamDeclaration::from(info);
        if !declaration.is_plain() {
            writer.declare(declaration)?;
        }
        Ok(writer)
    }

    fn at(options: WriteOptions, out: W, place: String, index: IndexBuilder, offset: u64) -> Self {
        Self {
            out: Records::new(out, place, offset),
            codec: options.codec,
            chunk_events: options.chunk_events as usize,
            filling: Vec::new(),
            in_flight: Default::default(),
            max_in_flight: 2 * parallel::threads() + 2,
            spare: Vec::new(),
            index,
            metadata_refs: Vec::new(),
            in_records: Metadata::new(),
            metadata: Metadata::new(),
            metadata_due: false,
            previous: None,
            checkpoints: options.checkpoints.map(Checkpoints::new),
            is_unfinished: false,
            side_pack: options.side_pack,
        }
    }

    /// Adds events of stream 0.
    ///
    /// # Errors
    /// If the output cannot be written, the columns differ in length, the further ones are not those
    /// that the recording has, or a polarity is neither 0 nor 1.
    pub fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        self.write_events(0, events)
    }

    /// Declares another event stream; returns its number. That in the declaration does not count.
    ///
    /// # Errors
    /// If the output cannot be written, there are too many streams, or the format does not hold the declaration: a
    /// text of it is too long, or its columns are too many or have a name that is taken.
    pub fn add_stream(&mut self, declaration: StreamDeclaration) -> Result<u16> {
        let id = self.index.n_streams();
        if id as u64 >= MAX_STREAMS {
            let what = format!("more than {MAX_STREAMS} event streams");
            return Err(Error::invalid(what));
        }
        let declaration = StreamDeclaration {
            id: id as u16,
            ..declaration
        };
        declaration.check()?;
        self.out.record(Kind::Stream, 0, &declaration.write_to())?;
        self.index.add_stream(declaration);
        Ok(id as u16)
    }

    /// Says more of event stream 0, before its first event: a name, a serial number, further columns. Its
    /// number and sensor are those of the file.
    ///
    /// # Errors
    /// If the output cannot be written, there are events, or the format does not hold the declaration.
    pub fn declare(&mut self, declaration: StreamDeclaration) -> Result<()> {
        if self.index.n_events(0) > 0 || !self.filling.is_empty() {
            let what = "event stream 0 is declared behind its first event";
            return Err(Error::invalid(what));
        }
        let plain = StreamDeclaration::plain(0, self.index.size());
        let declaration = StreamDeclaration {
            id: 0,
            width: plain.width,
            height: plain.height,
            ..declaration
        };
        declaration.check()?;
        self.out.record(Kind::Stream, 0, &declaration.write_to())?;
        self.index.declare(declaration);
        Ok(())
    }

    /// Events of a stream that are in chunks.
    pub(crate) fn n_events(&self, stream: u16) -> u64 {
        self.index.n_events(stream)
    }

    /// How a stream of the file is declared.
    pub(crate) fn stream(&self, id: u16) -> Option<&StreamDeclaration> {
        self.index.stream(id)
    }

    /// Writes a chunk as it stands in another file: the body of its record, whose checksums are looked
    /// at, and nothing is decoded.
    ///
    /// # Errors
    /// If it is damaged, or of a stream that was not added, or the output cannot be written.
    pub fn copy_chunk(&mut self, body: Vec<u8>) -> Result<()> {
        let header = RecordHeader::new(Kind::Chunk, 0, body.len() as u64, crc(&body));
        let chunk = whole_chunk(&header, body, None)?;
        let declared = self.stream(chunk.head.stream).map(|s| s.columns.len());
        match declared == Some(chunk.columns.len()) {
            true => self.write_chunk(&chunk),
            false => Err(Error::invalid("a chunk of a stream that was not added so")),
        }
    }

    /// Adds events of a stream, with the further columns that it is declared to have.
    ///
    /// # Errors
    /// As [`Writer::write_batch`], and if the stream was not added before.
    pub fn write_events(&mut self, stream: u16, mut events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        let Some(declaration) = self.index.stream(stream) else {
            let what = format!("event stream {stream} was not added");
            return Err(Error::invalid(what));
        };
        check_columns(declaration, events)?;
        let at = self.filling.iter().position(|(id, _)| *id == stream);
        let at = at.unwrap_or_else(|| {
            let batch = EventBatch::with_capacity(self.chunk_events);
            self.filling.push((stream, batch));
            self.filling.len() - 1
        });
        while !events.is_empty() {
            let filling = &mut self.filling[at].1;
            let room = self.chunk_events - filling.len();
            let taken = room.min(events.len());
            filling.extend(events.slice(0..taken));
            events = events.slice(taken..events.len());
            if filling.len() == self.chunk_events {
                self.flush_chunk(at)?;
            }
        }
        Ok(())
    }

    /// Adds a chunk of events that stand in another recording: in parts, of each of which it is said how
    /// many events it has, and what [`Parts`](evz_core::Parts) takes. The memory of `events` is taken, and
    /// other memory left there.
    ///
    /// # Errors
    /// As [`Writer::write_events`], and if there are none, or more than a chunk holds.
    pub fn write_parts(
        &mut self,
        stream: u16,
        events: &mut EventBatch,
        parts: Vec<(usize, Vec<u8>)>,
    ) -> Result<()> {
        events.as_slice().check()?;
        let Some(declaration) = self.index.stream(stream) else {
            let what = format!("event stream {stream} was not added");
            return Err(Error::invalid(what));
        };
        check_columns(declaration, events.as_slice())?;
        let n = events.len();
        let in_parts: usize = parts.iter().map(|(n, _)| n).sum();
        if n == 0 || n > MAX_CHUNK_EVENTS as usize || n != in_parts || !self.filling.is_empty() {
            let what = format!("{n} events in parts of {in_parts}, or behind events in none");
            return Err(Error::invalid(what));
        }
        let (next, body) = self.spare.pop().unwrap_or_default();
        let events = std::mem::replace(events, next);
        self.in_flight.push(move || {
            let chunk = encode_parts(stream, events.as_slice(), &parts, body);
            (chunk, events)
        });
        while self.in_flight.len() > self.max_in_flight {
            self.write_oldest()?;
        }
        Ok(())
    }

    /// Adds a side stream; its batches name it by the number returned. That in the declaration does
    /// not count.
    ///
    /// # Errors
    /// If the output cannot be written, there are too many streams, it belongs to an event stream that was not
    /// added before, or its name or its schema is longer than the format holds.
    pub fn add_side_stream(&mut self, declaration: SideDeclaration) -> Result<u16> {
        let id = self.index.n_side_streams();
        if id as u64 >= MAX_STREAMS || declaration.name.is_empty() {
            let what = format!("a side stream without a name, or more than {MAX_STREAMS}");
            return Err(Error::invalid(what));
        }
        if let Some(stream) = declaration.stream
            && self.stream(stream).is_none()
        {
            let what = format!("a side stream of event stream {stream}, which was not added");
            return Err(Error::invalid(what));
        }
        let declaration = SideDeclaration {
            id: id as u16,
            ..declaration
        };
        declaration.check()?;
        let body = declaration.write_to();
        let declared = self.out.record(Kind::SideStream, 0, &body)?;
        self.index.add_side_stream(&declaration, declared);
        Ok(id as u16)
    }

    /// Adds rows to a side stream, at least one: `rows` of them as Arrow IPC messages that follow the
    /// schema, whose times lie from `t_min` to `t_max`, both included.
    ///
    /// # Errors
    /// If the output cannot be written, or the stream was not added before.
    pub fn write_side_batch(
        &mut self,
        stream: u16,
        messages: &[u8],
        rows: u64,
        (t_min, t_max): (i64, i64),
    ) -> Result<()> {
        let raw_len = messages.len() as u64;
        if raw_len > MAX_BODY_LEN || t_min > t_max || rows == 0 || rows > MAX_BATCH_ROWS {
            return Err(Error::invalid(format!(
                "a side batch of {rows} rows and {raw_len} bytes from time {t_min} to {t_max}; 1 to \
                 {MAX_BATCH_ROWS} rows, at most {MAX_BODY_LEN} bytes, and times in order"
            )));
        }
        let head = SideBatchHead {
            id: stream,
            rows,
            t_min,
            t_max,
            pack: self.side_pack,
            raw_len,
        };
        match self.side_pack {
            PACK_NONE => self.copy_side_batch(&head, messages),
            _ => self.copy_side_batch(&head, &pack(messages)),
        }
    }

    /// Writes a side batch whose rows are packed already.
    pub(crate) fn copy_side_batch(&mut self, head: &SideBatchHead, packed: &[u8]) -> Result<()> {
        if usize::from(head.id) >= self.index.n_side_streams() {
            let what = format!("side stream {} was not added", head.id);
            return Err(Error::invalid(what));
        }
        let mut body = head.write_to();
        body.extend_from_slice(packed);
        let first_row = self.index.n_rows(head.id);
        let record = self.out.record(Kind::SideBatch, first_row, &body)?;
        let out = &mut self.out;
        let mut write = |kind, body: &[u8]| out.record(kind, 0, body);
        self.index.add_side_batch(head, record, &mut write)
    }

    /// Writes what is left, with the metadata known only now, and the root.
    fn complete(mut self, closing: &Metadata) -> Result<(W, String, Summary)> {
        // A recording of one chunk has its metadata in the root alone.
        let chunks = self.filling.iter().filter(|(_, f)| !f.is_empty()).count();
        if self.in_flight.is_empty() && self.index.totals().0 == 0 && chunks <= 1 {
            self.metadata_due = false;
        }
        self.write_all_chunks()?;
        self.metadata.extend(closing.clone());
        self.metadata_due = false;
        let out = &mut self.out;
        let mut write = |kind, body: &[u8]| out.record(kind, 0, body);
        self.index.close(&mut write)?;
        self.write_root(self.is_unfinished)?;
        self.out.flush()?;
        let (chunks, events) = self.index.totals();
        let summary = Summary {
            events,
            chunks,
            bytes: self.out.offset(),
        };
        let (out, place) = self.out.into_inner();
        Ok((out, place, summary))
    }

    /// Writes the events that fill no chunk yet, and those on their way.
    fn write_all_chunks(&mut self) -> Result<()> {
        for at in 0..self.filling.len() {
            if !self.filling[at].1.is_empty() {
                self.flush_chunk(at)?;
            }
        }
        while !self.in_flight.is_empty() {
            self.write_oldest()?;
        }
        Ok(())
    }

    /// Hands a filled chunk to the pool, and writes the oldest one when enough are on their way.
    fn flush_chunk(&mut self, at: usize) -> Result<()> {
        let (next, body) = self.spare.pop().unwrap_or_default();
        let (stream, filling) = &mut self.filling[at];
        let events = std::mem::replace(filling, next);
        let (codec, stream) = (self.codec, *stream);
        self.in_flight.push(move || {
            let chunk = encode(codec, stream, events.as_slice(), body);
            (chunk, events)
        });
        while self.in_flight.len() > self.max_in_flight {
            self.write_oldest()?;
        }
        Ok(())
    }

    fn write_oldest(&mut self) -> Result<()> {
        let Some((chunk, mut events)) = self.in_flight.pop() else {
            return Ok(());
        };
        self.write_chunk(&chunk)?;
        events.clear();
        self.spare.push((events, chunk.body));
        Ok(())
    }

    /// Writes a chunk that is encoded already.
    pub(crate) fn write_chunk(&mut self, chunk: &EncodedChunk) -> Result<()> {
        self.write_due_metadata()?;
        let number = self.index.n_events(chunk.head.stream);
        let (crc, body) = (chunk.body_crc, &chunk.body);
        let record = self.out.record_with_crc(Kind::Chunk, number, body, crc)?;
        let out = &mut self.out;
        let mut write = |kind, body: &[u8]| out.record(kind, 0, body);
        self.index.add_chunk(chunk, record.offset, &mut write)?;
        match &self.checkpoints {
            Some(checkpoints) if checkpoints.are_due(self.out.offset()) => self.write_checkpoint(),
            _ => Ok(()),
        }
    }

    /// Hands on all events so far, so that who reads a file while it grows finds them there: those that
    /// fill no chunk yet make a small one. Checkpoints come as often as they were told to.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.write_all_chunks()?;
        self.out.flush()
    }

    /// Puts an index behind all that was written so far, so that it can be read while the file grows,
    /// and is not lost if the process ends.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.write_all_chunks()?;
        self.write_checkpoint()
    }

    fn write_checkpoint(&mut self) -> Result<()> {
        self.write_due_metadata()?;
        let before = self.out.offset();
        self.write_root(true)?;
        self.out.flush()?;
        let after = self.out.offset();
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.made(before, after);
        }
        Ok(())
    }

    /// Adds to the metadata of the recording.
    pub(crate) fn add_metadata(&mut self, metadata: Metadata) {
        self.metadata.extend(metadata);
    }

    fn write_due_metadata(&mut self) -> Result<()> {
        match std::mem::take(&mut self.metadata_due) {
            true => self.write_metadata(),
            false => Ok(()),
        }
    }

    /// Writes a record of the metadata that are in none.
    fn write_metadata(&mut self) -> Result<()> {
        let body = write_metadata(&self.metadata).map_err(|e| e.within(self.out.place()))?;
        self.metadata_refs
            .push(self.out.record(Kind::Metadata, 0, &body)?);
        self.in_records.append(&mut self.metadata);
        Ok(())
    }

    /// Refuses metadata that no reader would take.
    fn check_metadata(&self) -> Result<()> {
        let n_streams = self.index.n_streams();
        let mut all = self.in_records.clone();
        all.extend(self.metadata.clone());
        let checked = check_size(&all, n_streams);
        checked.map_err(|e| Error::invalid(e.what()).within(self.out.place()))
    }

    fn write_root(&mut self, checkpoint: bool) -> Result<()> {
        self.check_metadata()?;
        let metadata = write_metadata(&self.metadata).map_err(|e| e.within(self.out.place()))?;
        if metadata.len() > ROOT_METADATA {
            self.write_metadata()?;
        }
        let root = Root {
            checkpoint,
            previous: self.previous,
            metadata_refs: self.metadata_refs.clone(),
            metadata: self.metadata.clone(),
            ..self.index.root()
        };
        let offset = self.out.next();
        let body = root.write_to(offset)?;
        self.out.record(Kind::Root, 0, &body)?;
        self.previous = Some(offset);
        Ok(())
    }
}

/// Refuses events whose further columns are not those of their stream.
fn check_columns(declaration: &StreamDeclaration, events: EventSlice<'_>) -> Result<()> {
    let found = events.extra.iter().map(|values| values.column_type());
    if declaration.column_types().eq(found) {
        return Ok(());
    }
    let named = |c: &ColumnDeclaration| format!("{} ({})", c.name, c.column_type());
    let names: Vec<String> = declaration.columns.iter().map(named).collect();
    let found = events.extra.iter().map(|v| v.column_type().to_string());
    let found: Vec<String> = found.collect();
    Err(Error::invalid(format!(
        "events with further columns [{}]; their stream has [{}]",
        found.join(", "),
        names.join(", ")
    )))
}

#[cfg(feature = "files")]
impl Writer<evz_core::OutputFile> {
    /// Finishes the file and gives it its name.
    ///
    /// # Errors
    /// If the output cannot be written or its name was taken meanwhile.
    pub fn finish(self, closing: &Metadata) -> Result<Summary> {
        let (out, _, summary) = self.complete(closing)?;
        out.commit()?;
        Ok(summary)
    }
}

impl Writer<BufWriter<File>> {
    /// Finishes appending; the new index is on the disk when this returns.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish_append(self, closing: &Metadata) -> Result<Summary> {
        let (out, place, summary) = self.complete(closing)?;
        out.get_ref()
            .sync_all()
            .map_err(|e| Error::io(place, "cannot write", e))?;
        Ok(summary)
    }
}

impl<W: Write> Writer<W> {
    /// Finishes a file in anything that takes bytes, and gives that back.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn finish_into(self, closing: &Metadata) -> Result<(W, Summary)> {
        let (out, _, summary) = self.complete(closing)?;
        Ok((out, summary))
    }
}
