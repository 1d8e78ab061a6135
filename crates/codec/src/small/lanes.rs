//! 32 interleaved rANS coders over one stream of 16-bit words.
//!
//! Event `i` belongs to lane `i mod 32`. A step decodes one event in each lane; the lanes whose state
//! then has no high half each take the next word, in the order of lanes. So the same bytes suit a
//! loop, vector registers and a warp of a GPU. All states stay below `2^32`, whatever the input: the
//! largest is `1024 * (2^22 - 1) + 1023`.

use super::forever::{ALONE_BITS, LANES, LOWEST, TOTAL_BITS};
use super::slots::{ALONE_SLOTS, AloneSlots, SLOTS, Slot, Slots};

/// The words end too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short;

/// The decoders of a stream.
#[derive(Debug, Clone)]
pub(super) struct Lanes<'a> {
    pub(super) states: [u32; LANES],
    /// What is left of the words.
    pub(super) words: &'a [[u8; 2]],
}

impl<'a> Lanes<'a> {
    /// The state after taking a word where one is needed; how many words were taken.
    #[inline(always)]
    fn refill(state: u32, word: [u8; 2]) -> (u32, usize) {
        let needed = state < LOWEST;
        let longer = state << 16 | u32::from(u16::from_le_bytes(word));
        (if needed { longer } else { state }, usize::from(needed))
    }

    /// Decodes up to 32 events, one in each lane. `next` gives the state that a lane goes on with
    /// before it takes a word.
    #[inline(always)]
    pub(super) fn step(
        &mut self,
        n: usize,
        mut next: impl FnMut(usize, u32) -> u32,
    ) -> Result<(), Short> {
        if n == LANES
            && let Some(words) = self.words.first_chunk::<LANES>()
        {
            let mut taken = 0;
            for (lane, state) in self.states.iter_mut().enumerate() {
                let (refilled, more) = Self::refill(next(lane, *state), words[taken % LANES]);
                *state = refilled;
                taken += more;
            }
            self.words = &self.words[taken..];
            return Ok(());
        }
        for (lane, state) in self.states.iter_mut().enumerate().take(n) {
            let moved = next(lane, *state);
            *state = moved;
            if moved < LOWEST {
                let (&word, rest) = self.words.split_first().ok_or(Short)?;
                (*state, _) = Self::refill(moved, word);
                self.words = rest;
            }
        }
        Ok(())
    }

    /// Decodes symbols of one table. `out` starts at a multiple of 32 events.
    pub(super) fn symbols(&mut self, table: &AloneSlots, out: &mut [u8]) -> Result<(), Short> {
        for out in out.chunks_mut(LANES) {
            self.step(out.len(), |lane, state| {
                let slot = table[state as usize % ALONE_SLOTS];
                out[lane] = slot as u8;
                advance(state >> ALONE_BITS, slot)
            })?;
        }
        Ok(())
    }

    /// Decodes symbols, each of the table that `contexts` names.
    pub(super) fn symbols_in(
        &mut self,
        tables: &[Slots],
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<(), Short> {
        let outs = out.chunks_mut(LANES);
        for (out, contexts) in outs.zip(contexts.chunks(LANES)) {
            self.step(out.len(), |lane, state| {
                let slot = tables[usize::from(contexts[lane])][state as usize % SLOTS];
                out[lane] = slot as u8;
                advance(state >> TOTAL_BITS, slot)
            })?;
        }
        Ok(())
    }
}

/// The state behind a symbol; `high` are the bits of the state before that chose no slot.
#[inline(always)]
fn advance(high: u32, slot: Slot) -> u32 {
    ((slot >> 8 & 0xfff) + 1) * high + (slot >> 20)
}
