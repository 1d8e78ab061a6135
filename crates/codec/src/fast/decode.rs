//! Payloads to columns.

use std::ops::Range;

use evz_core::{ColumnsMut, Error, Place, Result};

use super::block::{Block, Column, Mini};
use super::forever::{BLOCK_LEN, MINI_LEN};
use super::head::{Pixel, Time};
use super::residual::{sum_times, to_pixels, to_times};
use super::toc::Toc;
use crate::codec::{BACKWARDS, Payload, Run, check_request, check_start};
use crate::plane::{BIT_SIZE, unpack, unpack_bitmap};

pub(super) fn decode(
    payload: Payload<'_>,
    run: Run<'_>,
    range: Range<usize>,
    mut out: ColumnsMut<'_>,
) -> Result<()> {
    check_request(payload, &range, &out)?;
    let toc = Toc::new(payload)?;
    let (mut from, mut last) = (range.start, i64::MIN);
    while from < range.end {
        let number = from / BLOCK_LEN;
        let start = number * BLOCK_LEN;
        let to = range.end.min(start.saturating_add(BLOCK_LEN));
        let (bytes, len, t_first) = toc.block(number, run)?;
        let at = from - range.start..to - range.start;
        let out = ColumnsMut {
            t: out.t.as_deref_mut().map(|c| &mut c[at.clone()]),
            x: out.x.as_deref_mut().map(|c| &mut c[at.clone()]),
            y: out.y.as_deref_mut().map(|c| &mut c[at.clone()]),
            p: out.p.as_deref_mut().map(|c| &mut c[at]),
        };
        Block::parse(bytes, len)
            .and_then(|block| {
                let t = payload.time.tick(t_first);
                if payload.sorted && t < last {
                    return Err(BACKWARDS.to_owned());
                }
                let order = Order::of(payload);
                last = decode_block(&block, t, order, from - start..to - start, out)?;
                Ok(())
            })
            .map_err(|what| Error::corrupt(Place::part(format!("block {number}")), what))?;
        from = to;
    }
    Ok(())
}

/// The lower bounds of times.
pub(super) fn lower_bounds<const N: usize>(
    payload: Payload<'_>,
    times: [i64; N],
) -> Result<[usize; N]> {
    let toc = Toc::new(payload)?;
    let later = toc.blocks_before(payload.time, times)?;
    let mut bounds = [0; N];
    for ((bound, later), t) in bounds.iter_mut().zip(later).zip(times) {
        // The block before the first that starts at the time or later holds the answer, or ends at it.
        if let Some(number) = later.checked_sub(1) {
            *bound = number * BLOCK_LEN + lower_bound_in(payload, toc, number, t)?;
        }
    }
    Ok(bounds)
}

/// The lower bound of a time among those of a block, which are decoded as far as that takes.
fn lower_bound_in(payload: Payload<'_>, toc: Toc<'_>, number: usize, t: i64) -> Result<usize> {
    let bytes = payload.bytes;
    let (bytes, len, t_first) = toc.block(number, Run { start: 0, bytes })?;
    let corrupt = |what| Error::corrupt(Place::part(format!("block {number}")), what);
    let block = Block::parse(bytes, len).map_err(corrupt)?;
    let start = payload.time.tick(t_first);
    let (mut last, mut before) = (start, 0);
    for mini in block.minis() {
        let mut times = [0; MINI_LEN];
        let order = Order::of(payload);
        last = order
            .decode_times(mini, last, &mut times)
            .map_err(corrupt)?;
        if before == 0 {
            check_start(Some(start), times[0])?;
        }
        let times = &times[..mini.len];
        if times.last().is_some_and(|last| t <= *last) {
            return Ok(before + times.partition_point(|&v| v < t));
        }
        before += mini.len;
    }
    Ok(before)
}

/// Decodes a range of a block that is not empty and starts at the time `t`; gives the last time that was
/// decoded.
fn decode_block(
    block: &Block<'_>,
    mut t: i64,
    order: Order,
    range: Range<usize>,
    mut out: ColumnsMut<'_>,
) -> Result<i64, String> {
    for (number, mini) in block.minis().iter().enumerate() {
        let start = number * MINI_LEN;
        if start >= range.end {
            break;
        }
        let end = start + mini.len;
        if end <= range.start {
            // Times go on from one mini-block to the next.
            if out.t.is_some() {
                t = order.decode_times(mini, t, &mut [0; MINI_LEN])?;
            }
            continue;
        }
        let (from, to) = (range.start.max(start), range.end.min(end));
        let at = from - range.start..to - range.start;
        let within = from - start..to - start;
        if let Some(out) = out.x.as_deref_mut() {
            into(&mut out[at.clone()], within.clone(), |v| {
                decode_pixels('x', &mini.x, mini.len, v)
            })?;
        }
        if let Some(out) = out.y.as_deref_mut() {
            into(&mut out[at.clone()], within.clone(), |v| {
                decode_pixels('y', &mini.y, mini.len, v)
            })?;
        }
        if let Some(out) = out.p.as_deref_mut() {
            into(&mut out[at.clone()], within.clone(), |v| {
                unpack_bitmap(mini.p, v);
                Ok(())
            })?;
        }
        if let Some(out) = out.t.as_deref_mut() {
            t = into(&mut out[at], within, |v| order.decode_times(mini, t, v))?;
        }
    }
    Ok(t)
}

/// How times go on in a chunk.
#[derive(Clone, Copy)]
struct Order {
    sorted: bool,
    divisor: u64,
}

