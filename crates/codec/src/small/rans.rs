//! 32 interleaved rANS coders over one stream of 16-bit words.
//!
//! Event `i` belongs to lane `i mod 32`. A step decodes one event in each lane; the lanes whose state
//! then has no high half each take the next word, in the order of lanes. So the same bytes suit a
//! loop, vector registers and a warp of a GPU. All states stay below `2^32`, whatever the input: the
//! largest is `1024 * (2^22 - 1) + 1023`.

use super::frequency::{HALF, Shares};
use super::simd::Vectors;
use super::{ALONE_BITS, LANES, TOTAL_BITS};

/// States have this bit or a higher one.
pub(super) const LOWEST: u32 = 1 << 16;

/// What a lane does for one value of the lowest bits of its state: bits 0 to 7 the symbol, bits 8 to
/// 19 one less than its frequency, from bit 20 on how far the value lies behind the symbol's start.
pub(super) type Slot = u32;

/// Slots of one of several tables.
pub(super) const SLOTS: usize = 1 << TOTAL_BITS;
/// Slots of a table that is alone.
pub(super) const ALONE_SLOTS: usize = 1 << ALONE_BITS;

/// One of several tables.
pub(super) type Slots = [Slot; SLOTS];
/// A table that is alone.
pub(super) type AloneSlots = [Slot; ALONE_SLOTS];

/// A slot: number `i` of the `frequency` that a symbol has.
#[inline(always)]
pub(super) fn slot_of(symbol: usize, frequency: usize, i: usize) -> Slot {
    let frequency = (frequency.wrapping_sub(1) as u32) << 8;
    frequency.wrapping_add((i as u32) << 20) | symbol as u32
}

