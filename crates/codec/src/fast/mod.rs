//! The codec `fast` (number 1): bit packing at memory speed.
//!
//! # Layout
//!
//! Everything is little-endian. A payload is a table of contents, then blocks of 1,024 events (the
//! last one shorter), each at a multiple of 16 from the payload's start. Arithmetic on times is
//! modulo 2^64, on `x` and `y` modulo 2^16.
//!
//! ## Table of contents
//! One entry of 16 bytes a block, so `toc_len = 16 * ceil(n_events / 1024)`:
//!
//! | bytes | name | type | |
//! | --- | --- | --- | --- |
//! | 0..4 | `offset` | u32 | where the block starts, from the payload's start; the first is `toc_len` |
//! | 4..8 | `crc` | u32 | CRC-32/ISO-HDLC (that of zlib) of the block: its bytes up to the next block, or to the payload's end |
//! | 8..16 | `t_first` | i64 | `(t - first) / divisor` of the block's first event |
//!
//! ## Block
//! A block of `len` events has `m = ceil(len / 256)` mini-blocks of 256 events. Its parts follow
//! each other without gaps; "each" means of mini-block 0, then of 1, and so on:
//!
//! 1. the head: each mini-block's entry of 12 bytes, then zeros up to a multiple of 16
//! 2. `x` planes, each
//! 3. `y` planes, each
//! 4. `p` bitmaps, each 32 bytes: event `i` is bit `i % 8` of byte `i / 8`
//! 5. `t` planes, each
//! 6. high parts of the `t` exceptions, each; of the `x` exceptions, each; of the `y` exceptions,
//!    each; as signed integers that are not aligned
//! 7. positions of the `t` exceptions (u8), each; of the `x` exceptions, each; of the `y`
//!    exceptions, each
//! 8. zeros up to a multiple of 16
//!
//! | bytes | name | type | |
//! | --- | --- | --- | --- |
//! | 0 | `x_tag` | u8 | bits 0-4: width, 0 to 16; bits 5-6: mode, 0 reference, 1 delta, 2 xor; bit 7: 0 if high parts of `x` have 1 byte, 1 if 2 |
//! | 1 | `x_exceptions` | u8 | how many |
//! | 2..4 | `x_ref` | u16 | |
//! | 4..8 | | | the same for `y` |
//! | 8 | `t_tag` | u8 | bits 0-6: width, 0 to 64; bit 7: zigzag |
//! | 9 | `t_exceptions` | u8 | how many |
//! | 10 | `t_high` | u8 | high parts of `t` have `1 << t_high` bytes: 0 to 3 |
//! | 11 | | u8 | 0 |
//!
//! A reader refuses other widths and modes, another `t_high`, a last byte that is not 0, and a block
//! whose length is not the one that its head makes. Positions rise strictly and stay below the
//! mini-block's number of events. A column of full width (16, or 64 for `t`) has no exceptions.
//! Where there are no exceptions, a writer sets the size of their high parts to the smallest.
//!
//! ## Planes
//! A plane of width `w <= 16` holds 256 residuals of `w` bits in `32 * w` bytes. Event `i` is in
//! lane `i % 16` and row `i / 16`. The 16 rows of a lane stand one after the other, lowest bit
//! first, in the lane's `w` words of 16 bits; word `k` of lane `l` is the u16 number `16 * k + l`.
//! So a row is unpacked with the same shift for all lanes.
//!
//! `t` has `floor(w / 16)` planes of width 16, lowest bits first, then one of width `w % 16` unless
//! that is 0: `32 * w` bytes again.
//!
//! Residuals beyond the last event are 0, and so are their bits in `p`; a reader ignores them.
//!
//! ## From residuals to values
//! First, an exception at position `q` gets what the width cut off: `r[q] |= high << w`, where
//! `high` is extended by its sign to 16 bits, or 64 for `t`, and bits shifted out are lost. Then,
//! with `unzigzag(r) = (r >> 1) ^ -(r & 1)`:
//!
//! - reference: `v[i] = ref + r[i]`
//! - delta: `v[i] = v[i-1] + unzigzag(r[i])`, where `v[-1] = ref`
//! - xor: `v[i] = v[i-1] ^ r[i]`, where `v[-1] = ref`
//! - `t`: `k[i] = k[i-1] + r[i]`, or `+ unzigzag(r[i])` with zigzag. Before the block's first event
//!   `k` is `t_first`; mini-blocks go on from one another. Then `t[i] = first + k[i] * divisor`.
//!
//! # Why
//! Entry at any block costs 0.13 bit an event for the table and lets a window of a few thousand
//! events skip the rest of its chunk. Lanes of 16 bits fit both 128-bit vectors and the pixel
//! coordinates; a GPU gives a warp two rows at a time. Differences of `t` rather than a reference:
//! 5 bits an event less on real recordings.
//!
//! High parts are signed and as short as they can be, which takes 3% off the files: a value just
//! below the reference, or a time that runs backwards, is an exception of two bytes. So the
//! reference need not be the least value but that of the best window, for 3% more.

mod block;
mod decode;
mod encode;
mod head;
mod pack;
mod plan;
mod positions;
mod reference;
mod residual;
mod toc;
mod unpack;
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
