//! Saving what is whole of a damaged file.

use std::path::Path;

use evz_core::{Error, Metadata, Result, SensorSize, StreamInfo, TimeBase};

use crate::chunk::EncodedChunk;
use crate::forever::ALIGNMENT;
use crate::output::OutputFile;
use crate::read::{ReadOptions, read_body};
use crate::scan::{Found, Scan};
use crate::storage::{Storage, read_range};
use crate::verify::read_chunk;
use crate::wire::{
    ChunkEntry, ChunkHead, FileHeader, IndexRoot, Kind, RecordHeader, SideBatchHead, SideStream,
    crc, read_metadata,
};
use crate::write::{Summary, WriteOptions, Writer};

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

/// Copies every whole chunk, side record and metadata record of `input` into a new file, and gives
/// it a new index. Chunks are copied as they are; only the numbering of their events closes up. If
/// anything is lost, `if_lost` overrides metadata that is true of the whole recording alone.
///
/// # Errors
/// If `input` cannot be read or is no evz file, or `output` cannot be written.
pub fn recover(
    input: impl AsRef<Path>,
    output: impl AsRef<Path>,
    options: WriteOptions,
    if_lost: &Metadata,
) -> Result<RecoverReport> {
    let input = input.as_ref();
    let storage = ReadOptions::new().with_map(false).storage(input)?;
    let mut lost = Vec::new();
    let info = stream_info(&*storage, &mut lost).map_err(|e| e.within(input.display()))?;
    let writer = options.create(output, &info)?;
    let mut salvage = Salvage {
        storage: &*storage,
        writer,
        lost,
        events_missing: 0,
        next_event: 0,
        streams: Vec::new(),
    };
    for found in Scan::new(&*storage) {
        salvage.take(found)?;
    }
    if !ends_whole(&*storage) {
        salvage.lost.push(format!(
            "byte {}: the file ends without its index",
            storage.len()
        ));
    }
    let Salvage {
        writer,
        lost,
        events_missing,
        ..
    } = salvage;
    let closing = if lost.is_empty() {
        &Metadata::new()
    } else {
        if_lost
    };
    Ok(RecoverReport {
        saved: writer.finish(closing)?,
        lost,
        events_missing,
    })
}

struct Salvage<'a> {
    storage: &'a dyn Storage,
    writer: Writer<OutputFile>,
    lost: Vec<String>,
    events_missing: u64,
    /// Number that the next chunk of the damaged file should start with.
    next_event: u64,
    /// Numbers of the side streams, there and here.
    streams: Vec<(u32, u32)>,
}

impl Salvage<'_> {
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
                let (n, name) = (self.storage.len() - offset, record_name(&header));
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
            Some(kind) => read_body(self.storage, kind, offset, header.body_len)
                .and_then(|body| self.take_other(kind, &body)),
            None => Err(Error::unsupported("", "not known to this evz")),
        };
        match saved {
            Err(error @ Error::Io { .. }) => Err(error),
            Err(error) => {
                self.lost
                    .push(format!("byte {offset}: {}: {error}", record_name(header)));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn take_chunk(&mut self, offset: u64, header: &RecordHeader) -> Result<()> {
        let checked = read_chunk(self.storage, offset, header)?;
        self.events_missing += checked.head.first_event.saturating_sub(self.next_event);
        self.next_event = checked
            .head
            .first_event
            .saturating_add(checked.head.n_events.into());

        let start = offset + RecordHeader::ENCODED_SIZE as u64;
        let mut body = read_range(self.storage, start, header.body_len)?.into_owned();
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
fn stream_info(storage: &dyn Storage, lost: &mut Vec<String>) -> Result<StreamInfo> {
    let head_len = storage.len().min(FileHeader::ENCODED_SIZE as u64);
    let bytes = read_range(storage, 0, head_len)?;
    let (time_base, size) = match FileHeader::read_from(&bytes) {
        Ok(header) => (header.time_base(), header.size()),
        Err(error) => {
            let Some((time_base, size)) = from_root(storage) else {
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

fn from_root(storage: &dyn Storage) -> Option<(TimeBase, Option<SensorSize>)> {
    let root = Scan::new(storage)
        .filter_map(|found| match found {
            Found::Record { offset, header } if header.kind == Kind::IndexRoot as u16 => {
                let body = read_body(storage, Kind::IndexRoot, offset, header.body_len).ok()?;
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
fn ends_whole(storage: &dyn Storage) -> bool {
    let at = storage.len().saturating_sub(ALIGNMENT);
    read_range(storage, at, RecordHeader::ENCODED_SIZE as u64)
        .ok()
        .and_then(|b| RecordHeader::read_from(&b))
        .is_some_and(|h| h.kind == Kind::Tail as u16)
}
