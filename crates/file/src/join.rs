//! Files one behind the other, chunk by chunk as they are.

use std::io::Write;

#[cfg(feature = "files")]
use evz_core::Metadata;
use evz_core::{Error, Place, Result};

use crate::check::whole_chunk;
use crate::index::Sought;
use crate::reader::Reader;
use crate::scan::body_at;
use crate::wire::{
    Bins, ChunkEntry, Kind, RecordHeader, SideBatchHead, SideDeclaration, StreamDeclaration,
};
use crate::writer::{EncodedChunk, Writer};
#[cfg(feature = "files")]
use crate::writer::{Summary, WriteOptions};

/// Joins files into the new file `output`, as [`join_into`] does. It has the metadata of all; where two
/// differ, those of the file that stands first.
///
/// # Errors
/// As [`join_into`], and if the output exists and may not be replaced.
#[cfg(feature = "files")]
pub fn join(
    files: &[Reader],
    output: impl AsRef<std::path::Path>,
    options: WriteOptions,
) -> Result<Summary> {
    let info = files.first().ok_or_else(nothing)?.info().clone();
    let info = info.with_metadata(metadata_of(files));
    let mut writer = options.create(output, &info)?;
    join_into(files, &mut writer)?;
    writer.finish(&Metadata::new())
}

fn nothing() -> Error {
    Error::invalid("no file to join")
}

/// Adds the event streams and the side streams of files to a new one, one file behind the other. Chunks
/// are copied as they are, each with its checksums looked at, and none is decoded. A stream goes on
/// that of the same number, a side stream that of the same name and schema.
///
/// # Errors
/// If the files differ in time base, clock, or the further columns of a stream, or one is damaged, or
/// the output cannot be written.
pub fn join_into<W: Write>(files: &[Reader], writer: &mut Writer<W>) -> Result<()> {
    let first = files.first().ok_or_else(nothing)?;
    let mut side = Vec::new();
    for file in files {
        let (here, there) = (file.info(), first.info());
        if (here.time_base, here.clock) != (there.time_base, there.clock) {
            let what = format!(
                "{}: it counts {} and the first one {}, or by another clock",
                file.name(),
                here.time_base,
                there.time_base
            );
            return Err(Error::invalid(what).advise("convert one of them first"));
        }
        file.check_has_events()?;
        join_events(file, writer).map_err(|e| file.blame(e))?;
        join_side(file, writer, &mut side).map_err(|e| file.blame(e))?;
    }
    Ok(())
}

/// The metadata of all: of a key that of the first file that has it.
#[cfg(feature = "files")]
fn metadata_of(files: &[Reader]) -> Metadata {
    let mut metadata = Metadata::new();
    for file in files {
        for (key, value) in file.metadata() {
            metadata.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    metadata
}

fn join_events<W: Write>(file: &Reader, writer: &mut Writer<W>) -> Result<()> {
    for (stream, stem) in file.streams().iter().zip(&file.index().streams) {
        stream_like(&stream.declaration, writer)?;
        for leaf in file.walk(stem, Sought::default()) {
            let leaf = leaf?;
            let activity = file.activity_of(&leaf)?;
            for (k, entry) in leaf.entries.iter().enumerate() {
                let number = leaf.first_item + k as u64;
                let bins = activity.as_ref().map(|bins| bins[k]);
                writer.write_chunk(&chunk_as_it_is(file, entry, number, bins)?)?;
            }
        }
    }
    Ok(())
}

/// The chunk of an entry with its checksums looked at, not decoded.
pub(crate) fn chunk_as_it_is(
    file: &Reader,
    entry: &ChunkEntry,
    number: u64,
    activity: Option<Bins>,
) -> Result<EncodedChunk> {
    let copy = || {
        let (header, body) = record(file, entry.offset, Kind::Chunk)?;
        let chunk = whole_chunk(&header, body, activity)?;
        let lens = chunk.columns.iter().map(|c| c.len).collect();
        let found = ChunkEntry::new(&chunk.head, lens, entry.offset, header.number);
        match found == *entry {
            true => Ok(chunk),
            false => Err(Error::corrupt("", "the index describes another chunk")),
        }
    };
    copy().map_err(|e| e.within(Place::chunk(number).with_byte(entry.offset)))
}

/// Sees that the new file has a stream that this one can go on.
fn stream_like<W: Write>(stream: &StreamDeclaration, writer: &mut Writer<W>) -> Result<()> {
    match writer.stream(stream.id) {
        None => writer.add_stream(stream.clone()).map(drop),
        Some(there) if there.is_plain() && writer.n_events(0) == 0 && stream.id == 0 => {
            match stream.is_plain() {
                true => Ok(()),
                false => writer.declare(stream.clone()),
            }
        }
        Some(there) if there.columns == stream.columns => Ok(()),
        Some(_) => {
            let what = format!("event stream {} has other further columns here", stream.id);
            Err(Error::invalid(what))
        }
    }
}

/// Side streams of the new file with their numbers there.
type SideStreams = Vec<(SideDeclaration, u16)>;

fn join_side<W: Write>(
    file: &Reader,
    writer: &mut Writer<W>,
    known: &mut SideStreams,
) -> Result<()> {
    for (position, stream) in file.side_streams().iter().enumerate() {
        let declaration = SideDeclaration {
            id: 0,
            ..file.side_declaration(stream)?
        };
        let id = match known.iter().find(|(there, _)| *there == declaration) {
            Some((_, id)) => *id,
            None => {
                let id = writer.add_side_stream(declaration.clone())?;
                known.push((declaration, id));
                id
            }
        };
        for leaf in file.walk(&file.index().side[position], Sought::default()) {
            for entry in &leaf?.entries {
                let (header, body) = record(file, entry.offset, Kind::SideBatch)?;
                if header.body_crc != entry.body_crc {
                    let what = "the index describes another batch";
                    return Err(Error::corrupt(Place::byte(entry.offset), what));
                }
                header.check(&body)?;
                let (head, packed) = SideBatchHead::read_from(&body)?;
                writer.copy_side_batch(&SideBatchHead { id, ..head }, packed)?;
            }
        }
    }
    Ok(())
}

fn record(file: &Reader, offset: u64, kind: Kind) -> Result<(RecordHeader, Vec<u8>)> {
    let bytes = evz_core::read_range(file.bytes(), offset, RecordHeader::ENCODED_SIZE as u64)?;
    let header = RecordHeader::read_from(&bytes).filter(|h| h.kind == kind as u16);
    let header = header.ok_or_else(|| Error::corrupt("", format!("no {kind:?} record")))?;
    let body = body_at(file.bytes(), offset, &header)?;
    Ok((header, body))
}
