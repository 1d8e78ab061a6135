//! Side streams of an open file.

use std::ops::Range;

use evz_core::{Error, Place, Result, SideRows};

use super::Reader;
use crate::packing::unpack;
use crate::steps::check_len;
use crate::wire::{Kind, SideBatchHead, SideRef, SideStream};

/// A table of a side stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBatch {
    /// Rows, time range and stream.
    pub head: SideBatchHead,
    /// The rows as an Arrow IPC stream.
    pub arrow_ipc: Vec<u8>,
}

impl Reader {
    /// The side streams of the file, with their number of rows.
    ///
    /// # Errors
    /// If a name is damaged.
    pub fn side_streams(&self) -> Result<Vec<(SideStream, u64)>> {
        let side = &self.root().side;
        side.iter()
            .filter(|r| r.kind == Kind::SideStream as u32)
            .map(|r| {
                let body = self.record(Kind::SideStream, r.offset, r.body_len)?;
                let stream =
                    SideStream::read_from(&body).map_err(|e| e.within(Place::byte(r.offset)))?;
                let rows = side
                    .iter()
                    .filter(|b| b.stream == stream.id)
                    .map(|b| b.rows);
                let rows = rows.fold(0, u64::saturating_add);
                Ok((stream, rows))
            })
            .collect::<Result<_>>()
            .map_err(|e| self.blame(e))
    }

    /// The batches of a side stream that may hold rows with `time.start <= t < time.end`, all
    /// without a time; one at a time, in the order of the file.
    pub fn side_batches(
        &self,
        stream: u32,
        time: Option<Range<i64>>,
    ) -> impl Iterator<Item = Result<SideBatch>> + use<> {
        let refs = self.side_refs(stream, time.as_ref());
        let reader = self.clone();
        refs.into_iter()
            .map(move |r| reader.side_batch(&r).map_err(|e| reader.blame(e)))
    }

    /// Where the batches of a side stream stand that may hold rows of this time.
    pub(super) fn side_refs(&self, stream: u32, time: Option<&Range<i64>>) -> Vec<SideRef> {
        let meets = |r: &&SideRef| {
            let met = |t: &Range<i64>| t.start <= r.t_max && r.t_min < t.end;
            r.kind == Kind::SideBatch as u32 && r.stream == stream && time.is_none_or(met)
        };
        self.root().side.iter().filter(meets).copied().collect()
    }

    /// The rows of a batch of the stream of this name; an error names the file.
    pub(super) fn side_rows_of(&self, r: &SideRef, name: &str) -> Result<SideRows> {
        let rows = self.side_batch(r).and_then(|batch| {
            let rows = evz_table::from_ipc(name, &batch.arrow_ipc);
            rows.map_err(|e| e.within(Place::byte(r.offset)))
        });
        rows.map_err(|e| self.blame(e))
    }

    fn side_batch(&self, r: &SideRef) -> Result<SideBatch> {
        let place = || Place::part("side batch").with_byte(r.offset);
        let body = self.record(Kind::SideBatch, r.offset, r.body_len)?;
        let head = SideBatchHead::read_from(&body)
            .filter(|h| h.stream == r.stream)
            .ok_or_else(|| Error::corrupt(place(), "the index describes another batch"))?;
        let arrow_ipc = unpacked(&head, &body).map_err(|e| e.within(place()))?;
        Ok(SideBatch { head, arrow_ipc })
    }
}

/// The rows in the body of a batch with this head.
pub(crate) fn unpacked(head: &SideBatchHead, body: &[u8]) -> Result<Vec<u8>> {
    check_len(head.raw_len)?;
    let packed = &body[SideBatchHead::ENCODED_SIZE..];
    unpack(packed, head.raw_len as usize)
        .ok()
        .filter(|raw| raw.len() as u64 == head.raw_len)
        .ok_or_else(|| Error::corrupt("", "its zstd frame does not decompress"))
}
