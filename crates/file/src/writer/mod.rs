//! Writing a file in one pass.

mod chunk;
mod index_builder;
mod options;
mod side;
mod sink;

use std::fs::File;
use std::io::{BufWriter, Write};

use evz_codec::Codec;
use evz_core::{Error, EventBatch, EventSlice, Metadata, Result, StreamInfo, parallel};

pub(crate) use chunk::{EncodedChunk, activity, entry, min_max};
pub(crate) use index_builder::IndexBuilder;
pub use options::{DEFAULT_CHUNK_EVENTS, WriteOptions, profiles};
pub(crate) use side::SideWriter;
pub use sink::EvzSink;

use self::chunk::encode;
use crate::forever::ALIGNMENT;
use crate::limits::MAX_BODY_LEN;
use crate::packing::pack;
use crate::wire::{
    ChunkEntry, FileHeader, Kind, RecordHeader, SideBatchHead, SideStream, Tail, crc,
    write_metadata,
};

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
    out: W,
    place: String,
    offset: u64,
    codec: &'static dyn Codec,
    chunk_events: usize,
    filling: EventBatch,
    in_flight: parallel::InOrder<(EncodedChunk, EventBatch)>,
    max_in_flight: usize,
    /// Buffers of chunks that were written, to be filled again: fresh ones would cost a page fault
    /// every 4 kB.
    spare: Vec<(EventBatch, Vec<u8>)>,
    next_event: u64,
    index: IndexBuilder,
}

impl<W: Write> Writer<W> {
    fn start(options: WriteOptions, out: W, place: String, info: &StreamInfo) -> Result<Self> {
        let header = FileHeader::new(info.time_base, info.size);
        let mut writer = Self::at(options, out, place, IndexBuilder::new(&header), 0);
        writer.write_bytes(&header.write_to())?;
        writer.write_metadata(&info.metadata)?;
        Ok(writer)
    }

    fn at(options: WriteOptions, out: W, place: String, index: IndexBuilder, offset: u64) -> Self {
        let chunk_events = options.chunk_events as usize;
        Self {
            out,
            place,
            offset,
            codec: options.codec,
            chunk_events,
            filling: EventBatch::with_capacity(chunk_events),
            in_flight: Default::default(),
            max_in_flight: 2 * parallel::threads() + 2,
            spare: Vec::new(),
            next_event: index.n_events(),
            index,
        }
    }

    /// Adds events.
    ///
    /// # Errors
    /// If the output cannot be written, the columns differ in length, or a polarity is neither 0
    /// nor 1.
    pub fn write_batch(&mut self, mut events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        while !events.is_empty() {
            let room = self.chunk_events - self.filling.len();
            let taken = room.min(events.len());
            self.filling.extend(events.slice(0..taken));
            events = events.slice(taken..events.len());
            if self.filling.len() == self.chunk_events {
                self.flush_chunk()?;
            }
        }
        Ok(())
    }

    /// Adds a side stream; its batches name it by the number returned.
    ///
    /// # Errors
    /// If the output cannot be written.
    pub fn add_side_stream(&mut self, name: &str) -> Result<u32> {
        let stream = SideStream {
            id: self.index.next_side_stream(),
            name: name.to_owned(),
        };
        let (offset, body_len) = self.write_record(Kind::SideStream, &stream.write_to())?;
        self.index.add_side_stream(offset, body_len, stream.id);
        Ok(stream.id)
    }

    /// Adds rows to a side stream: a table as an Arrow IPC stream, `rows` long, whose times lie
    /// from `t_min` to `t_max`, both included.
    ///
    /// # Errors
    /// If the output cannot be written, or the stream was not added before.
    pub fn write_side_batch(
        &mut self,
        stream: u32,
        arrow_ipc: &[u8],
        rows: u64,
        (t_min, t_max): (i64, i64),
    ) -> Result<()> {
        if stream >= self.index.next_side_stream() {
            return Err(Error::invalid(format!(
                "side stream {stream} was not added"
            )));
        }
        if arrow_ipc.len() as u64 > MAX_BODY_LEN || t_min > t_max {
            return Err(Error::invalid(format!(
                "a side batch of {} bytes from time {t_min} to {t_max}; at most {MAX_BODY_LEN} bytes, \
                 and times in order: write several",
                arrow_ipc.len()
            )));
        }
        let head = SideBatchHead {
            stream,
            reserved: 0,
            rows,
            t_min,
            t_max,
            raw_len: arrow_ipc.len() as u64,
        };
        let mut body = head.write_to();
        body.extend_from_slice(&pack(arrow_ipc));
        let (offset, body_len) = self.write_record(Kind::SideBatch, &body)?;
        self.index.add_side_batch(offset, body_len, &head);
        Ok(())
    }

