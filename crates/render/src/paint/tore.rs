//! Volumes of the latest events of each pixel and polarity.

use super::ticks::before;
use super::{Block, Clock, by_polarity};
use crate::marks::Marks;

/// Ages below this many microseconds are one.
const YOUNGEST_US: f64 = 150.0;
/// So are those above this many, and no event.
const OLDEST_US: f64 = 5e6;

/// What an age in microseconds is in a volume: 0 of the youngest.
fn value(age_us: f64) -> f32 {
    let age = age_us.clamp(YOUNGEST_US, OLDEST_US);
    ((age + 1.0).ln() - (YOUNGEST_US + 1.0).ln()) as f32
}

/// What no event is.
pub(crate) fn none() -> f32 {
    value(OLDEST_US)
}

/// Adds events to a volume of so many for each pixel and polarity, the youngest first.
#[inline(always)]
pub(super) fn paint(
    frame: &mut [f32],
    block: Block<'_>,
    depth: usize,
    plane: usize,
    clock: &Clock,
    marks: &mut Marks,
) {
    let us = clock.time_base.approximate_nanoseconds() * 1e-3;
    by_polarity(block.pixels, block.p, plane * depth);
    before(block.values, block.t, clock.window.end, |age| {
        value(age * us)
    });
    for (&at, &value) in block.pixels.iter().zip(&*block.values) {
        let mut young = value;
        for k in 0..depth {
            let at = at as usize + k * plane;
            let held = &mut frame[at];
            if young < *held {
                std::mem::swap(&mut young, held);
                marks.note(&[at as u32]);
            }
        }
    }
}
