//! Files one behind the other, chunk by chunk as they are.

use std::io::Write;

#[cfg(feature = "files")]
use evz_core::Metadata;
use evz_core::{Error, Loss, LossKind, Note, Place, Report, Result};

use crate::check::whole_chunk;
use crate::check_side::{check_batch, check_declaration};
use crate::index::Sought;
use crate::join_alike::{check_alike, notes_of_metadata, other_columns};
use crate::reader::Reader;
use crate::scan::body_at;
use crate::wire::{
    BatchEntry, Bins, ChunkEntry, Kind, RecordHeader, RecordRef, SideBatchHead, SideDeclaration,
    StreamDeclaration,
};
use crate::writer::{EncodedChunk, Writer};
#[cfg(feature = "files")]
use crate::writer::{Summary, WriteOptions};

/// What came of joining files.
#[cfg(feature = "files")]
#[derive(Debug, Clone, PartialEq)]
pub struct Joined {
    /// What the new file holds.
    pub saved: Summary,
    /// What there is to say of the files that it is made of.
    pub report: Report,
}

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
) -> Result<Joined> {
    let first = files.first();
    let first = first.ok_or_else(|| Error::invalid("no file to join"))?;
    let info = first.info().clone().with_metadata(metadata_of(files));
    let mut writer = options.create(output, &info)?;
    let report = join_into(files, &mut writer)?;
    let saved = writer.finish(&Metadata::new())?;
    Ok(Joined { saved, report })
}

/// Adds the event streams and the side streams of files to a new one, one file behind the other. A stream
/// goes on that of the same number, a side stream that of the same name and schema. Chunks are copied as they
/// are, each with its checksums and what the index says of it looked at; they are not decoded, so a chunk that
/// lies of its own events does so in the new file, where [`verify`](crate::verify) finds it. Batches of side
/// streams, which are small, are looked at whole. A damaged record of activity is made anew.
///
/// # Errors
/// If the files differ in time base, clock, or the sensor or further columns of a stream, or one is a pack or
/// damaged, or the output cannot be written.
pub fn join_into<W: Write>(files: &[Reader], writer: &mut Writer<W>) -> Result<Report> {
    check_alike(files)?;
    let mut report = Report {
        notes: notes_of_metadata(files),
        ..Report::default()
    };
    let mut side = Vec::new();
    for file in files {
        join_events(file, writer, &mut report).map_err(|e| file.blame(e))?;
        join_side(file, writer, &mut side).map_err(|e| file.blame(e))?;
        say_how_it_ends(file, &mut report);
    }
    for pair in files.windows(2) {
        let (before, after) = (pair[0].summary().span, pair[1].summary().span);
        if before.n_rows > 0 && after.n_rows > 0 && after.t_min < before.t_max {
            let (before, after) = (pair[0].name(), pair[1].name());
            let what = format!("times run backwards from {before} to {after}");
            report.notes.push(Note::Other(what));
        }
    }
    Ok(report)
}

/// What a file does not hold to its end; events out of order are those of the output.
fn say_how_it_ends(file: &Reader, report: &mut Report) {
    let Some(behind) = file.unfinished() else {
        return;
    };
    let name = file.name();
    report
        .notes
        .push(Note::Other(format!("{name}: {}", Note::Unfinished)));
    if behind > 0 {
        let what = format!("bytes of {name} behind its last whole record");
        report.add_loss(Loss::new(LossKind::CutOff, what, behind));
    }
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

fn join_events<W: Write>(file: &Reader, writer: &mut Writer<W>, report: &mut Report) -> Result<()> {
    let streams = (0..).map_while(|position| file.of_stream(position));
    for (stream, file) in file.streams().iter().zip(streams) {
        stream_like(&file, &stream.declaration, writer)?;
        for leaf in file.walk(file.stem(), Sought::default()) {
            let leaf = leaf?;
            let known = file.activity_if_whole(&leaf)?;
            for (k, entry) in leaf.entries.iter().enumerate() {
                let number = leaf.first_item + k as u64;
                let bins = file.activity_to_copy(&leaf, known.as_deref(), k)?;
                writer.write_chunk(&chunk_as_it_is(&file, entry, number, bins)?)?;
            }
        }
        file.lost_activity()
            .into_iter()
            .for_each(|loss| report.add_loss(loss));
    }
    Ok(())
}

/// The chunk of an entry of the event stream of `file` with its checksums looked at, not decoded.
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
        // An entry does not say of which stream its chunk is: it stands in the tree of that.
        match found == *entry && usize::from(chunk.head.stream) == file.stream() {
            true => Ok(chunk),
            false => Err(Error::corrupt("", "the index describes another chunk")),
        }
    };
    copy().map_err(|e| e.within(Place::chunk(number).with_byte(entry.offset)))
}

/// Sees that the new file has a stream that this one of `file` can go on.
fn stream_like<W: Write>(
    file: &Reader,
    stream: &StreamDeclaration,
    writer: &mut Writer<W>,
) -> Result<()> {
    match writer.stream(stream.id) {
        None => writer.add_stream(stream.clone()).map(drop),
        Some(there) if there.is_plain() && writer.n_events(0) == 0 && stream.id == 0 => {
            match stream.is_plain() {
                true => Ok(()),
                false => writer.declare(stream.clone()),
            }
        }
        Some(there) if there.columns == stream.columns => Ok(()),
        Some(there) => Err(other_columns(file, stream, there)),
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
        check_declaration(&declaration, file.info().time_base)
            .map_err(|e| e.within(Place::part("side stream").with_byte(stream.declared.offset)))?;
        let id = match known.iter().find(|(there, _)| *there == declaration) {
            Some((_, id)) => *id,
            None => {
                let id = writer.add_side_stream(declaration.clone())?;
                known.push((declaration.clone(), id));
                id
            }
        };
        for leaf in file.walk(&file.index().side[position], Sought::default()) {
            for entry in &leaf?.entries {
                let body = whole_batch(file, &declaration, entry)
                    .map_err(|e| e.within(Place::part("side batch").with_byte(entry.offset)))?;
                let (head, packed) = SideBatchHead::read_from(&body)?;
                writer.copy_side_batch(&SideBatchHead { id, ..head }, packed)?;
            }
        }
    }
    Ok(())
}

/// The body of a batch whose rows are what its head and the index say of them.
fn whole_batch(file: &Reader, stream: &SideDeclaration, entry: &BatchEntry) -> Result<Vec<u8>> {
    let (header, body) = record(file, entry.offset, Kind::SideBatch)?;
    header.check(&body)?;
    let (head, packed) = SideBatchHead::read_from(&body)?;
    let found = BatchEntry::new(&head, RecordRef::new(entry.offset, &header), header.number);
    if found != *entry {
        return Err(Error::corrupt("", "the index describes another batch"));
    }
    check_batch(stream, &head, packed)?;
    Ok(body)
}

fn record(file: &Reader, offset: u64, kind: Kind) -> Result<(RecordHeader, Vec<u8>)> {
    let bytes = evz_core::read_range(file.bytes(), offset, RecordHeader::ENCODED_SIZE as u64)?;
    let header = RecordHeader::read_from(&bytes).filter(|h| h.kind == kind as u16);
    let header = header.ok_or_else(|| Error::corrupt("", format!("no {kind:?} record")))?;
    let body = body_at(file.bytes(), offset, &header)?;
    Ok((header, body))
}
