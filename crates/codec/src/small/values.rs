//! Symbols and raw bits to values.

use super::axis::{Axis, Mode};
use super::bucket::{DIRECT, PixelBucket, TimeBucket, unzigzag, unzigzag_time};
use super::raw_bits::raw_bits;
use crate::plane::{PLANE_LEN, unpack};

/// Events that are looked at together: most often none of them has raw bits.
const BLOCK: usize = 32;

/// Whether symbols are numbers and have no raw bits.
#[inline(always)]
fn all_direct(symbols: &[u8]) -> bool {
    symbols.iter().fold(0, |most, &s| most.max(s)) < DIRECT
}

/// Raw bits of the times of symbols.
pub(super) fn time_bits(symbols: &[u8]) -> usize {
    let width = |&s: &u8| usize::from(TimeBucket::WIDTH[usize::from(s)]);
    symbols
        .chunks(BLOCK)
        .filter(|block| !all_direct(block))
        .map(|block| block.iter().map(width).sum::<usize>())
        .sum()
}

/// What makes times of a segment's differences.
#[derive(Debug, Clone, Copy)]
pub(super) struct SegmentClock {
    /// Whether differences have a sign.
    pub(super) zigzag: bool,
    /// Ticks of a difference of 1.
    pub(super) divisor: i64,
    /// Time of the segment's first event.
    pub(super) first: i64,
}

/// Times from the symbols of a segment. Writes those from event `from` on.
#[inline(always)]
pub(super) fn times(clock: SegmentClock, symbols: &[u8], raw: &[u8], from: usize, out: &mut [i64]) {
    let SegmentClock {
        zigzag,
        divisor,
        first: mut t,
    } = clock;
    let mut at = 0;
    let mut some = [0; BLOCK];
    for (number, block) in symbols.chunks(BLOCK).enumerate() {
        let start = number * BLOCK;
        let whole = start.checked_sub(from).and_then(|start| {
            let out = out.get_mut(start..start + block.len())?;
            Some(out)
        });
        let is_whole = whole.is_some();
        let times = whole.unwrap_or(&mut some[..block.len()]);
        if !zigzag && all_direct(block) {
            for (time, &symbol) in times.iter_mut().zip(block) {
                t = t.wrapping_add(i64::from(symbol).wrapping_mul(divisor));
                *time = t;
            }
        } else {
            for (time, &symbol) in times.iter_mut().zip(block) {
                let width = TimeBucket::WIDTH[usize::from(symbol)].into();
                let mut dt = TimeBucket::BASE[usize::from(symbol)] + raw_bits(raw, at, width);
                at += width as usize;
                if zigzag {
                    dt = unzigzag_time(dt);
                }
                t = t.wrapping_add((dt as i64).wrapping_mul(divisor));
                *time = t;
            }
        }
        let skipped = from.saturating_sub(start).min(block.len());
        if !is_whole {
            let wanted = &some[skipped..block.len()];
            out[..wanted.len()].copy_from_slice(wanted);
        }
    }
}

/// How far a coordinate is decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Walk {
    /// The value of the event before.
    pub(super) before: u16,
    /// Raw bits that were used.
    pub(super) at: usize,
}

/// Values of a coordinate from symbols: of a multiple of [`PLANE_LEN`], or of all that are left. If
/// there are fewer raw bits than [`Walk::at`] then says, the values are meaningless.
#[inline(always)]
pub(super) fn coordinates(
    axis: &Axis,
    walk: &mut Walk,
    symbols: &[u8],
    contexts: Option<&[u8]>,
    raw: &[u8],
    out: &mut [u16],
) {
    match axis.mode {
        Mode::Direct => direct(axis, walk, symbols, raw, out),
        Mode::Delta => changes(walk, symbols, None, raw, out, unzigzag, u16::wrapping_add),
        Mode::Xor => changes(walk, symbols, None, raw, out, |v| v, |a, b| a ^ b),
        Mode::Mixed => {
            let contexts = contexts.expect("mixed mode has several tables");
            let direct = Some((axis.shift, axis.base, contexts));
            changes(walk, symbols, direct, raw, out, unzigzag, u16::wrapping_add);
        }
    }
}

