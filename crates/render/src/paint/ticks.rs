//! What is made of the time of an event, for several events at once.

use std::ops::Range;

use super::Clock;
use crate::representation::seconds;

/// What `of` makes of the ticks from each event to `end`, which none is behind.
#[inline(always)]
pub(super) fn before(values: &mut [f32], t: &[i64], end: i64, of: impl Fn(f64) -> f32) {
    let most = t
        .iter()
        .fold(0, |most, t| most | end.wrapping_sub(*t) as u64);
    let distance = |t: i64| end.wrapping_sub(t) as u64;
    let put = |value: &mut f32, ticks| *value = of(ticks);
    ticks(t, most, distance, values.iter_mut(), put);
}

/// The seconds from the window's start to each event.
#[inline(always)]
pub(super) fn since_start(values: &mut [f32], t: &[i64], clock: &Clock) {
    let Range { start, end } = clock.window;
    let tick = seconds(clock.time_base);
    let distance = |t: i64| t.wrapping_sub(start) as u64;
    let put = |value: &mut f32, ticks| *value = (ticks * tick) as f32;
    ticks(t, end.abs_diff(start), distance, values.iter_mut(), put);
}

/// Puts the distance of each event, in ticks, of which none is more than `most`.
#[inline(always)]
pub(super) fn ticks<T>(
    t: &[i64],
    most: u64,
    distance: impl Fn(i64) -> u64,
    out: impl Iterator<Item = T>,
    put: impl Fn(T, f64),
) {
    // Whole numbers below 2^52 are the low bits of floats from 2^52 on: unlike a conversion, this
    // works on several at once on every processor.
    const BITS: f64 = (1u64 << 52) as f64;
    if most < 1 << 52 {
        for (out, t) in out.zip(t) {
            put(out, f64::from_bits(distance(*t) | BITS.to_bits()) - BITS);
        }
    } else {
        for (out, t) in out.zip(t) {
            put(out, distance(*t) as f64);
        }
    }
}

/// `e^x` for `x` of at most 0, within 2e-7, as plain arithmetic that works on several at once: a
/// power of 2 by the exponent's bits, times a polynomial for what is left.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    // Adding and taking away this rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let terms = [
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let sum = terms.iter().fold(0.0, |sum, term| sum * r + term);
    let power = f32::from_bits(
        shifted
            .to_bits()
            .wrapping_sub(ROUND.to_bits())
            .wrapping_add(127)
            << 23,
    );
    sum * power
}
