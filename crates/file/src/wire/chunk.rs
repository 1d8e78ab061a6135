//! A chunk: a head of 96 bytes, the table of further columns, the payload of its codec, the sections
//! of further columns.

use binrw::{BinRead, BinWrite};
use evz_codec::ChunkTime;
use evz_core::{Error, Result};
use serde::Serialize;

use super::{from_bytes, to_bytes};
use crate::forever::ALIGNMENT;
use crate::limits::{MAX_CHUNK_EVENTS, MAX_COLUMNS};

/// Bit 0 of a chunk's flags: its times never decrease.
pub const CHUNK_SORTED: u16 = 1;

/// What a chunk says of its events. Nothing in it depends on where it stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct ChunkHead {
    /// Number of events, at least 1.
    pub n_events: u32,
    /// Number of the codec.
    pub codec: u16,
    /// [`CHUNK_SORTED`] or 0.
    pub flags: u16,
    /// Number of the event stream.
    pub stream: u16,
    /// Number of further columns.
    pub n_columns: u16,
    /// Bytes at the start of the payload that `head_crc` covers too.
    pub toc_len: u32,
    /// Time of the first event, in ticks.
    pub t_first: i64,
    /// Earliest time.
    pub t_min: i64,
    /// Latest time.
    pub t_max: i64,
    /// Every time is `t_first` plus a multiple of this; at least 1.
    pub t_divisor: u64,
    /// Bytes of the payload.
    pub payload_len: u32,
    /// Number of ON events.
    pub n_on: u32,
    /// Bounding box: smallest x.
    pub x_min: u16,
    /// Largest x.
    pub x_max: u16,
    /// Smallest y.
    pub y_min: u16,
    /// Largest y.
    pub y_max: u16,
    /// Bytes of the payload spent on x, y, p; all others are spent on t.
    pub column_bytes: [u32; 3],
    /// CRCs of the decoded columns t, x, y, p.
    pub column_crc: [u32; 4],
    /// CRC of the 92 bytes before, of the table of further columns and of the table of contents.
    pub head_crc: u32,
}

/// What a chunk says of a further column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct ColumnSection {
    /// Number of its codec.
    pub codec: u16,
    /// Zero.
    pub reserved: u16,
    /// Bytes of the section.
    pub len: u32,
    /// CRC of the section.
    pub crc: u32,
    /// CRC of the decoded values.
    pub values_crc: u32,
}

impl ColumnSection {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 16;
}

/// Bytes of the table of `n` further columns, so that the payload starts at a multiple of 64.
pub fn table_len(n: u16) -> usize {
    (usize::from(n) * ColumnSection::ENCODED_SIZE).next_multiple_of(ALIGNMENT as usize)
}

impl ChunkHead {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 96;

    /// Where the payload starts in the body.
    pub fn payload_start(&self) -> usize {
        Self::ENCODED_SIZE + table_len(self.n_columns)
    }

    /// Bytes of the body that `head_crc` covers, itself among them.
    pub fn front_len(&self) -> usize {
        self.payload_start() + self.toc_len as usize
    }

    /// Bytes of a body before its sections of further columns.
    pub fn sections_start(&self) -> usize {
        self.payload_start() + self.payload_len as usize
    }

    /// Writes the head to the start of a body all else of which is there, with its checksum, which is
    /// in `self` then too.
    pub fn write_to(&mut self, body: &mut [u8]) {
        self.head_crc = 0;
        body[..Self::ENCODED_SIZE].copy_from_slice(&to_bytes(self));
        self.head_crc = Self::crc(&body[..self.front_len()]);
        body[92..96].copy_from_slice(&self.head_crc.to_le_bytes());
    }

    /// The head of the chunk whose body begins with `front` and has `body_len` bytes, with its further
    /// columns; checked against its checksum and in itself.
    ///
    /// # Errors
    /// Where the bytes are damaged or contradict each other.
    pub fn read_from(front: &[u8], body_len: u64) -> Result<(Self, Vec<ColumnSection>)> {
        let corrupt = |what: String| Error::corrupt("", what);
        let head: Self = front
            .get(..Self::ENCODED_SIZE)
            .and_then(from_bytes)
            .ok_or_else(|| corrupt(format!("a body of {} bytes, less than a head", front.len())))?;
        if head.n_columns > MAX_COLUMNS {
            let what = format!("{} further columns; at most {MAX_COLUMNS}", head.n_columns);
            return Err(Error::limit("", what));
        }
        let covered = front.get(..head.front_len()).ok_or_else(|| {
            corrupt(format!(
                "a table of contents of {} bytes in a body of {}",
                head.toc_len,
                front.len()
            ))
        })?;
        let found = Self::crc(covered);
        if found != head.head_crc {
            return Err(corrupt(format!(
                "head CRC {found:08x}, expected {:08x}",
                head.head_crc
            )));
        }
        let table = &covered[Self::ENCODED_SIZE..head.payload_start()];
        let (sections, padding) =
            table.split_at(usize::from(head.n_columns) * ColumnSection::ENCODED_SIZE);
        let sections: Vec<ColumnSection> = sections
            .chunks_exact(ColumnSection::ENCODED_SIZE)
            .filter_map(from_bytes)
            .collect();
        let lens = sections.iter().map(|s| u64::from(s.len)).sum::<u64>();
        if head.sections_start() as u64 + lens != body_len || head.toc_len > head.payload_len {
            return Err(corrupt(format!(
                "its parts take {} bytes, its body has {body_len}",
                head.sections_start() as u64 + lens
            )));
        }
        if padding.iter().any(|b| *b != 0) || sections.iter().any(|s| s.reserved != 0) {
            return Err(corrupt("reserved bytes that are not zero".to_owned()));
        }
        head.check()?;
        Ok((head, sections))
    }

    fn check(&self) -> Result<()> {
        if self.n_events == 0 || self.n_events > MAX_CHUNK_EVENTS {
            let n = self.n_events;
            let what = format!("{n} events; a chunk holds 1 to {MAX_CHUNK_EVENTS}");
            return Err(Error::limit("", what));
        }
        let unknown = self.flags & !CHUNK_SORTED;
        if unknown != 0 {
            let what = format!("flags {unknown:#x} are unknown");
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        let first = self.t_min <= self.t_first && self.t_first <= self.t_max;
        if self.t_divisor == 0
            || self.n_on > self.n_events
            || !first
            || (self.sorted() && self.t_min != self.t_first)
        {
            let what = format!(
                "divisor {}, {} ON of {} events, times {} to {} from {} on",
                self.t_divisor, self.n_on, self.n_events, self.t_min, self.t_max, self.t_first
            );
            return Err(Error::corrupt("", what));
        }
        Ok(())
    }

    /// Whether the times never decrease.
    pub fn sorted(&self) -> bool {
        self.flags & CHUNK_SORTED != 0
    }

    /// How the codec's numbers become ticks.
    pub fn time(&self) -> ChunkTime {
        ChunkTime {
            first: self.t_first,
            divisor: self.t_divisor,
        }
    }

    fn crc(front: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&front[..92]);
        hasher.update(&front[Self::ENCODED_SIZE..]);
        hasher.finalize()
    }
}
