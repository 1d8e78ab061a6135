//! What `fast` is to the crate: a [`Codec`].

use std::ops::Range;

use evz_core::{ColumnsMut, EventSlice, Result};

use super::forever::{BLOCK_LEN, MINI_HEAD_SIZE, MINI_LEN, MINIS, TOC_ENTRY_SIZE};
use super::toc::Toc;
use super::{check, decode, encode};
use crate::codec::{Codec, Decoder, Encoded, Payload, Run, around, sealed::Sealed};
use crate::plane::BIT_SIZE;
use crate::time::ChunkTime;

/// Bit packing, at memory speed.
///
/// Decoding starts at any multiple of 1,024 events. The codec [`FAST`] is the only one.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Fast;

/// The codec [`Fast`].
pub static FAST: Fast = Fast;

impl Sealed for Fast {}

impl Codec for Fast {
    fn id(&self) -> u16 {
        1
    }

    fn name(&self) -> &'static str {
        "fast"
    }

    fn max_encoded_len(&self, n_events: usize) -> usize {
        let head = MINIS * MINI_HEAD_SIZE;
        let mini = BIT_SIZE * (16 + 16 + 1 + 64);
        let blocks = n_events.div_ceil(BLOCK_LEN);
        let minis = n_events.div_ceil(MINI_LEN);
        // Exceptions only ever replace wider planes, so they do not count.
        (blocks.saturating_mul(TOC_ENTRY_SIZE + head)).saturating_add(minis.saturating_mul(mini))
    }

    fn encode(&self, events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded {
        encode::encode(events, time, out)
    }
}

impl Decoder for Fast {
    fn decode_run(
        &self,
        payload: Payload<'_>,
        run: Run<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()> {
        decode::decode(payload, run, range, out)
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        decode::lower_bounds(payload, [t]).map(|[bound]| bound)
    }

    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let bounds = decode::lower_bounds(payload, [t.start, t.end]);
        bounds.map(|[start, end]| start..end)
    }

    fn events_around(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let toc = Toc::new(payload)?;
        let blocks = toc.blocks_before(payload.time, [t.start, t.end])?;
        Ok(around(blocks, BLOCK_LEN, payload.n_events))
    }

    fn bytes_of(&self, payload: Payload<'_>, events: Range<usize>) -> Result<Range<usize>> {
        let toc = Toc::new(payload)?;
        let start = toc.start(events.start / BLOCK_LEN);
        Ok(start..toc.start(events.end.div_ceil(BLOCK_LEN)).max(start))
    }

    fn starts(&self, payload: Payload<'_>) -> Result<Vec<i64>> {
        Ok(Toc::new(payload)?.starts(payload.time).collect())
    }

    fn check(&self, payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded> {
        check::check(payload, events)
    }

    fn entry_len(&self) -> usize {
        BLOCK_LEN
    }
}
