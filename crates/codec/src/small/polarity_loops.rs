//! The loops that decode polarities, without vector instructions.

use super::forever::{LANES, TOTAL, TOTAL_BITS};
use super::history::History;
use super::lanes::{Lanes, Short};
use super::polarity::{PolarityModel, step};

/// Decodes the polarities of events at `x`, `y` in the contexts that cells remember.
pub(super) fn by_history(
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    history: &mut History,
    (x, y): (&[u16], &[u16]),
    out: &mut [u8],
) -> Result<(), Short> {
    let (x, y) = (x.chunks(LANES), y.chunks(LANES));
    for ((x, y), out) in x.zip(y).zip(out.chunks_mut(LANES)) {
        let cells = history.cells(&step(x), &step(y));
        bits(lanes, model, &history.contexts(&cells), out)?;
        history.remember(&cells, out);
    }
    Ok(())
}

/// Decodes bits in known contexts.
pub(super) fn by_contexts(
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    contexts: &[u8],
    out: &mut [u8],
) -> Result<(), Short> {
    for (contexts, out) in contexts.chunks(LANES).zip(out.chunks_mut(LANES)) {
        bits(lanes, model, contexts, out)?;
    }
    Ok(())
}

/// Decodes the bits of a step.
#[inline(always)]
fn bits(
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    contexts: &[u8],
    out: &mut [u8],
) -> Result<(), Short> {
    lanes.step(out.len(), |lane, state| {
        let ones = u32::from(model[usize::from(contexts[lane])]);
        let (place, high) = (state % TOTAL, state >> TOTAL_BITS);
        // Polarity 1 has the slots below `ones`.
        let one = u32::from(place < ones);
        out[lane] = one as u8;
        // No branch, as it could not be predicted.
        let all = one.wrapping_neg();
        let frequency = ones & all | (TOTAL - ones) & !all;
        frequency * high + place - (ones & !all)
    })
}