/// The tables of a column.
#[derive(Debug, Clone, Copy)]
pub(super) enum ColumnSlots<'a> {
    Alone(&'a AloneSlots),
    Several(&'a [Slots]),
}

/// Slots that are written at once, and more than a table has.
pub(super) const FILL: usize = 16;

/// Fills the slots of a table, and at most [`FILL`] behind; `put` fills slots in from the first.
#[inline(always)]
pub(super) fn fill_table(
    levels: &[u8],
    bits: u32,
    out: &mut [Slot],
    put: impl Fn(&mut [Slot; FILL], Slot),
) {
    let shares = Shares::new(levels, bits);
    let out = &mut out[..(1 << bits) + FILL];
    let (mut sum, mut start) = (HALF, 0);
    for (symbol, &level) in levels[..=shares.last].iter().enumerate() {
        let end = if symbol == shares.last {
            1 << bits
        } else {
            usize::from(shares.add(&mut sum, level))
        };
        let slot = slot_of(symbol, end - start, 0);
        // What is too much belongs to symbols that come later. Most symbols need no more than this,
        // and one that has no share needs no branch.
        let mut at = start;
        loop {
            let next = out[at..].first_chunk_mut().expect("there is room");
            put(next, slot.wrapping_add(((at - start) as u32) << 20));
            at += FILL;
            if at >= end {
                break;
            }
        }
        start = end;
    }
}

/// Fills slots in from the first.
#[inline(always)]
pub(super) fn put_slots(slots: &mut [Slot; FILL], first: Slot) {
    for (i, slot) in slots.iter_mut().enumerate() {
        *slot = first.wrapping_add((i as u32) << 20);
    }
}

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
    pub(super) fn symbols(
        &mut self,
        vectors: Option<Vectors>,
        table: &AloneSlots,
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match vectors {
            Some(vectors) => vectors.symbols(self, table, out)?,
            None => 0,
        };
        for out in out[done..].chunks_mut(LANES) {
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
        vectors: Option<Vectors>,
        tables: &[Slots],
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match vectors {
            Some(vectors) => vectors.symbols_in(self, tables, contexts, out)?,
            None => 0,
        };
        let outs = out[done..].chunks_mut(LANES);
        for (out, contexts) in outs.zip(contexts[done..].chunks(LANES)) {
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
pub(super) fn advance(high: u32, slot: Slot) -> u32 {
    ((slot >> 8 & 0xfff) + 1) * high + (slot >> 20)
}

/// How to encode a symbol.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// `2^64 / frequency`, rounded up; for 1, where that has no room, one less.
    reciprocal: u64,
    /// Larger states give a word first.
    largest: u32,
    start: u16,
    /// What the frequency lacks to the total.
    rest: u16,
}

impl Step {
    /// Of a symbol with a frequency of 1 at least, in a table of `bits`.
    pub(super) fn new(start: u16, frequency: u16, bits: u32) -> Self {
        let (f, total) = (u32::from(frequency), 1 << bits);
        let largest = ((u64::from(f) << (32 - bits)) - 1) as u32;
        let rest = (total - f) as u16;
        if f == 1 {
            // The quotient comes out one too small: what that takes away is added to the start.
            return Self {
                reciprocal: u64::MAX,
                largest,
                start: start + rest,
                rest,
            };
        }
        Self {
            reciprocal: u64::MAX / u64::from(f) + 1,
            largest,
            start,
            rest,
        }
    }

    /// The state that the decoder comes from.
    #[inline(always)]
    fn back(self, state: u32) -> u32 {
        let quotient = ((u128::from(state) * u128::from(self.reciprocal)) >> 64) as u32;
        state + u32::from(self.start) + quotient * u32::from(self.rest)
    }
}

/// The encoders of a stream, from the last event to the first.
#[derive(Debug)]
pub(super) struct Encoder {
    states: [u32; LANES],
    /// Words from the back: those of `words[at..]` are written.
    words: Vec<u16>,
    at: usize,
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self {
            states: [LOWEST; LANES],
            words: Vec::new(),
            at: 0,
        }
    }

    /// Starts a stream of up to `len` events. The decoder ends with `LOWEST + seeds[lane]`.
    pub(super) fn start(&mut self, len: usize, seeds: &[u16; LANES]) {
        self.states = seeds.map(|seed| LOWEST + u32::from(seed));
        if self.words.len() < len {
            self.words.resize(len, 0);
        }
        self.at = self.words.len();
    }

    /// Encodes events, the last one first; `step` gives that of an event.
    #[inline(always)]
    pub(super) fn encode(&mut self, len: usize, step: impl Fn(usize) -> Step) {
        let first = self.at.checked_sub(len).expect("start was told the length");
        let words = &mut self.words[first..self.at];
        let mut at = words.len();
        for i in (0..len).rev() {
            let state = &mut self.states[i % LANES];
            let step = step(i);
            let full = *state > step.largest;
            words[at - 1] = *state as u16;
            at -= usize::from(full);
            *state = step.back(if full { *state >> 16 } else { *state });
        }
        self.at = first + at;
    }

    /// How many words there are.
    pub(super) fn words(&self) -> usize {
        self.words.len() - self.at
    }

    /// The states that the decoder starts with, and the words.
    pub(super) fn finish(&self) -> (&[u32; LANES], &[u16]) {
        (&self.states, &self.words[self.at..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small::frequency::shares;
    use proptest::prelude::*;

    #[test]
    fn every_frequency_divides_exactly() {
        for bits in [TOTAL_BITS, ALONE_BITS] {
            for frequency in 1..=1u16 << bits {
                let step = Step::new(0, frequency, bits);
                let f = u32::from(frequency);
                for x in [1, 5, 1023, 65_536, 99_999_999, u32::MAX - 1, u32::MAX] {
                    let x = x.min(step.largest);
                    assert_eq!(step.back(x), ((x / f) << bits) + x % f, "{x} / {f}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn symbols_come_back(
            symbols in prop::collection::vec(0..9u8, 0..3_000),
            seed: u16,
        ) {
            let levels: [u8; 9] = [9, 2, 3, 1, 5, 1, 1, 12, 3];
            let zeros = vec![0; symbols.len()];
            let (mut table, mut alone) = ([0; SLOTS], [0; ALONE_SLOTS]);
            for bits in [TOTAL_BITS, ALONE_BITS] {
                let several = bits == TOTAL_BITS;
                let slots = if several { &mut table[..] } else { &mut alone };
                let mut steps = [Step::default(); 9];
                let mut filled = vec![0; slots.len() + FILL];
                fill_table(&levels, bits, &mut filled, put_slots);
                slots.copy_from_slice(&filled[..slots.len()]);
                shares(&levels, bits, |symbol, from, to| {
                    steps[symbol] = Step::new(from, to - from, bits);
                });
                let mut encoder = Encoder::new();
                encoder.start(symbols.len(), &[seed; LANES]);
                encoder.encode(symbols.len(), |i| steps[usize::from(symbols[i])]);
                let (states, words) = encoder.finish();
                let words: Vec<_> = words.iter().map(|w| w.to_le_bytes()).collect();
                let decode = |vectors, words, out: &mut [u8]| {
                    let mut lanes = Lanes { states: *states, words };
                    let result = if several {
                        lanes.symbols_in(vectors, &[table], &zeros, out)
                    } else {
                        lanes.symbols(vectors, &alone, out)
                    };
                    result.map(|()| lanes)
                };
                let mut out = vec![9; symbols.len()];
                for vectors in [None, Vectors::detect()] {
                    let lanes = decode(vectors, &words, &mut out).unwrap();
                    prop_assert_eq!(&out, &symbols);
                    prop_assert!(lanes.words.is_empty());
                    prop_assert_eq!(lanes.states, [LOWEST + u32::from(seed); LANES]);
                    if let Some((_, fewer)) = words.split_last() {
                        prop_assert!(decode(vectors, fewer, &mut out).is_err());
                    }
                }
            }
        }
    }
}