    /// Writes a side batch whose body, head and compressed rows, is there already.
    pub(crate) fn copy_side_batch(&mut self, head: SideBatchHead, body: &[u8]) -> Result<()> {
        let mut copy = head.write_to();
        copy.extend_from_slice(&body[SideBatchHead::ENCODED_SIZE..]);
        let (offset, body_len) = self.write_record(Kind::SideBatch, &copy)?;
        self.index.add_side_batch(offset, body_len, &head);
        Ok(())
    }

    /// Writes what is left, the metadata known only now, and the index.
    ///
    /// # Errors
    /// If the output cannot be written.
    fn complete(mut self, closing: &Metadata) -> Result<(W, String, Summary)> {
        if !self.filling.is_empty() {
            self.flush_chunk()?;
        }
        while !self.in_flight.is_empty() {
            self.write_oldest()?;
        }
        self.write_metadata(closing)?;
        self.write_leaf()?;
        let root = self.index.root().write_to();
        let (root_offset, root_len) = self.write_record(Kind::IndexRoot, &root)?;
        let file_len = self.offset + ALIGNMENT;
        self.write_record(
            Kind::Tail,
            &Tail::new(root_offset, root_len, file_len).write_to(),
        )?;
        self.out
            .flush()
            .map_err(|e| Error::io(&self.place, "cannot write", e))?;
        let summary = Summary {
            events: self.index.root().head.n_events,
            chunks: self.index.root().head.n_chunks,
            bytes: self.offset,
        };
        Ok((self.out, self.place, summary))
    }

    /// Hands the filled chunk to the pool, and writes the oldest one when enough are on their way.
    fn flush_chunk(&mut self) -> Result<()> {
        let (next, body) = self.spare.pop().unwrap_or_default();
        let events = std::mem::replace(&mut self.filling, next);
        let (codec, first_event) = (self.codec, self.next_event);
        self.next_event += events.len() as u64;
        self.in_flight.push(move || {
            let chunk = encode(codec, first_event, events.as_slice(), body);
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
        let header = RecordHeader::new(Kind::Chunk, chunk.body.len() as u64, chunk.body_crc);
        let entry = ChunkEntry {
            offset: self.offset,
            ..chunk.entry
        };
        self.write_with_header(&header, &chunk.body)?;
        self.index.add_chunk(entry, chunk.t_last);
        if self.index.leaf_is_full() {
            self.write_leaf()?;
        }
        Ok(())
    }

    fn write_leaf(&mut self) -> Result<()> {
        if let Some(body) = self.index.leaf_body() {
            let (offset, body_len) = self.write_record(Kind::IndexLeaf, &body)?;
            self.index.end_leaf(offset, body_len);
        }
        Ok(())
    }

    /// Number of the next event.
    pub(crate) fn n_events(&self) -> u64 {
        self.index.n_events()
    }

    pub(crate) fn write_metadata(&mut self, metadata: &Metadata) -> Result<()> {
        if !metadata.is_empty() {
            let body = write_metadata(metadata).map_err(|e| e.within(&self.place))?;
            let (offset, body_len) = self.write_record(Kind::Metadata, &body)?;
            self.index.add_metadata(offset, body_len);
        }
        Ok(())
    }

    /// Writes a record; returns where it starts and the length of its body.
    fn write_record(&mut self, kind: Kind, body: &[u8]) -> Result<(u64, u64)> {
        let offset = self.offset;
        self.write_with_header(&RecordHeader::new(kind, body.len() as u64, crc(body)), body)?;
        Ok((offset, body.len() as u64))
    }

    fn write_with_header(&mut self, header: &RecordHeader, body: &[u8]) -> Result<()> {
        self.write_bytes(&header.write_to())?;
        self.write_bytes(body)?;
        let padding = self.offset.next_multiple_of(ALIGNMENT) - self.offset;
        self.write_bytes(&[0; ALIGNMENT as usize][..padding as usize])
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> Result<()> {
        self.out
            .write_all(bytes)
            .map_err(|e| Error::io(&self.place, "cannot write", e))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }
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
