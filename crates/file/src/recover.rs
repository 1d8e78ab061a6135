//! Saving what is whole of a damaged file.

use std::io::Write;

use evz_core::{
    Error, ErrorKind, Input, Metadata, Output, ReadAt, Result, SensorSize, StreamInfo, TimeBase,
    read_range,
};

use crate::forever::ALIGNMENT;
use crate::reader::unpacked;
use crate::scan::{Found, Scan, body_at};
use crate::verify::read_chunk;
use crate::wire::{
    ChunkEntry, ChunkHead, FileHeader, IndexRoot, Kind, RecordHeader, SideBatchHead, SideStream,
    crc, read_metadata,
};
use crate::writer::{EncodedChunk, Summary, WriteOptions, Writer};

/// What was saved, and what was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverReport {
    /// What the new file holds.
    pub saved: Summary,
    /// What was left behind, one line each, with the place.
    pub lost: Vec<String>,
    /// Events that are known to be missing: gaps in the numbering of the chunks. What stood behind
    /// the end of a cut file is not known.
    pub events_missing: u64,
}

/// Copies every whole chunk, side record and metadata record of `input` into the new file `output`,
/// and gives it a new index. Chunks are copied as they are; only the numbering of their events closes
/// up. If anything is lost, `if_lost` overrides metadata that is true of the whole recording alone.
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
        let mut salvage = Salvage {
            bytes,
            name: &self.name,
            writer,
            lost: self.lost.clone(),
            events_missing: 0,
            next_event: 0,
            streams: Vec::new(),
        };
        for found in Scan::new(bytes) {
            salvage.take(found)?;
        }
        if !ends_whole(bytes) {
            let what = format!("byte {}: the file ends without its index", bytes.len());
            salvage.lost.push(what);
        }
        let found = Salvaged {
            lost: salvage.lost,
            events_missing: salvage.events_missing,
        };
        Ok((salvage.writer, found))
    }
}

impl Salvaged {
    fn closing<'a>(&self, if_lost: &'a Metadata) -> &'a Metadata {
        static NOTHING: Metadata = Metadata::new();
        if self.lost.is_empty() {
            &NOTHING
        } else {
            if_lost
        }
    }

    fn report(self, saved: Summary) -> RecoverReport {
        RecoverReport {
            saved,
            lost: self.lost,
            events_missing: self.events_missing,
        }
    }
}

struct Salvage<'a, W> {
    bytes: &'a dyn ReadAt,
    /// What the damaged file is called.
    name: &'a str,
    writer: Writer<W>,
    lost: Vec<String>,
    events_missing: u64,
    /// Number that the next chunk of the damaged file should start with.
    next_event: u64,
    /// Numbers of the side streams, there and here.
    streams: Vec<(u32, u32)>,
}

impl<W: Write> Salvage<'_, W> {
    /// Saves what was found, or notes why not. An error is one of the output.
    fn take(&mut self, found: Found) -> Result<()> {
        match found {
            Found::Record { offset, header } => self.take_record(offset, &header),
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
            Some(Kind::Chunk) => self.take_chunk(offset, header),
            Some(Kind::IndexLeaf | Kind::IndexRoot | Kind::Tail) => Ok(()),
            Some(kind) => body_at(self.bytes, offset, header).and_then(|body| {
                header.check(&body)?;
                self.take_other(kind, &body)
            }),
            None => Err(Error::unsupported("", "not known to this evz")),
        };
        match saved {
            // What cannot be read is named by its byte, what cannot be written by the output.
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

    fn take_chunk(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let checked = read_chunk(self.bytes, offset, header)?;
        self.events_missing += checked.head.first_event.saturating_sub(self.next_event);
        self.next_event = checked
            .head
            .first_event
            .saturating_add(checked.head.n_events.into());

        let mut body = body_at(self.bytes, offset, header)?;
        let (head_bytes, payload) = body.split_at_mut(ChunkHead::ENCODED_SIZE);
        let first_event = self.writer.n_events();
        let head = ChunkHead {
            first_event,
            ..checked.head
        };
        head_bytes.copy_from_slice(&head.write_to(payload));
        let entry = ChunkEntry {
            first_event,
            ..checked.entry
        };
        let body_crc = crc(&body);
        self.writer.write_chunk(&EncodedChunk {
            body,
            body_crc,
            entry,
            t_last: checked.t_last,
        })
    }

    fn take_other(&mut self, kind: Kind, body: &[u8]) -> Result<()> {
        match kind {
            Kind::Metadata => self.writer.write_metadata(&read_metadata(body)?),
            Kind::SideStream => {
                let stream = SideStream::read_from(body)?;
                self.streams
                    .push((stream.id, self.writer.add_side_stream(&stream.name)?));
                Ok(())
            }
            _ => {
                let head = SideBatchHead::read_from(body)
                    .ok_or_else(|| Error::corrupt("", "shorter than its head"))?;
                let (_, stream) = self
                    .streams
                    .iter()
                    .find(|(old, _)| *old == head.stream)
                    .ok_or_else(|| Error::corrupt("", "the name of its stream is lost"))?;
                // What is saved must be whole.
                unpacked(&head, body)?;
                self.writer.copy_side_batch(
                    SideBatchHead {
                        stream: *stream,
                        ..head
                    },
                    body,
                )
            }
        }
    }
}

fn record_name(header: &RecordHeader) -> String {
    match Kind::from_number(header.kind) {
        Some(kind) => format!("{kind:?} record"),
        None => format!("record of kind {}", header.kind),
    }
}

/// Time base and sensor, from the header or, where that is damaged, from the root of the index.
fn stream_info(bytes: &dyn ReadAt, lost: &mut Vec<String>) -> Result<StreamInfo> {
    let head_len = bytes.len().min(FileHeader::ENCODED_SIZE as u64);
    let head = read_range(bytes, 0, head_len)?;
    let (time_base, size) = match FileHeader::read_from(&head) {
        Ok(header) => (header.time_base(), header.size()),
        Err(error) => {
            let Some((time_base, size)) = from_root(bytes) else {
                return Err(error);
            };
            lost.push(format!(
                "{error}; time base and sensor taken from the index"
            ));
            (time_base, size)
        }
    };
    Ok(StreamInfo {
        time_base,
        size,
        metadata: Metadata::new(),
    })
}

fn from_root(bytes: &dyn ReadAt) -> Option<(TimeBase, Option<SensorSize>)> {
    let root = Scan::new(bytes)
        .filter_map(|found| match found {
            Found::Record { offset, header } if header.kind == Kind::IndexRoot as u16 => {
                let body = body_at(bytes, offset, &header).ok()?;
                header.check(&body).ok()?;
                IndexRoot::read_from(&body).ok()
            }
            _ => None,
        })
        .last()?;
    let (width, height) = (root.head.width, root.head.height);
    let size = (width > 0 && height > 0).then_some(SensorSize { width, height });
    Some((TimeBase::from_nanoseconds(root.head.time_base_ns)?, size))
}

/// Whether the last record is a tail.
fn ends_whole(bytes: &dyn ReadAt) -> bool {
    let at = bytes.len().saturating_sub(ALIGNMENT);
    read_range(bytes, at, RecordHeader::ENCODED_SIZE as u64)
        .ok()
        .and_then(|b| RecordHeader::read_from(&b))
        .is_some_and(|h| h.kind == Kind::Tail as u16)
}
