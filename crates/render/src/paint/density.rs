//! Stacks of sums over ever longer parts of a window.

use super::{Block, Clock, sign};
use crate::carries::Carries;
use crate::marks::Marks;
use crate::time_span::TimeSpan;

/// Adds events to each channel whose part of the window reaches as far as they are: the last channel is of all,
/// the one before it of the first half, and so on.
#[inline(always)]
pub(super) fn paint(
    frame: &mut [i16],
    block: &Block<'_>,
    bins: usize,
    plane: usize,
    clock: &Clock,
    marks: &mut Marks,
    carries: &mut Carries,
) {
    let (start, length) = clock.span(TimeSpan::Events);
    let events = block.pixels.iter().zip(block.t).zip(block.p);
    for ((&at, &t), &p) in events {
        let since = t.abs_diff(start);
        for bin in first_channel(since, length, bins)..bins {
            let at = at as usize + bin * plane;
            let (sum, over) = frame[at].overflowing_add(sign(p));
            frame[at] = sum;
            if over {
                carries.add(at as u32, i32::from(sign(p)));
            }
            marks.note(&[at as u32]);
        }
    }
}

/// The first channel that holds an event: its part of the window ends at 1/2, 1/4, ... of its length.
#[inline(always)]
fn first_channel(since: u64, length: u64, bins: usize) -> usize {
    // The least k of 1 or more with since * 2^k >= length.
    let mut halves = 1;
    while halves < bins && (u128::from(since) << halves) < u128::from(length) {
        halves += 1;
    }
    bins - halves
}
