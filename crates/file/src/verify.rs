//! Checking every byte of a file.

use std::path::Path;

use evz_core::{Error, Result};
use rayon::prelude::*;

use crate::check::{Checked, check_chunk};
use crate::index_builder::IndexBuilder;
use crate::limits::MAX_BODY_LEN;
use crate::read::{ReadOptions, Reader};
use crate::scan::{Found, Scan};
use crate::storage::{Storage, read_range};
use crate::wire::{ChunkEntry, Kind, RecordHeader, RootHead, crc};

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
pub fn verify(path: impl AsRef<Path>) -> Result<VerifyReport> {
    let reader = ReadOptions::new().with_map(false).open(path)?;
    let report = check_records(&reader).map_err(|e| reader.blame(e))?;
    for (stream, _) in reader.side_streams()? {
        reader
            .side_batches(stream.id, None)
            .try_for_each(|b| b.map(drop))?;
    }
    Ok(report)
}

fn check_records(reader: &Reader) -> Result<VerifyReport> {
    let storage = reader.storage();
    let mut report = VerifyReport::default();
    let mut listed = Listed::new(reader);
    let mut sums = IndexBuilder::new(reader.header());
    let mut group = Vec::new();
    for found in Scan::new(storage) {
        let (offset, header) = match found {
            Found::Record { offset, header } => (offset, header),
            Found::Gap { offset, len } => {
                let what = format!("{len} bytes that are no record; `evz recover` saves the rest");
                return Err(Error::corrupt(format!("byte {offset}"), what));
            }
            Found::Cut { offset, .. } => {
                let what = "a record longer than the file; `evz recover` saves what is whole";
                return Err(Error::insufficient(format!("byte {offset}"), what));
            }
        };
        report.records += 1;
        check_padding(storage, offset, &header)?;
        if header.kind == Kind::Chunk as u16 {
            group.push((offset, header));
            if group.len() == 2 * rayon::current_num_threads() {
                check_group(storage, &mut group, &mut listed, &mut sums)?;
            }
        } else {
            check_other(storage, offset, &header)?;
        }
    }
    check_group(storage, &mut group, &mut listed, &mut sums)?;
    if let Some(entry) = listed.next()? {
        let what = "the index lists a chunk here and there is none";
        return Err(Error::corrupt(format!("byte {}", entry.offset), what));
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
            "index root",
            "its sums are not those of the chunks",
        ));
    }
    report.chunks = head.n_chunks;
    report.events = head.n_events;
    Ok(report)
}

/// Checks chunks on all cores, then against the index in order, and adds them to `sums`.
fn check_group(
    storage: &dyn Storage,
    group: &mut Vec<(u64, RecordHeader)>,
    listed: &mut Listed<'_>,
    sums: &mut IndexBuilder,
) -> Result<()> {
    let checked: Vec<(u64, Result<Checked>)> = group
        .par_drain(..)
        .map(|(offset, header)| (offset, read_chunk(storage, offset, &header)))
        .collect();
    for (offset, checked) in checked {
        let chunk = sums.root().head.n_chunks;
        let place = || format!("chunk {chunk} at byte {offset}");
        let checked = checked.map_err(|e| e.within(place()))?;
        if listed.next()? != Some(checked.entry) {
            return Err(Error::corrupt(place(), "the index describes it otherwise"));
        }
        sums.add_chunk(checked.entry, checked.t_last);
    }
    Ok(())
}

pub(crate) fn read_chunk(
    storage: &dyn Storage,
    offset: u64,
    header: &RecordHeader,
) -> Result<Checked> {
    if header.body_len > MAX_BODY_LEN {
        let what = format!(
            "{} bytes are claimed; at most {MAX_BODY_LEN}",
            header.body_len
        );
        return Err(Error::limit("", what));
    }
    let start = offset + RecordHeader::ENCODED_SIZE as u64;
    let body = read_range(storage, start, header.body_len)?;
    check_chunk(offset, &body, header.body_crc)
}

/// The checksum of a record that is no chunk.
fn check_other(storage: &dyn Storage, offset: u64, header: &RecordHeader) -> Result<()> {
    let place = || format!("record of kind {} at byte {offset}", header.kind);
    if header.body_len > MAX_BODY_LEN {
        let what = format!(
            "{} bytes are claimed; at most {MAX_BODY_LEN}",
            header.body_len
        );
        return Err(Error::limit(place(), what));
    }
    if Kind::from_number(header.kind).is_none() && header.flags & crate::wire::CRITICAL != 0 {
        let what = "a kind of record that must be understood and is not; get a newer evz";
        return Err(Error::unsupported(place(), what));
    }
    let body = read_range(
        storage,
        offset + RecordHeader::ENCODED_SIZE as u64,
        header.body_len,
    )?;
    let found = crc(&body);
    if found != header.body_crc {
        let what = format!("CRC {found:08x}, expected {:08x}", header.body_crc);
        return Err(Error::corrupt(place(), what));
    }
    Ok(())
}

fn check_padding(storage: &dyn Storage, offset: u64, header: &RecordHeader) -> Result<()> {
    let end = offset + RecordHeader::ENCODED_SIZE as u64 + header.body_len;
    let next = offset + header.record_len().unwrap_or(0);
    let padding = read_range(storage, end, next.saturating_sub(end))?;
    if padding.iter().any(|b| *b != 0) {
        return Err(Error::corrupt(
            format!("byte {end}"),
            "padding that is not zero",
        ));
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
