//! Checking every byte of a file.

use evz_core::{Error, Input, Place, ReadAt, Result, parallel, read_range};

use crate::check::{Checked, check_chunk};
use crate::reader::{ReadOptions, Reader};
use crate::scan::{Found, Scan, body_at};
use crate::wire::{CRITICAL, ChunkEntry, Kind, RecordHeader, RootHead};
use crate::writer::IndexBuilder;

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
/// decodes to the events that its head and the index describe, and the sums are right. The file is
/// read, not mapped; memory is bounded by the chunks in flight.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn verify(input: Input) -> Result<VerifyReport> {
    let reader = ReadOptions::new().with_map(false).open_input(input)?;
    let report = check_records(&reader).map_err(|e| reader.blame(e))?;
    for (stream, _) in reader.side_streams()? {
        reader
            .side_batches(stream.id, None)
            .try_for_each(|b| b.map(drop))?;
    }
    Ok(report)
}

fn check_records(reader: &Reader) -> Result<VerifyReport> {
    let bytes = reader.bytes();
    let mut report = VerifyReport::default();
    let mut listed = Listed::new(reader);
    let mut sums = IndexBuilder::new(reader.header());
    let mut group = Vec::new();
    for found in Scan::new(bytes) {
        let (offset, header) = match found {
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
        report.records += 1;
        check_padding(bytes, offset, &header)?;
        if header.kind == Kind::Chunk as u16 {
            group.push((offset, header));
            if group.len() == 2 * parallel::threads() {
                check_group(bytes, &mut group, &mut listed, &mut sums)?;
            }
        } else {
            check_other(bytes, offset, &header)?;
        }
    }
    check_group(bytes, &mut group, &mut listed, &mut sums)?;
    if let Some(entry) = listed.next()? {
        let what = "the index lists a chunk here and there is none";
        return Err(Error::corrupt(Place::byte(entry.offset), what));
    }
    let lists = &reader.root().head;
    let head = RootHead {
        n_leaves: lists.n_leaves,
        n_metadata: lists.n_metadata,
        n_side: lists.n_side,
        ..sums.root().head
    };
    if head != *lists {
        return Err(Error::corrupt(
            Place::part("index root"),
            "its sums are not those of the chunks",
        ));
    }
    report.chunks = head.n_chunks;
    report.events = head.n_events;
    Ok(report)
}

/// Checks chunks on all cores, then against the index in order, and adds them to `sums`.
fn check_group(
    bytes: &dyn ReadAt,
    group: &mut Vec<(u64, RecordHeader)>,
    listed: &mut Listed<'_>,
    sums: &mut IndexBuilder,
) -> Result<()> {
    // The first chunk in the file that is wrong is named, so all are waited for.
    let checked = parallel::try_map(group, |(offset, header)| {
        Ok::<_, Error>(read_chunk(bytes, *offset, header))
    })?;
    for ((offset, _), checked) in group.drain(..).zip(checked) {
        let chunk = sums.root().head.n_chunks;
        let place = || Place::chunk(chunk).with_byte(offset);
        let checked = checked.map_err(|e| e.within(place()))?;
        if listed.next()? != Some(checked.entry) {
            return Err(Error::corrupt(place(), "the index describes it otherwise"));
        }
        sums.add_chunk(checked.entry, checked.t_last);
    }
    Ok(())
}

pub(crate) fn read_chunk(
    bytes: &dyn ReadAt,
    offset: u64,
    header: &RecordHeader,
) -> Result<Checked> {
    check_chunk(offset, header, &body_at(bytes, offset, header)?)
}

/// The checksum of a record that is no chunk.
fn check_other(bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<()> {
    let check = || {
        if Kind::from_number(header.kind).is_none() && header.flags & CRITICAL != 0 {
            let what = "a kind of record that must be understood and is not";
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        header.check(&body_at(bytes, offset, header)?)
    };
    let place = || Place::part(format!("record of kind {}", header.kind)).with_byte(offset);
    check().map_err(|e| e.within(place()))
}

fn check_padding(bytes: &dyn ReadAt, offset: u64, header: &RecordHeader) -> Result<()> {
    let end = offset + RecordHeader::ENCODED_SIZE as u64 + header.body_len;
    let next = offset + header.record_len().unwrap_or(0);
    let padding = read_range(bytes, end, next.saturating_sub(end))?;
    if padding.iter().any(|b| *b != 0) {
        return Err(Error::corrupt(Place::byte(end), "padding that is not zero"));
    }
    Ok(())
}

/// The chunks as the index lists them.
struct Listed<'a> {
    reader: &'a Reader,
    leaf: usize,
    at: usize,
}

impl<'a> Listed<'a> {
    fn new(reader: &'a Reader) -> Self {
        Self {
            reader,
            leaf: 0,
            at: 0,
        }
    }

    fn next(&mut self) -> Result<Option<ChunkEntry>> {
        while self.leaf < self.reader.root().leaves.len() {
            if let Some(entry) = self.reader.leaf(self.leaf)?.entries.get(self.at) {
                self.at += 1;
                return Ok(Some(*entry));
            }
            self.leaf += 1;
            self.at = 0;
        }
        Ok(None)
    }
}
