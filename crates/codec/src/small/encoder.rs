//! The encoders of a stream: 32 interleaved rANS coders, from the last event to the first.

use super::forever::{LANES, LOWEST};

/// How to encode a symbol.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// `2^64 / frequency`, rounded up; for 1, where that has no room, one less.
    reciprocal: u64,
    /// Larger states give a word first.
    largest: u32,
    start: u16,
    /// The total less the frequency.
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

    /// The state that the decoder has before this symbol, from the one that it has behind it.
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
    use crate::small::forever::{ALONE_BITS, TOTAL_BITS};

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
}
