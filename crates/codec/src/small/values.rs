//! Symbols and raw bits to values.

use super::bucket::{PixelBucket, TimeBucket, unzigzag, unzigzag_time};
use super::head::{Axis, Mode};
use super::stream::{MOST_SHORT_BITS, raw_bits, short_bits};
use crate::fast::{MINI_LEN, unpack::unpack};

/// Raw bits of the times of symbols.
pub(super) fn time_bits(symbols: &[u8]) -> usize {
    symbols
        .iter()
        .map(|&s| usize::from(TimeBucket::WIDTH[usize::from(s)]))
        .sum()
}

/// Times from symbols: `t` is that of the segment's first event. Writes those from event `from` on.
#[inline(always)]
pub(super) fn times(
    symbols: &[u8],
    raw: &[u8],
    zigzag: bool,
    divisor: i64,
    mut t: i64,
    from: usize,
    out: &mut [i64],
) {
    let mut at = 0;
    let mut next = |symbol: u8| {
        let symbol = usize::from(symbol);
        let width = u32::from(TimeBucket::WIDTH[symbol]);
        let mut dt = TimeBucket::BASE[symbol];
        if width <= MOST_SHORT_BITS {
            dt += short_bits(raw, at, width);
        } else {
            dt += raw_bits(raw, at, width);
        }
        at += width as usize;
        if zigzag {
            dt = unzigzag_time(dt);
        }
        t = t.wrapping_add((dt as i64).wrapping_mul(divisor));
        t
    };
    let (skipped, wanted) = symbols.split_at(from);
    for &symbol in skipped {
        next(symbol);
    }
    for (out, &symbol) in out.iter_mut().zip(wanted) {
        *out = next(symbol);
    }
}

/// Raw bits of the values of symbols in a segment of `len` events.
pub(super) fn axis_bits(axis: &Axis, symbols: &[u8], contexts: Option<&[u8]>) -> usize {
    let width = |&s: &u8| usize::from(PixelBucket::WIDTH[usize::from(s)]);
    match (axis.mode, contexts) {
        (Mode::Direct, _) => usize::from(axis.shift) * symbols.len().next_multiple_of(MINI_LEN),
        (Mode::Mixed, Some(contexts)) => symbols
            .iter()
            .zip(contexts)
            .map(|(s, &c)| if c == 0 { width(s) } else { axis.shift.into() })
            .sum(),
        _ => symbols.iter().map(width).sum(),
    }
}

/// Values of a coordinate from symbols.
#[inline(always)]
pub(super) fn coordinates(
    axis: &Axis,
    symbols: &[u8],
    contexts: Option<&[u8]>,
    raw: &[u8],
    out: &mut [u16],
) {
    let (shift, base) = (axis.shift, axis.base);
    let mut at = 0;
    let mut before = 0u16;
    let mut bucket = |symbol: u8| {
        let symbol = usize::from(symbol);
        let width = u32::from(PixelBucket::WIDTH[symbol]);
        let v = PixelBucket::BASE[symbol] + short_bits(raw, at, width);
        at += width as usize;
        v as u16
    };
    match axis.mode {
        Mode::Direct if shift == 0 => {
            for (out, &symbol) in out.iter_mut().zip(symbols) {
                *out = base.wrapping_add(symbol.into());
            }
        }
        Mode::Direct => {
            let plane_len = usize::from(shift) * (MINI_LEN / 8);
            for ((out, symbols), plane) in out
                .chunks_mut(MINI_LEN)
                .zip(symbols.chunks(MINI_LEN))
                .zip(raw.chunks_exact(plane_len))
            {
                let mut low = [0; MINI_LEN];
                unpack(shift.into(), plane, &mut low);
                for ((out, &symbol), &low) in out.iter_mut().zip(symbols).zip(&low) {
                    *out = base.wrapping_add(u16::from(symbol) << shift | low);
                }
            }
        }
        Mode::Delta => {
            for (out, &symbol) in out.iter_mut().zip(symbols) {
                before = before.wrapping_add(unzigzag(bucket(symbol)));
                *out = before;
            }
        }
        Mode::Xor => {
            for (out, &symbol) in out.iter_mut().zip(symbols) {
                before ^= bucket(symbol);
                *out = before;
            }
        }
        Mode::Mixed => {
            let contexts = contexts.expect("mixed mode has several tables");
            for ((out, &symbol), &context) in out.iter_mut().zip(symbols).zip(contexts) {
                // Both are found, as no one can tell which it will be: a choice is no branch.
                let changes = context == 0;
                let bucket = usize::from(symbol);
                let (least, width) = if changes {
                    (PixelBucket::BASE[bucket] as u16, PixelBucket::WIDTH[bucket])
                } else {
                    (u16::from(symbol) << shift, shift)
                };
                let v = least.wrapping_add(short_bits(raw, at, width.into()) as u16);
                at += usize::from(width);
                let (changed, direct) = (before.wrapping_add(unzigzag(v)), base.wrapping_add(v));
                before = if changes { changed } else { direct };
                *out = before;
            }
        }
    }
}
