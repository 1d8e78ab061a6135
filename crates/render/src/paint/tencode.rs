//! The latest event of a pixel as a colour.

use super::Block;
use crate::marks::Marks;

/// Puts the colours of events that are at most `tau` ticks older than `end`.
#[inline(always)]
pub(super) fn paint(
    frame: &mut [u16],
    block: &Block<'_>,
    plane: usize,
    tau: f64,
    end: i64,
    marks: &mut Marks,
) {
    let events = block.pixels.iter().zip(block.t).zip(block.p);
    for ((&at, &t), &p) in events {
        let age = end.abs_diff(t) as f64;
        if age > tau {
            continue;
        }
        let on = u16::from(p & 1);
        let age = (255.0 * age / tau + 0.5) as u16;
        for (k, value) in [255 * on, age, 255 * (1 - on)].into_iter().enumerate() {
            let at = at + (k * plane) as u32;
            frame[at as usize] = value;
            marks.note(&[at]);
        }
    }
}
