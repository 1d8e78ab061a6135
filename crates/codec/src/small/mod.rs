//! The codec `small` (number 2): context-coded rANS, for the smallest files that still decode at
//! more than a hundred million events a second. SPEC.md has the layout, bit by bit.
//!
//! A payload is a table of contents (`toc`, `model`), then segments of 8,192 events, each with a
//! stream (`stream`) of t and one of both axes and p. Columns are coded one after the other, with
//! contexts (`contexts`, `history`) only from columns that are decoded before, so that the 32 lanes of
//! the entropy coder (`rans`) never wait for each other. Tables are sent once for some segments
//! (`tables`), as coarse counts (`level`) from which frequencies follow (`frequency`).

mod bits;
mod bucket;
mod columns;
mod contexts;
mod decode;
mod encode;
mod estimate;
mod frequency;
mod head;
mod history;
mod level;
mod model;
mod plan;
mod polarity;
mod prior;
mod rans;
mod sample;
#[cfg(target_arch = "x86_64")]
mod simd;
#[cfg(not(target_arch = "x86_64"))]
#[path = "no_simd.rs"]
mod simd;
mod span;
mod stream;
mod tables;
mod toc;
mod values;

use std::ops::Range;

use evz_core::{ColumnsMut, EventSlice, Result};

use self::polarity::By;
use self::simd::Vectors;
use crate::ChunkTime;
use crate::codec::{Codec, Encoded, Payload, sealed::Sealed};

/// Events in a segment: an entry point.
pub const SEGMENT_LEN: usize = 8192;
/// Events of a segment whose coordinates and polarities follow each other in a stream.
const GROUP_LEN: usize = 1024;
/// Interleaved coders of a stream.
pub const LANES: usize = 32;
/// Bits of a probability in one of several tables, and of a polarity.
pub const TOTAL_BITS: u32 = 10;
/// Bits of a probability in a table that is alone.
pub const ALONE_BITS: u32 = 12;

/// The sum of the frequencies of a table.
const TOTAL: u32 = 1 << TOTAL_BITS;

/// Context-coded rANS: see the [module](self).
#[derive(Debug, Clone, Copy)]
pub struct Small {
    /// What it tells polarities by when it encodes.
    by: By,
}

/// The codec [`Small`].
pub static SMALL: Small = Small { by: By::History };

/// The codec [`Small`] that tells polarities without a memory: somewhat larger, for decoders that
/// have none to spare for each of many threads, as those on a GPU. What decodes one decodes the other.
pub static SMALL_GPU: Small = Small { by: By::Before };

impl Small {
    /// As [`Codec::decode`], but without vector instructions, whatever the machine has: the same
    /// results, to be compared.
    ///
    /// # Errors
    /// As [`Codec::decode`].
    pub fn decode_portable(
        &self,
        payload: Payload<'_>,
        range: Range<usize>,
        out: ColumnsMut<'_>,
    ) -> Result<()> {
        decode::decode(None, payload, range, out)
    }
}

impl Sealed for Small {}

impl Codec for Small {
    fn id(&self) -> u16 {
        2
    }

    fn name(&self) -> &'static str {
        match self.by {
            By::History => "small",
            By::Before => "small-gpu",
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

    fn decode(&self, payload: Payload<'_>, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()> {
        decode::decode(Vectors::detect(), payload, range, out)
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        decode::lower_bounds(Vectors::detect(), payload, [t]).map(|[bound]| bound)
    }

    fn window(&self, payload: Payload<'_>, t: Range<i64>) -> Result<Range<usize>> {
        let bounds = decode::lower_bounds(Vectors::detect(), payload, [t.start, t.end]);
        bounds.map(|[start, end]| start..end)
    }

    fn entry_len(&self) -> usize {
        SEGMENT_LEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((SEGMENT_LEN, LANES), (8192, 32));
        assert_eq!((TOTAL_BITS, ALONE_BITS), (10, 12));
    }
}
