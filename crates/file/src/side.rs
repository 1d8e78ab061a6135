//! Side streams of an open file.

use std::ops::Range;

use evz_core::{Error, Result};

use crate::limits::MAX_BODY_LEN;
use crate::read::{Reader, read_body};
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
                let body = read_body(self.storage(), Kind::SideStream, r.offset, r.body_len)?;
                let stream = SideStream::read_from(&body)?;
                let rows = side
                    .iter()
                    .filter(|b| b.stream == stream.id)
                    .map(|b| b.rows)
                    .sum();
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
        let meets = |r: &&SideRef| {
            let met = |t: &Range<i64>| t.start <= r.t_max && r.t_min < t.end;
            r.kind == Kind::SideBatch as u32 && r.stream == stream && time.as_ref().is_none_or(met)
        };
        let refs: Vec<SideRef> = self.root().side.iter().filter(meets).copied().collect();
        let reader = self.clone();
        refs.into_iter()
            .map(move |r| reader.side_batch(&r).map_err(|e| reader.blame(e)))
    }

    fn side_batch(&self, r: &SideRef) -> Result<SideBatch> {
        let place = || format!("side batch at byte {}", r.offset);
        let body = read_body(self.storage(), Kind::SideBatch, r.offset, r.body_len)?;
        let head = SideBatchHead::read_from(&body)
            .filter(|h| h.stream == r.stream)
            .ok_or_else(|| Error::corrupt(place(), "the index describes another batch"))?;
        if head.raw_len > MAX_BODY_LEN {
            let what = format!("{} bytes are claimed; at most {MAX_BODY_LEN}", head.raw_len);
            return Err(Error::limit(place(), what));
        }
        let packed = &body[SideBatchHead::ENCODED_SIZE..];
        let arrow_ipc = zstd::bulk::decompress(packed, head.raw_len as usize)
            .ok()
            .filter(|raw| raw.len() as u64 == head.raw_len)
            .ok_or_else(|| Error::corrupt(place(), "its zstd frame does not decompress"))?;
        Ok(SideBatch { head, arrow_ipc })
    }
}
