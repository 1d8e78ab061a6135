//! What `small` is to the crate: a [`Codec`].

use std::ops::Range;

use evz_core::{ColumnsMut, EventSlice, Result};

use super::forever::SEGMENT_LEN;
use super::head::PolarityContext;
use super::loops::Loops;
use super::{check, decode, encode};
use crate::codec::{Codec, Decoder, Encoded, Payload, Run, around, check_order, sealed::Sealed};
use crate::time::ChunkTime;

/// Context-coded rANS, for the smallest files.
///
/// Decoding starts at any multiple of 8,192 events. The codecs are [`SMALL`] and [`SMALL_GPU`].
#[derive(Debug, Clone, Copy)]
pub struct Small {
    /// The contexts of polarities that it encodes with. It decodes either.
    by: PolarityContext,
}

/// The codec [`Small`].
pub static SMALL: Small = Small {
    by: PolarityContext::History,
};

/// The codec [`Small`] with contexts of polarities that need no memory of their own.
///
/// Its payloads are somewhat larger. It is for decoders with many threads and little memory for
/// each, as on a GPU. What decodes one decodes the other.
pub static SMALL_GPU: Small = Small {
    by: PolarityContext::Before,
};

#[cfg(feature = "portable")]
impl Small {
    /// As [`Codec::decode`], but without vector instructions, whatever the machine has. Tests compare
    /// the two.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    pub fn decode_portable(
        &self,
        payload: Payload<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()> {
        let bytes = payload.bytes;
        decode::decode(
            Loops::portable(),
            payload,
            Run { start: 0, bytes },
            range,
            out,
        )
    }
}

impl Sealed for Small {}

impl Codec for Small {
    fn id(&self) -> u16 {
        2
    }

    fn name(&self) -> &'static str {
        match self.by {
            PolarityContext::History => "small",
            PolarityContext::Before => "small-gpu",
        }
    }

    fn max_encoded_len(&self, n_events: usize) -> usize {
        // An event: 64 raw bits of t and 8 of each axis (a difference has 11, but then a plane has
        // none), 12 bits a symbol. A segment: its entry, 2 times 32 states, planes of 256, ends.
        let event = (64 + 11 + 11 + 4 * 12usize).div_ceil(8) + 1;
        let segment = 28 + 2 * 4 * 32 + 2 * 256 + 64;
        // Tables: a level, its escape, and what they were predicted from.
        let tables = 24 + 80 + 256 * 3 * 16 + 3 * 65_536 * 3;
        n_events.saturating_mul(event).saturating_add(
            n_events
                .div_ceil(SEGMENT_LEN)
                .saturating_mul(segment + tables),
        )
    }

    fn encode(&self, events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded {
        encode::encode(events, time, self.by, out)
    }
}

impl Decoder for Small {
    fn decode_run(
        &self,
        payload: Payload<'_>,
        run: Run<'_>,
        range: Range<usize>,
        mut out: ColumnsMut<'_>,
    ) -> Result<()> {
        decode::decode(Loops::detect(), payload, run, range, out.reborrow())?;
        check_order(payload, out.t.as_deref())
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        decode::lower_bounds(Loops::detect(), payload, [t]).map(|[bound]| bound)
    }

    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let bounds = decode::lower_bounds(Loops::detect(), payload, [t.start, t.end]);
        bounds.map(|[start, end]| start..end)
    }

    fn events_around(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let toc = decode::toc(payload)?;
        let segments = toc.segments_before(payload.time, [t.start, t.end])?;
        Ok(around(segments, SEGMENT_LEN, payload.n_events))
    }

    fn bytes_of(&self, payload: Payload<'_>, events: Range<usize>) -> Result<Range<usize>> {
        let toc = decode::toc(payload)?;
        let start = |segment: usize| {
            let start = payload.toc_len + toc.offset(segment.min(toc.segments()));
            start.min(payload.bytes.len())
        };
        Ok(start(events.start / SEGMENT_LEN)..start(events.end.div_ceil(SEGMENT_LEN)))
    }

    fn starts(&self, payload: Payload<'_>) -> Result<Vec<i64>> {
        Ok(decode::toc(payload)?.starts(payload.time).collect())
    }

    fn check(&self, payload: Payload<'_>, events: EventSlice<'_>) -> Result<Encoded> {
        check::check(Loops::detect(), payload, events)
    }

    fn entry_len(&self) -> usize {
        SEGMENT_LEN
    }
}