impl Order {
    fn of(payload: Payload<'_>) -> Self {
        Self {
            sorted: payload.sorted,
            divisor: payload.time.divisor,
        }
    }

    /// Decodes times that go on from `t`, in order if those of the chunk are; gives the last one.
    fn decode_times(
        self,
        mini: &Mini<'_>,
        t: i64,
        out: &mut [i64; MINI_LEN],
    ) -> Result<i64, String> {
        let last = decode_times(mini, self.divisor, t, out)?;
        let backwards = match self.only_rises(&mini.t.head) {
            // All steps together are less than 2^56, so that times which wrap around end before they began.
            true => last < t,
            false => out[0] < t || !out.is_sorted(),
        };
        match self.sorted && backwards {
            true => Err(BACKWARDS.to_owned()),
            false => Ok(last),
        }
    }

    /// Whether no step of such a mini-block can be a step back: so it is in most, and no time has to be
    /// looked at.
    fn only_rises(self, head: &Time) -> bool {
        let Time {
            zigzag,
            width,
            exceptions,
            high: _,
        } = *head;
        !zigzag && exceptions == 0 && width < 16 && self.divisor < 1 << 32
    }
}

/// Decodes a mini-block. `out` gets its events `within`: without a copy where these are all 256.
#[inline(always)]
fn into<T: Copy + Default, R>(
    out: &mut [T],
    within: Range<usize>,
    decode: impl FnOnce(&mut [T; MINI_LEN]) -> Result<R, String>,
) -> Result<R, String> {
    if let Ok(whole) = <&mut [T; MINI_LEN]>::try_from(&mut *out) {
        return decode(whole);
    }
    let mut whole = [T::default(); MINI_LEN];
    let result = decode(&mut whole)?;
    out.copy_from_slice(&whole[within]);
    Ok(result)
}

fn decode_pixels(
    name: char,
    column: &Column<'_, Pixel>,
    len: usize,
    out: &mut [u16; MINI_LEN],
) -> Result<(), String> {
    let Pixel {
        mode,
        width,
        exceptions: _,
        high,
        reference,
    } = column.head;
    unpack(usize::from(width), column.planes, out);
    check_positions(name, column.positions, len)?;
    patch(high, column.highs, column.positions, |position, high| {
        out[position] |= (high as u16) << width;
    });
    to_pixels(mode, reference, out);
    Ok(())
}

/// Decodes times that go on from `t`; gives the last one.
fn decode_times(
    mini: &Mini<'_>,
    divisor: u64,
    t: i64,
    out: &mut [i64; MINI_LEN],
) -> Result<i64, String> {
    let Time {
        zigzag,
        width,
        exceptions: _,
        high,
    } = mini.t.head;
    check_positions('t', mini.t.positions, mini.len)?;
    let width = usize::from(width);
    let mut plane = [0; MINI_LEN];
    let (full, rest) = mini.t.planes.split_at(width / 16 * (16 * BIT_SIZE));
    unpack(width % 16, rest, &mut plane);
    if width < 16 {
        // Each time is stored once, not first as a residual: windows of 2,500 events take 4% less.
        let (mut t, mut from) = (t, 0);
        patch(high, mini.t.highs, mini.t.positions, |position, high| {
            let before = from..position;
            t = sum_times(zigzag, divisor, t, &plane[before.clone()], &mut out[before]);
            out[position] = i64::from(plane[position]) | high << width;
            t = to_times(zigzag, divisor, t, &mut out[position..=position]);
            from = position + 1;
        });
        return Ok(sum_times(
            zigzag,
            divisor,
            t,
            &plane[from..],
            &mut out[from..],
        ));
    }
    for (r, &bits) in out.iter_mut().zip(&plane) {
        *r = i64::from(bits).wrapping_shl(width as u32 / 16 * 16);
    }
    for (number, bytes) in full.chunks_exact(16 * BIT_SIZE).enumerate() {
        unpack(16, bytes, &mut plane);
        for (r, &bits) in out.iter_mut().zip(&plane) {
            *r |= i64::from(bits) << (number * 16);
        }
    }
    patch(high, mini.t.highs, mini.t.positions, |position, high| {
        out[position] |= high << width;
    });
    Ok(to_times(zigzag, divisor, t, out))
}

/// Calls `add` with the position and the high part of each exception.
#[inline(always)]
fn patch(high: u8, highs: &[u8], positions: &[u8], mut add: impl FnMut(usize, i64)) {
    let positions = positions.iter().map(|&p| usize::from(p));
    match high {
        0 => positions
            .zip(highs)
            .for_each(|(p, &high)| add(p, i64::from(high as i8))),
        1 => positions
            .zip(highs.as_chunks().0)
            .for_each(|(p, &high)| add(p, i64::from(i16::from_le_bytes(high)))),
        2 => positions
            .zip(highs.as_chunks().0)
            .for_each(|(p, &high)| add(p, i64::from(i32::from_le_bytes(high)))),
        _ => positions
            .zip(highs.as_chunks().0)
            .for_each(|(p, &high)| add(p, i64::from_le_bytes(high))),
    }
}

/// Positions rise strictly and are those of events.
fn check_positions(name: char, positions: &[u8], len: usize) -> Result<(), String> {
    let rising = positions.windows(2).all(|w| w[0] < w[1]);
    let inside = positions.last().is_none_or(|&last| usize::from(last) < len);
    if rising && inside {
        Ok(())
    } else {
        Err(format!(
            "positions of exceptions of {name} do not rise below {len}"
        ))
    }
}
