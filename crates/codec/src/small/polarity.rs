//! Polarities, each in the context of what its cell remembers.

use super::history::History;
use super::model::PolarityModel;
use super::rans::{Lanes, Short};
use super::simd::Vectors;
use super::{LANES, TOTAL, TOTAL_BITS};

/// How many of a segment's polarities are coded. The others, its last ones, stand in the states that
/// the coder ends with, 16 in each: these bits are there anyway.
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

/// Decodes the polarities of events at `x`, `y`.
pub(super) fn polarities(
    vectors: Option<Vectors>,
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    history: &mut History,
    x: &[u16],
    y: &[u16],
    out: &mut [u8],
) -> Result<(), Short> {
    let done = match vectors {
        Some(vectors) => vectors.polarities(lanes, model, history, x, y, out)?,
        None => 0,
    };
    let (x, y, out) = (&x[done..], &y[done..], &mut out[done..]);
    let mut contexts = [0; LANES];
    for ((x, y), out) in x
        .chunks(LANES)
        .zip(y.chunks(LANES))
        .zip(out.chunks_mut(LANES))
    {
        history.contexts(x, y, &mut contexts);
        lanes.step(out.len(), |lane, state| {
            let ones = u32::from(model[usize::from(contexts[lane])]);
            let (place, high) = (state % TOTAL, state >> TOTAL_BITS);
            // Polarity 1 has the slots below `ones`.
            let one = place < ones;
            out[lane] = u8::from(one);
            let (frequency, start) = if one { (ones, 0) } else { (TOTAL - ones, ones) };
            frequency * high + place - start
        })?;
        history.remember(out);
    }
    Ok(())
}
