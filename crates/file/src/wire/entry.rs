//! What the index says of a chunk or a side batch, in lists in which each entry follows from the one
//! before.

use evz_core::{Error, Result};
use serde::Serialize;

use super::fields::{Fields, Put};
use super::side::later;
use super::{CHUNK_SORTED, ChunkHead, RecordRef, SideBatchHead};
use crate::forever::ALIGNMENT;
use crate::limits::{MAX_BATCH_ROWS, MAX_BODY_LEN, MAX_CHUNK_EVENTS, MAX_LIST};
use crate::wire::record::record_len;

/// What a tree of the index is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TreeId {
    /// Whether of batches of a side stream; otherwise of chunks of an event stream.
    pub side: bool,
    /// Number of the stream.
    pub stream: u16,
    /// Further columns of the events.
    pub n_columns: u16,
}

/// Where a list of entries or references has come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Before {
    /// The end of the record of the entry before.
    pub(crate) end: u64,
    /// The latest time of the chunk or batch before.
    pub(crate) t_end: i64,
    /// Chunks or batches before.
    pub(crate) items: u64,
    /// Events or rows before.
    pub(crate) rows: u64,
}

/// An entry of a leaf: of a chunk or a side batch.
pub trait Entry: Clone + Default + std::fmt::Debug + PartialEq + Serialize + Send + Sync {
    /// Whether it is of a side batch.
    const SIDE: bool;
    /// The fewest bytes it takes.
    const MIN_LEN: usize;

    /// Where its record starts, and the length of its body.
    fn record(&self) -> (u64, u64);
    /// The checksum that it tells: of a chunk that of its head, of a batch that of its body.
    fn crc(&self) -> u32;
    /// Its number of events or rows.
    fn n_rows(&self) -> u64;
    /// The number of the first of them.
    fn first_row(&self) -> u64;
    /// The earliest and the latest time.
    fn times(&self) -> (i64, i64);
    /// Adds it to a list.
    fn put(&self, before: Before, out: &mut Vec<u8>);
    /// Takes it from a list of this tree.
    ///
    /// # Errors
    /// Where it is damaged or claims more than the limits allow.
    fn take(fields: &mut Fields<'_>, before: Before, tree: TreeId) -> Result<Self>;
}

impl Before {
    /// Behind an entry.
    pub(crate) fn entry(self, entry: &impl Entry) -> Self {
        let (offset, body_len) = entry.record();
        Self {
            end: offset.wrapping_add(record_len(body_len).unwrap_or(0)),
            t_end: entry.times().1,
            items: self.items.saturating_add(1),
            rows: self.rows.saturating_add(entry.n_rows()),
        }
    }

    fn put_offset(self, offset: u64, out: &mut Vec<u8>) {
        let units = |at: u64| (at / ALIGNMENT) as i64;
        out.put_sint(units(offset) - units(self.end));
    }

    fn take_offset(self, fields: &mut Fields<'_>) -> Result<u64> {
        let gap = fields.sint()?;
        let units = (self.end / ALIGNMENT).checked_add_signed(gap);
        let offset = units.and_then(|units| units.checked_mul(ALIGNMENT));
        offset.ok_or_else(|| Error::corrupt("", "a record that starts outside of any file"))
    }

    fn put_times(self, (t_min, t_max): (i64, i64), out: &mut Vec<u8>) {
        out.put_sint(t_min.wrapping_sub(self.t_end));
        out.put_uint(t_max.wrapping_sub(t_min) as u64);
    }

    fn take_times(self, fields: &mut Fields<'_>) -> Result<(i64, i64)> {
        let t_min = self.t_end.wrapping_add(fields.sint()?);
        Ok((t_min, later(t_min, fields.uint()?)?))
    }

    fn check_rows(self, n: u64) -> Result<()> {
        match self.rows.checked_add(n) {
            Some(_) if n > 0 => Ok(()),
            _ => Err(Error::corrupt(
                "",
                format!("{n} events behind {}", self.rows),
            )),
        }
    }
}

/// What the index knows of a chunk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Hash)]
pub struct ChunkEntry {
    /// Where the chunk's record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// CRC of its head.
    pub head_crc: u32,
    /// Number of its first event.
    pub first_event: u64,
    /// Number of events.
    pub n_events: u32,
    /// Time of its first event.
    pub t_first: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// As in the chunk's head, and so are the next ones.
    pub t_divisor: u64,
    /// Number of the codec.
    pub codec: u16,
    /// [`CHUNK_SORTED`] or 0.
    pub flags: u16,
    /// Bytes of the table of contents.
    pub toc_len: u32,
    /// Bytes of the sections of further columns.
    pub column_lens: Vec<u32>,
}

impl ChunkEntry {
    /// The entry of a chunk with this head, of a number, whose record starts at `offset`.
    pub fn new(head: &ChunkHead, column_lens: Vec<u32>, offset: u64, first_event: u64) -> Self {
        let lens = column_lens.iter().map(|len| u64::from(*len)).sum::<u64>();
        Self {
            offset,
            body_len: head.sections_start() as u64 + lens,
            head_crc: head.head_crc,
            first_event,
            n_events: head.n_events,
            t_first: head.t_first,
            t_min: head.t_min,
            t_max: head.t_max,
            t_divisor: head.t_divisor,
            codec: head.codec,
            flags: head.flags,
            toc_len: head.toc_len,
            column_lens,
        }
    }

    /// Whether the times of the chunk never decrease.
    pub fn sorted(&self) -> bool {
        self.flags & CHUNK_SORTED != 0
    }
}

impl Entry for ChunkEntry {
    const SIDE: bool = false;
    const MIN_LEN: usize = 14;

    fn record(&self) -> (u64, u64) {
        (self.offset, self.body_len)
    }

