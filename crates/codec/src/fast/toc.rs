//! The table of contents: where blocks are, and the bytes of one that is checked.

use evz_core::{Error, Place, Result};

use super::forever::{BLOCK_ALIGN, BLOCK_LEN, TOC_ENTRY_SIZE};
use crate::codec::{Payload, Run, entries_before};
use crate::time::ChunkTime;

/// An entry of the table of contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TocEntry {
    pub(super) offset: u32,
    pub(super) crc: u32,
    pub(super) t_first: i64,
}

impl TocEntry {
    fn read(bytes: &[u8; TOC_ENTRY_SIZE]) -> Self {
        let [o0, o1, o2, o3, c0, c1, c2, c3, t @ ..] = *bytes;
        Self {
            offset: u32::from_le_bytes([o0, o1, o2, o3]),
            crc: u32::from_le_bytes([c0, c1, c2, c3]),
            t_first: i64::from_le_bytes(t),
        }
    }

    pub(super) fn write(self) -> [u8; TOC_ENTRY_SIZE] {
        let Self {
            offset,
            crc,
            t_first,
        } = self;
        let ([o0, o1, o2, o3], [c0, c1, c2, c3]) = (offset.to_le_bytes(), crc.to_le_bytes());
        let [t0, t1, t2, t3, t4, t5, t6, t7] = t_first.to_le_bytes();
        [
            o0, o1, o2, o3, c0, c1, c2, c3, t0, t1, t2, t3, t4, t5, t6, t7,
        ]
    }
}

/// The table of contents of a payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Toc<'a> {
    entries: &'a [[u8; TOC_ENTRY_SIZE]],
    /// Bytes of the payload.
    len: usize,
    n_events: usize,
}

impl<'a> Toc<'a> {
    pub(super) fn new(payload: Payload<'a>) -> Result<Self> {
        let blocks = payload.n_events.div_ceil(BLOCK_LEN);
        let toc = payload.bytes.get(..payload.toc_len).unwrap_or_default();
        let (entries, rest) = toc.as_chunks();
        if entries.len() != blocks || !rest.is_empty() || toc.len() != payload.toc_len {
            return Err(Error::corrupt(
                "table of contents",
                format!(
                    "{} bytes in a payload of {}, expected {blocks} entries of {TOC_ENTRY_SIZE}",
                    payload.toc_len,
                    payload.bytes.len(),
                ),
            ));
        }
        Ok(Self {
            entries,
            len: payload.bytes.len(),
            n_events: payload.n_events,
        })
    }

    /// The times at which blocks start.
    pub(super) fn starts(self, time: ChunkTime) -> impl Iterator<Item = i64> + use<'a> {
        let starts = self.entries.iter().map(|e| TocEntry::read(e).t_first);
        starts.map(move |k| time.tick(k))
    }

    /// Numbers of the first blocks that start before these times, in a chunk that is in order.
    pub(super) fn blocks_before<const N: usize>(
        self,
        time: ChunkTime,
        times: [i64; N],
    ) -> Result<[usize; N]> {
        entries_before(self.starts(time), time.first, times)
    }

    /// Where a block starts in the payload; the end of the payload for the one behind the last.
    pub(super) fn start(self, block: usize) -> usize {
        let offset = |e: &[u8; TOC_ENTRY_SIZE]| TocEntry::read(e).offset as usize;
        let end = self.len;
        self.entries.get(block).map_or(end, offset).min(end)
    }

    /// The bytes of a block, which lie in `run`, their checksum verified; its number of events; its
    /// `t_first`.
    pub(super) fn block<'r>(self, block: usize, run: Run<'r>) -> Result<(&'r [u8], usize, i64)> {
        let corrupt = |what: String| Error::corrupt(Place::part(format!("block {block}")), what);
        let entry = TocEntry::read(&self.entries[block]);
        let start = entry.offset as usize;
        let end = match self.entries.get(block + 1) {
            Some(next) => TocEntry::read(next).offset as usize,
            None => self.len,
        };
        let toc_len = self.entries.len() * TOC_ENTRY_SIZE;
        let placed = start.is_multiple_of(BLOCK_ALIGN)
            && start >= toc_len
            && (block > 0 || start == toc_len);
        let bytes = match run.get(start..end) {
            Some(bytes) if placed => bytes,
            _ => {
                return Err(corrupt(format!(
                    "it spans bytes {start}..{end} of a payload of {}, behind a table of contents \
                     of {toc_len}",
                    self.len,
                )));
            }
        };
        let crc = crc32fast::hash(bytes);
        if crc != entry.crc {
            return Err(corrupt(format!(
                "CRC {crc:08x}, expected {:08x}",
                entry.crc
            )));
        }
        let len = (self.n_events - block * BLOCK_LEN).min(BLOCK_LEN);
        Ok((bytes, len, entry.t_first))
    }
}
