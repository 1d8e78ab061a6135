//! The entries of segments: where their streams are, and the bytes of one that is checked.

use super::forever::SEGMENT_LEN;
use crate::codec::{Payload, Run, entries_before};
use crate::time::ChunkTime;

/// Bytes of an entry.
pub(super) const ENTRY_SIZE: usize = 28;
/// Streams of a segment: one of t, one of coordinates and polarities.
pub(super) const STREAMS: usize = 2;
/// Columns that have raw bits: t, the first axis, the second axis.
pub(super) const RAWS: usize = 3;
/// Streams have a multiple of so many bytes.
pub(super) const STREAM_ALIGN: usize = 4;

/// Names of the streams, for messages.
pub(super) const NAMES: [&str; STREAMS] = ["t", "x, y and p"];

/// The entry of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Entry {
    /// Count of the first event's time.
    pub(super) t_first: i64,
    pub(super) crc: [u32; STREAMS],
    /// Length in units of 4 bytes.
    pub(super) units: [u16; STREAMS],
    /// Bytes of raw bits that stand between states and words.
    pub(super) raw_len: [u16; RAWS],
}

impl Entry {
    pub(super) fn write(self) -> [u8; ENTRY_SIZE] {
        let Self {
            t_first,
            crc,
            units,
            raw_len,
        } = self;
        let mut out = [0; ENTRY_SIZE];
        out[..8].copy_from_slice(&t_first.to_le_bytes());
        for (out, crc) in out[8..].as_chunks_mut().0.iter_mut().zip(crc) {
            *out = crc.to_le_bytes();
        }
        let halves = units.into_iter().chain(raw_len);
        for (out, half) in out[16..].as_chunks_mut().0.iter_mut().zip(halves) {
            *out = half.to_le_bytes();
        }
        out
    }

    pub(super) fn read(bytes: &[u8; ENTRY_SIZE]) -> Self {
        let (t_first, rest) = bytes.split_first_chunk().expect("28 bytes");
        let (words, _) = rest.as_chunks();
        let (halves, _) = rest[8..].as_chunks();
        Self {
            t_first: i64::from_le_bytes(*t_first),
            crc: std::array::from_fn(|i| u32::from_le_bytes(words[i])),
            units: std::array::from_fn(|i| u16::from_le_bytes(halves[i])),
            raw_len: std::array::from_fn(|i| u16::from_le_bytes(halves[STREAMS + i])),
        }
    }

    /// Bytes of the segment.
    fn len(&self) -> usize {
        self.units.iter().map(|&u| usize::from(u)).sum::<usize>() * STREAM_ALIGN
    }
}

/// The table of contents of a payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Toc<'a> {
    entries: &'a [[u8; ENTRY_SIZE]],
    /// Head and tables.
    pub(super) model: &'a [u8],
    /// Its bytes, and those of the streams behind it.
    len: usize,
    streams_len: usize,
    n_events: usize,
}

impl<'a> Toc<'a> {
    pub(super) fn new(payload: Payload<'a>) -> Result<Self, String> {
        let segments = payload.n_events.div_ceil(SEGMENT_LEN);
        let parts = payload
            .bytes
            .split_at_checked(payload.toc_len)
            .and_then(|(toc, streams)| {
                let (entries, model) = toc.split_at_checked(segments.checked_mul(ENTRY_SIZE)?)?;
                Some((entries.as_chunks().0, model, streams.len()))
            });
        // Without events there is nothing at all.
        let parts = parts.filter(|_| segments > 0 || payload.bytes.is_empty());
        let Some((entries, model, streams_len)) = parts else {
            return Err(format!(
                "{} bytes in a payload of {}, too few for {segments} entries of {ENTRY_SIZE}",
                payload.toc_len,
                payload.bytes.len(),
            ));
        };
        Ok(Self {
            entries,
            model,
            len: payload.toc_len,
            streams_len,
            n_events: payload.n_events,
        })
    }

    pub(super) fn segments(&self) -> usize {
        self.entries.len()
    }

    /// Events of a segment.
    pub(super) fn len_of(&self, segment: usize) -> usize {
        (self.n_events - segment * SEGMENT_LEN).min(SEGMENT_LEN)
    }

    /// The times at which segments start.
    pub(super) fn starts(&self, time: ChunkTime) -> impl Iterator<Item = i64> + use<'a> {
        let starts = self.entries.iter().map(|e| Entry::read(e).t_first);
        starts.map(move |k| time.tick(k))
    }

    /// Numbers of the first segments that start before these times, in a chunk that is in order.
    pub(super) fn segments_before<const N: usize>(
        &self,
        time: ChunkTime,
        times: [i64; N],
    ) -> evz_core::Result<[usize; N]> {
        entries_before(self.starts(time), time.first, times)
    }

    /// Where a segment starts behind the table of contents.
    pub(super) fn offset(&self, segment: usize) -> usize {
        self.entries[..segment]
            .iter()
            .map(|e| Entry::read(e).len())
            .sum()
    }

    /// The entry of a segment that starts at `offset`, and its bytes, which lie in `run`.
    pub(super) fn segment<'r>(
        &self,
        segment: usize,
        offset: usize,
        run: Run<'r>,
    ) -> Result<Segment<'r>, String> {
        let entry = Entry::read(&self.entries[segment]);
        let (start, left) = (self.len + offset, self.streams_len.saturating_sub(offset));
        let last = segment + 1 == self.entries.len();
        let fits = entry.len() <= left && (!last || entry.len() == left);
        match run.get(start..start + entry.len()).filter(|_| fits) {
            Some(bytes) => Ok(Segment { entry, bytes }),
            None => Err(format!(
                "{} bytes from byte {offset} of {} behind the table of contents",
                entry.len(),
                self.streams_len
            )),
        }
    }
}

/// A segment's entry and its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'a> {
    pub(super) entry: Entry,
    bytes: &'a [u8],
}

impl<'a> Segment<'a> {
    /// Bytes of all streams.
    pub(super) fn len(&self) -> usize {
        self.entry.len()
    }

    /// A stream, its checksum verified.
    pub(super) fn stream(&self, number: usize) -> Result<&'a [u8], String> {
        let len = |i: usize| usize::from(self.entry.units[i]) * STREAM_ALIGN;
        let start = (0..number).map(len).sum::<usize>();
        let bytes = &self.bytes[start..start + len(number)];
        let (crc, expected) = (crc32fast::hash(bytes), self.entry.crc[number]);
        if crc != expected {
            return Err(format!("CRC {crc:08x}, expected {expected:08x}"));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_comes_back() {
        let mut bytes = std::array::from_fn(|i| i as u8);
        // What is kept for later is written as zeros.
        bytes[26..].fill(0);
        let entry = Entry::read(&bytes);
        assert_eq!(entry.write(), bytes);
        assert_eq!(entry.crc[1], 0x0f0e_0d0c);
        assert_eq!(entry.units[1], 0x1312);
        assert_eq!(entry.raw_len[2], 0x1918);
    }
}
