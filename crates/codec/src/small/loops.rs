//! The loops of the decoder, with vector instructions where the machine has them.
//!
//! Vector code does whole steps of 32 events. The loops without do what is left, or everything.

use super::axis::Axis;
use super::contexts;
use super::history::History;
use super::lanes::{Lanes, Short};
use super::polarity::PolarityModel;
use super::polarity_loops;
use super::simd::Vectors;
use super::slots::{self, AloneSlots, Slot, Slots};
use super::values::{self, SegmentClock, Walk};

/// Which loops to run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loops(Option<Vectors>);

impl Loops {
    /// The fastest that this machine has.
    pub(super) fn detect() -> Self {
        Self(Vectors::detect())
    }

    /// Those without vector instructions, whatever the machine has.
    #[cfg(any(test, feature = "portable"))]
    pub(super) fn portable() -> Self {
        Self(None)
    }

    /// Decodes symbols of one table. `out` starts at a multiple of 32 events.
    pub(super) fn symbols(
        self,
        lanes: &mut Lanes<'_>,
        table: &AloneSlots,
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match self.0 {
            Some(vectors) => vectors.symbols(lanes, table, out)?,
            None => 0,
        };
        lanes.symbols(table, &mut out[done..])
    }

    /// Decodes symbols, each of the table that `contexts` names.
    pub(super) fn symbols_in(
        self,
        lanes: &mut Lanes<'_>,
        tables: &[Slots],
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match self.0 {
            Some(vectors) => vectors.symbols_in(lanes, tables, contexts, out)?,
            None => 0,
        };
        lanes.symbols_in(tables, &contexts[done..], &mut out[done..])
    }

    /// See [`values::times`].
    pub(super) fn times(
        self,
        clock: SegmentClock,
        symbols: &[u8],
        raw: &[u8],
        from: usize,
        out: &mut [i64],
    ) {
        match self.0 {
            Some(vectors) => vectors.times(clock, symbols, raw, from, out),
            None => values::times(clock, symbols, raw, from, out),
        }
    }

    /// See [`values::coordinates`].
    pub(super) fn coordinates(
        self,
        axis: &Axis,
        walk: &mut Walk,
        symbols: &[u8],
        contexts: Option<&[u8]>,
        raw: &[u8],
        out: &mut [u16],
    ) {
        match self.0 {
            Some(vectors) => vectors.coordinates(axis, walk, symbols, contexts, raw, out),
            None => values::coordinates(axis, walk, symbols, contexts, raw, out),
        }
    }

    /// See [`contexts::contexts`].
    pub(super) fn contexts<'a>(
        self,
        axis: &Axis,
        first_base: u16,
        t: &[u8],
        first: &[u16],
        before: Option<u16>,
        out: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        match self.0 {
            Some(vectors) => vectors.contexts(axis, first_base, t, first, before, out),
            None => contexts::contexts(axis, first_base, t, first, before, out),
        }
    }

    /// See [`slots::fill_table`].
    pub(super) fn fill_table(self, levels: &[u8], bits: u32, out: &mut [Slot]) {
        match self.0 {
            Some(vectors) => vectors.fill_table(levels, bits, out),
            None => slots::fill_table(levels, bits, out, slots::put_slots),
        }
    }

    /// Decodes the polarities of events at some x and y, in the contexts that cells remember.
    pub(super) fn polarities_by_history(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        history: &mut History,
        (x, y): (&[u16], &[u16]),
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match self.0 {
            Some(vectors) => vectors.polarities(lanes, model, history, (x, y), out)?,
            None => 0,
        };
        let rest = (&x[done..], &y[done..]);
        polarity_loops::by_history(lanes, model, history, rest, &mut out[done..])
    }

    /// Decodes bits of polarities in known contexts.
    pub(super) fn polarities_by_contexts(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<(), Short> {
        let done = match self.0 {
            Some(vectors) => vectors.bits(lanes, model, contexts, out)?,
            None => 0,
        };
        polarity_loops::by_contexts(lanes, model, &contexts[done..], &mut out[done..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small::encoder::{Encoder, Step};
    use crate::small::forever::{ALONE_BITS, LANES, LOWEST, TOTAL_BITS};
    use crate::small::frequency::shares;
    use crate::small::slots::{ALONE_SLOTS, FILL, SLOTS};
    use proptest::prelude::*;

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
                Loops::portable().fill_table(&levels, bits, &mut filled);
                slots.copy_from_slice(&filled[..slots.len()]);
                shares(&levels, bits, |symbol, from, to| {
                    steps[symbol] = Step::new(from, to - from, bits);
                });
                let mut encoder = Encoder::new();
                encoder.start(symbols.len(), &[seed; LANES]);
                encoder.encode(symbols.len(), |i| steps[usize::from(symbols[i])]);
                let (states, words) = encoder.finish();
                let words: Vec<_> = words.iter().map(|w| w.to_le_bytes()).collect();
                let decode = |loops: Loops, words, out: &mut [u8]| {
                    let mut lanes = Lanes { states: *states, words };
                    let result = if several {
                        loops.symbols_in(&mut lanes, &[table], &zeros, out)
                    } else {
                        loops.symbols(&mut lanes, &alone, out)
                    };
                    result.map(|()| lanes)
                };
                let mut out = vec![9; symbols.len()];
                for loops in [Loops::portable(), Loops::detect()] {
                    let lanes = decode(loops, &words, &mut out).unwrap();
                    prop_assert_eq!(&out, &symbols);
                    prop_assert!(lanes.words.is_empty());
                    prop_assert_eq!(lanes.states, [LOWEST + u32::from(seed); LANES]);
                    if let Some((_, fewer)) = words.split_last() {
                        prop_assert!(decode(loops, fewer, &mut out).is_err());
                    }
                }
            }
        }
    }
}
