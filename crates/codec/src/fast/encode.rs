//! Columns to payloads.

use std::convert::Infallible;

use evz_core::EventSlice;
use pulp::{Arch, NullaryFnOnce};

use super::block::head_size;
use super::forever::{BLOCK_ALIGN, BLOCK_LEN, MINI_HEAD_SIZE, MINI_LEN, MINIS, TOC_ENTRY_SIZE};
use super::head::Pixel;
use super::mini_choice::MiniChoice;
use super::positions::Positions;
use super::toc::TocEntry;
use super::width::exception_size;
use crate::codec::Encoded;
use crate::plane::{BIT_SIZE, pack, pack_bitmap};
use crate::time::ChunkTime;

/// Encodes with the widest vectors that the processor has.
pub(super) fn encode(events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded {
    struct Encode<'a, 'b>(EventSlice<'a>, ChunkTime, &'b mut Vec<u8>);
    impl NullaryFnOnce for Encode<'_, '_> {
        type Output = Encoded;

        #[inline(always)]
        fn call(self) -> Encoded {
            encode_here(self.0, self.1, self.2)
        }
    }
    Arch::new().dispatch(Encode(events, time, out))
}

#[inline(always)]
fn encode_here(events: EventSlice<'_>, time: ChunkTime, out: &mut Vec<u8>) -> Encoded {
    match encode_by(events, time, out, Smallest) {
        Ok(encoded) => encoded,
        Err(never) => match never {},
    }
}

/// Chooses for the mini-blocks of a block. No closure: those are compiled for any processor and not for that on
/// which they are called.
pub(super) trait Choose {
    type Error;

    /// Gets the number of the block, its events and its times as counts.
    fn choose(
        &mut self,
        number: usize,
        block: EventSlice<'_>,
        counts: &[i64],
        choices: &mut [MiniChoice],
    ) -> Result<(), Self::Error>;
}

/// What takes the fewest bytes.
struct Smallest;

impl Choose for Smallest {
    type Error = Infallible;

    #[inline(always)]
    fn choose(
        &mut self,
        _: usize,
        block: EventSlice<'_>,
        counts: &[i64],
        choices: &mut [MiniChoice],
    ) -> Result<(), Infallible> {
        let columns = counts
            .chunks(MINI_LEN)
            .zip(block.x.chunks(MINI_LEN).zip(block.y.chunks(MINI_LEN)));
        let mut before = counts[0];
        for (choice, (k, (x, y))) in choices.iter_mut().zip(columns) {
            choice.choose(k, before, x, y);
            before = k[k.len() - 1];
        }
        Ok(())
    }
}

/// Encodes, with what is chosen for the mini-blocks of each block.
#[inline(always)]
pub(super) fn encode_by<C: Choose>(
    events: EventSlice<'_>,
    time: ChunkTime,
    out: &mut Vec<u8>,
    mut choose: C,
) -> Result<Encoded, C::Error> {
    let n = events.len();
    let start = out.len();
    let toc_len = n.div_ceil(BLOCK_LEN) * TOC_ENTRY_SIZE;
    out.resize(start + toc_len, 0);

    let count = time.counter();
    let mut choices = [MiniChoice::EMPTY; MINIS];
    let mut counts = [0; BLOCK_LEN];
    let mut pixel_bytes = [0; 2];
    for (number, at) in (0..n).step_by(BLOCK_LEN).enumerate() {
        let block = events.slice(at..n.min(at + BLOCK_LEN));
        for (k, &t) in counts.iter_mut().zip(block.t) {
            *k = count(t);
        }
        let block_start = out.len();
        let minis = &mut choices[..block.len().div_ceil(MINI_LEN)];
        choose.choose(number, block, &counts[..block.len()], minis)?;
        write_block(minis, block.p, out);
        out.resize(start + (out.len() - start).next_multiple_of(BLOCK_ALIGN), 0);

        for MiniChoice { head, .. } in minis.iter() {
            for (bytes, column) in pixel_bytes.iter_mut().zip([head.x, head.y]) {
                *bytes += 4
                    + usize::from(column.width) * BIT_SIZE
                    + usize::from(column.exceptions) * exception_size(column.high.into());
            }
        }
        let entry = TocEntry {
            offset: to_u32(block_start - start),
            crc: crc32fast::hash(&out[block_start..]),
            t_first: counts[0],
        };
        let entry_at = start + number * TOC_ENTRY_SIZE;
        out[entry_at..entry_at + TOC_ENTRY_SIZE].copy_from_slice(&entry.write());
    }

    let total = to_u32(out.len() - start);
    let [x, y] = pixel_bytes.map(to_u32);
    let p = to_u32(n.div_ceil(MINI_LEN) * BIT_SIZE);
    Ok(Encoded {
        toc_len: to_u32(toc_len),
        column_bytes: [total - x - y - p, x, y, p],
    })
}

fn to_u32(len: usize) -> u32 {
    u32::try_from(len).expect("a payload is shorter than 4 GiB")
}

/// Writes all of a block but the zeros at its end.
#[inline(always)]
fn write_block(minis: &[MiniChoice], p: &[u8], out: &mut Vec<u8>) {
    let head = out.len();
    for mini in minis {
        out.extend_from_slice(&mini.head.write());
    }
    debug_assert_eq!(out.len(), head + minis.len() * MINI_HEAD_SIZE);
    out.resize(head + head_size(minis.len()), 0);

    for mini in minis {
        pack(usize::from(mini.head.x.width), &mini.x, out);
    }
    for mini in minis {
        pack(usize::from(mini.head.y.width), &mini.y, out);
    }
    for p in p.chunks(MINI_LEN) {
        let mut whole = [0; MINI_LEN];
        whole[..p.len()].copy_from_slice(p);
        out.extend_from_slice(&pack_bitmap(&whole));
    }
    for mini in minis {
        let width = usize::from(mini.head.t.width);
        for low in (0..width).step_by(16) {
            let bits = mini.t.map(|r| (r >> low) as u16);
            pack((width - low).min(16), &bits, out);
        }
    }

    let mut positions = Positions::default();
    for mini in minis {
        let head = mini.head.t;
        for &position in positions.push(&mini.t, head.exceptions, head.width) {
            let high = (mini.t[usize::from(position)] as i64) >> head.width;
            out.extend_from_slice(&high.to_le_bytes()[..1 << head.high]);
        }
    }
    for mini in minis {
        write_highs(mini.head.x, &mini.x, &mut positions, out);
    }
    for mini in minis {
        write_highs(mini.head.y, &mini.y, &mut positions, out);
    }
    out.extend_from_slice(positions.all());
}

/// Writes the high parts of exceptions of `x` or `y`.
#[inline(always)]
fn write_highs(
    head: Pixel,
    residuals: &[u16; MINI_LEN],
    positions: &mut Positions,
    out: &mut Vec<u8>,
) {
    for &position in positions.push(residuals, head.exceptions, head.width) {
        let high = (residuals[usize::from(position)] as i16) >> head.width;
        out.extend_from_slice(&high.to_le_bytes()[..1 << head.high]);
    }
}
