//! What a polarity is coded by: its context, and how likely a one is in each context.

use super::forever::LANES;

/// Contexts of a polarity.
pub(super) const CONTEXTS: usize = 48;

/// How likely polarity 1 is in each context, out of 1,024: 1 to 1,023.
pub(super) type PolarityModel = [u16; CONTEXTS];

/// How many of a segment's polarities are coded. The others, its last ones, stand in the states
/// that the decoder ends with, 16 in each, as these bits are stored anyway.
pub(super) fn coded_len(len: usize) -> usize {
    len.saturating_sub(16 * LANES)
}

/// What the states hold of a segment's last polarities.
pub(super) fn seeds(last: &[u8]) -> [u16; LANES] {
    let mut seeds = [0; LANES];
    for (bit, p) in last.chunks(LANES).enumerate() {
        for (seed, &p) in seeds.iter_mut().zip(p) {
            *seed |= u16::from(p & 1) << bit;
        }
    }
    seeds
}

/// The last polarities from the states.
pub(super) fn unseed(states: &[u32; LANES], last: &mut [u8]) {
    for (bit, p) in last.chunks_mut(LANES).enumerate() {
        for (p, state) in p.iter_mut().zip(states) {
            *p = (state >> bit & 1) as u8;
        }
    }
}

/// The contexts of events whose polarity is told by the event before; `before` is where the event
/// before these was, unless they start a segment.
pub(super) fn contexts_before(
    x: &[u16],
    y: &[u16],
    mut before: Option<(u16, u16)>,
    out: &mut [u8],
) {
    for ((&x, &y), out) in x.iter().zip(y).zip(out) {
        *out = before.map_or(28, |(x0, y0)| {
            let (dx, dy) = (x.wrapping_sub(x0) as i16, y.wrapping_sub(y0) as i16);
            let within = |most: i16| (-most..=most).contains(&dx) && (-most..=most).contains(&dy);
            if within(2) {
                ((dy + 2) * 5 + dx + 2) as u8
            } else if dy == 0 {
                25 + u8::from(dx > 0)
            } else if within(8) {
                27
            } else {
                28
            }
        });
        before = Some((x, y));
    }
}

/// Turns changes into polarities: a one is a polarity that differs from the one before.
pub(super) fn unchange(before: &mut u8, p: &mut [u8]) {
    for p in p {
        *before ^= *p;
        *p = *before;
    }
}

/// The values of a step, with zeros behind the last event.
pub(super) fn step<T: Copy + Default>(v: &[T]) -> [T; LANES] {
    let mut step = [T::default(); LANES];
    step[..v.len()].copy_from_slice(v);
    step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_event_before_was() {
        let (x, y) = ([5, 5, 7, 9, 6, 6, 6, 14, 0], [5, 5, 3, 3, 3, 3, 11, 3, 900]);
        let mut out = [0; 9];
        contexts_before(&x, &y, None, &mut out);
        // 12 is the same pixel, 25 and 26 the same row, 27 near.
        assert_eq!(out, [28, 12, 4, 14, 25, 12, 27, 27, 28]);
        contexts_before(&x[..1], &y[..1], Some((0, 5)), &mut out);
        assert_eq!(out[0], 26);
        assert!(out.iter().all(|&c| usize::from(c) < CONTEXTS));
    }
}
