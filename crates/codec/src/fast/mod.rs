//! The codec `fast` (number 1): bit packing at memory speed. SPEC.md has the layout, bit by bit.
//!
//! A payload is a table of contents (`toc`), then blocks of 1,024 events (`block`), each of up to
//! four mini-blocks of 256 whose head (`head`) names mode and width of each column. A column is a
//! plane of residuals in 16 lanes of 16 bits (`pack`, `unpack`), exceptions that the width cuts
//! (`positions`), and a rule that turns residuals into values (`residual`).
//!
//! The choices, measured on real recordings: differences of `t` rather than a reference take 5 bits
//! an event less. High parts that are signed and as short as they can be take 3% off: a value just
//! below the reference, or a time that runs backwards, is an exception of two bytes. So the reference
//! need not be the least value but that of the best window, for 3% more.

mod block;
mod decode;
mod encode;
mod head;
pub(crate) mod pack;
mod plan;
mod positions;
mod reference;
mod residual;
mod toc;
pub(crate) mod unpack;
mod width;

use std::ops::Range;

use evz_core::{ColumnsMut, EventSlice, Result};

use crate::ChunkTime;
use crate::codec::{Codec, Encoded, Payload, sealed::Sealed};

/// Events in a block: an entry point.
pub const BLOCK_LEN: usize = 1024;
/// Events in a mini-block: what shares widths and modes.
pub const MINI_LEN: usize = 256;
/// Bytes of an entry of the table of contents.
pub const TOC_ENTRY_SIZE: usize = 16;
/// Bytes of a mini-block's entry in the head of a block.
pub const MINI_HEAD_SIZE: usize = 12;
/// Blocks start at multiples of it.
pub const BLOCK_ALIGN: usize = 16;

/// Mini-blocks of a full block.
const MINIS: usize = BLOCK_LEN / MINI_LEN;
/// Events of a plane that are unpacked together.
const LANES: usize = 16;
/// Bytes a plane takes for each bit of width, and those of a `p` bitmap.
const BIT_SIZE: usize = MINI_LEN / 8;

/// Bit packing: see the [module](self).
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

    fn decode(&self, payload: Payload<'_>, range: Range<usize>, out: ColumnsMut<'_>) -> Result<()> {
        decode::decode(payload, range, out)
    }

    fn lower_bound(&self, payload: Payload<'_>, t: i64) -> Result<usize> {
        decode::lower_bound(payload, t)
    }

    fn entry_len(&self) -> usize {
        BLOCK_LEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((BLOCK_LEN, MINI_LEN), (1024, 256));
        assert_eq!((TOC_ENTRY_SIZE, MINI_HEAD_SIZE, BLOCK_ALIGN), (16, 12, 16));
    }
}