#[inline(always)]
fn direct(axis: &Axis, walk: &mut Walk, symbols: &[u8], raw: &[u8], out: &mut [u16]) {
    let (shift, base) = (axis.shift, axis.base);
    if shift == 0 {
        for (out, &symbol) in out.iter_mut().zip(symbols) {
            *out = base.wrapping_add(symbol.into());
        }
        return;
    }
    let plane_len = usize::from(shift) * (PLANE_LEN / 8);
    for (out, symbols) in out.chunks_mut(PLANE_LEN).zip(symbols.chunks(PLANE_LEN)) {
        let plane = raw.get(walk.at / 8..walk.at / 8 + plane_len);
        walk.at += 8 * plane_len;
        let mut low = [0; PLANE_LEN];
        if let Some(plane) = plane {
            unpack(shift.into(), plane, &mut low);
        }
        for ((out, &symbol), &low) in out.iter_mut().zip(symbols).zip(&low) {
            *out = base.wrapping_add(u16::from(symbol) << shift | low);
        }
    }
}

/// Coordinates as changes to the event before. Where `direct` is `None`, all are. Else it has the
/// shift and base of those that are direct, and all contexts, which are 0 for changes.
#[inline(always)]
fn changes(
    walk: &mut Walk,
    symbols: &[u8],
    direct: Option<(u8, u16, &[u8])>,
    raw: &[u8],
    out: &mut [u16],
    change: impl Fn(u16) -> u16,
    join: impl Fn(u16, u16) -> u16,
) {
    let Walk { mut before, mut at } = *walk;
    for (number, (out, symbols)) in out.chunks_mut(BLOCK).zip(symbols.chunks(BLOCK)).enumerate() {
        if direct.is_none() && all_direct(symbols) {
            for (out, &symbol) in out.iter_mut().zip(symbols) {
                before = join(before, change(symbol.into()));
                *out = before;
            }
            continue;
        }
        // Each part of the work is done for all events before the next part. Only two parts go from
        // event to event: where raw bits start, and the value that a change is made to.
        let mut all = [0; BLOCK];
        all[..symbols.len()].copy_from_slice(symbols);
        // Ones where an event follows from that before.
        let mut follows = [u16::MAX; BLOCK];
        if let Some((_, _, contexts)) = direct {
            let contexts = &contexts[number * BLOCK..];
            for (follows, &context) in follows.iter_mut().zip(contexts) {
                *follows = if context == 0 { u16::MAX } else { 0 };
            }
        }
        let (shift, base) = direct.map_or((0, 0), |(shift, base, _)| (shift, base));
        let (mut least, mut width) = ([0; BLOCK], [0; BLOCK]);
        for i in 0..BLOCK {
            let (first, bits) = PixelBucket::parts(all[i].into());
            let follows = u32::from(follows[i]);
            least[i] = (first & follows | (u32::from(all[i]) << shift) & !follows) as u16;
            width[i] = (bits & follows | u32::from(shift) & !follows) as u8;
        }
        // 32 events have no more than 44 bytes.
        let near = raw.get(at / 8..).and_then(|rest| rest.first_chunk::<72>());
        let near = near.unwrap_or(&[0; 72]);
        let mut bit = at % 8;
        let mut low = [0; BLOCK];
        for (low, &width) in low.iter_mut().zip(&width).take(symbols.len()) {
            let word = near[bit / 8 % 64..]
                .first_chunk()
                .expect("8 bytes are left");
            *low = (u64::from_le_bytes(*word) >> (bit % 8) & ((1 << width) - 1)) as u16;
            bit += usize::from(width);
        }
        at = at / 8 * 8 + bit;
        for i in 0..BLOCK {
            let v = least[i].wrapping_add(low[i]);
            low[i] = change(v) & follows[i] | base.wrapping_add(v) & !follows[i];
        }
        for ((out, &low), &follows) in out.iter_mut().zip(&low).zip(&follows) {
            before = join(before & follows, low);
            *out = before;
        }
    }
    *walk = Walk { before, at };
}
