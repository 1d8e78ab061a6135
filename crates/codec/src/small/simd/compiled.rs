//! Loops with no vector code of their own, compiled once more for a machine with AVX2.

use crate::small::axis::Axis;
use crate::small::contexts;
use crate::small::values::{self, SegmentClock, Walk};

#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) fn times(clock: SegmentClock, symbols: &[u8], raw: &[u8], from: usize, out: &mut [i64]) {
    // Differences that have a sign are rare: so the loop is compiled without them, and with.
    if clock.zigzag {
        let clock = SegmentClock {
            zigzag: true,
            ..clock
        };
        values::times(clock, symbols, raw, from, out);
    } else {
        let clock = SegmentClock {
            zigzag: false,
            ..clock
        };
        values::times(clock, symbols, raw, from, out);
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) fn coordinates(
    axis: &Axis,
    walk: &mut Walk,
    symbols: &[u8],
    contexts: Option<&[u8]>,
    raw: &[u8],
    out: &mut [u16],
) {
    values::coordinates(axis, walk, symbols, contexts, raw, out);
}

#[target_feature(enable = "avx2")]
pub(super) fn contexts<'a>(
    axis: &Axis,
    first_base: u16,
    t: &[u8],
    first: &[u16],
    before: Option<u16>,
    out: &'a mut [u8],
) -> Option<&'a [u8]> {
    contexts::contexts(axis, first_base, t, first, before, out)
}