    fn crc(&self) -> u32 {
        self.head_crc
    }

    fn n_rows(&self) -> u64 {
        self.n_events.into()
    }

    fn first_row(&self) -> u64 {
        self.first_event
    }

    fn times(&self) -> (i64, i64) {
        (self.t_min, self.t_max)
    }

    fn put(&self, before: Before, out: &mut Vec<u8>) {
        before.put_offset(self.offset, out);
        out.put_uint(self.body_len);
        out.put_u32(self.head_crc);
        out.put_uint(self.n_events.into());
        before.put_times(self.times(), out);
        out.put_uint(self.t_first.wrapping_sub(self.t_min) as u64);
        out.put_uint(self.t_divisor);
        out.put_uint(self.codec.into());
        out.put_uint(self.flags.into());
        out.put_uint(self.toc_len.into());
        self.column_lens
            .iter()
            .for_each(|len| out.put_uint((*len).into()));
    }

    fn take(fields: &mut Fields<'_>, before: Before, tree: TreeId) -> Result<Self> {
        let offset = before.take_offset(fields)?;
        let body_len = fields.at_most(MAX_BODY_LEN, "bytes of a chunk")?;
        let head_crc = fields.u32()?;
        let n_events = fields.at_most(MAX_CHUNK_EVENTS.into(), "events of a chunk")? as u32;
        before.check_rows(n_events.into())?;
        let (t_min, t_max) = before.take_times(fields)?;
        let t_first = later(t_min, fields.uint()?)?;
        let t_divisor = fields.uint()?;
        let codec = fields.at_most(u16::MAX.into(), "number of a codec")? as u16;
        let flags = fields.at_most(u16::MAX.into(), "flags of a chunk")? as u16;
        let toc_len = fields.at_most(u32::MAX.into(), "bytes of a table of contents")? as u32;
        let lens = (0..tree.n_columns)
            .map(|_| fields.at_most(u32::MAX.into(), "bytes of a column"))
            .map(|len| len.map(|len| len as u32));
        Ok(Self {
            offset,
            body_len,
            head_crc,
            first_event: before.rows,
            n_events,
            t_first,
            t_min,
            t_max,
            t_divisor,
            codec,
            flags,
            toc_len,
            column_lens: lens.collect::<Result<_>>()?,
        })
    }
}

/// What the index knows of a side batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Hash)]
pub struct BatchEntry {
    /// Where the batch's record starts.
    pub offset: u64,
    /// Bytes of its body.
    pub body_len: u64,
    /// CRC of its body.
    pub body_crc: u32,
    /// Number of its first row.
    pub first_row: u64,
    /// Number of rows.
    pub rows: u64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
}

impl BatchEntry {
    /// The entry of a batch with this head, whose record stands there.
    pub fn new(head: &SideBatchHead, record: RecordRef, first_row: u64) -> Self {
        Self {
            offset: record.offset,
            body_len: record.body_len,
            body_crc: record.body_crc,
            first_row,
            rows: head.rows,
            t_min: head.t_min,
            t_max: head.t_max,
        }
    }
}

impl Entry for BatchEntry {
    const SIDE: bool = true;
    const MIN_LEN: usize = 9;

    fn record(&self) -> (u64, u64) {
        (self.offset, self.body_len)
    }

    fn crc(&self) -> u32 {
        self.body_crc
    }

    fn n_rows(&self) -> u64 {
        self.rows
    }

    fn first_row(&self) -> u64 {
        self.first_row
    }

    fn times(&self) -> (i64, i64) {
        (self.t_min, self.t_max)
    }

    fn put(&self, before: Before, out: &mut Vec<u8>) {
        before.put_offset(self.offset, out);
        out.put_uint(self.body_len);
        out.put_u32(self.body_crc);
        out.put_uint(self.rows);
        before.put_times(self.times(), out);
    }

    fn take(fields: &mut Fields<'_>, before: Before, _: TreeId) -> Result<Self> {
        let offset = before.take_offset(fields)?;
        let body_len = fields.at_most(MAX_BODY_LEN, "bytes of a batch")?;
        let body_crc = fields.u32()?;
        let rows = fields.at_most(MAX_BATCH_ROWS, "rows of a batch")?;
        before.check_rows(rows)?;
        let (t_min, t_max) = before.take_times(fields)?;
        Ok(Self {
            offset,
            body_len,
            body_crc,
            first_row: before.rows,
            rows,
            t_min,
            t_max,
        })
    }
}

/// Adds entries that follow what ends at this time.
pub(super) fn put_entries<E: Entry>(entries: &[E], t_end: i64, out: &mut Vec<u8>) {
    out.put_uint(entries.len() as u64);
    let mut before = Before {
        t_end,
        ..Before::default()
    };
    for entry in entries {
        entry.put(before, out);
        before = before.entry(entry);
    }
}

/// Takes entries that follow this number of rows and this time.
pub(super) fn take_entries<E: Entry>(
    fields: &mut Fields<'_>,
    tree: TreeId,
    (rows, t_end): (u64, i64),
) -> Result<Vec<E>> {
    let n = fields.count(MAX_LIST, E::MIN_LEN, "entries")?;
    let mut before = Before {
        rows,
        t_end,
        ..Before::default()
    };
    let mut entries = Vec::with_capacity(n);
    for i in 0..n {
        let entry = E::take(fields, before, tree);
        let entry = entry.and_then(|entry| match i > 0 && entry.record().0 < before.end {
            true => Err(Error::corrupt(
                "",
                "its record does not stand behind that of the one before",
            )),
            false => Ok(entry),
        });
        let entry = entry.map_err(|e| e.within(evz_core::Place::part(format!("entry {i}"))))?;
        before = before.entry(&entry);
        entries.push(entry);
    }
    Ok(entries)
}
