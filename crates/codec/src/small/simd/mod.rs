//! The loops of the decoder in vector registers of AVX2.
//!
//! All give exactly what the loops without vector instructions give. Those that take steps do whole
//! steps only, and leave the rest to the loops without.
#![expect(unsafe_code, reason = "what needs AVX2 is called where it was found")]

mod compiled;
mod polarities;
mod registers;
mod slots;
mod steps;
mod symbols;

use super::axis::Axis;
use super::history::History;
use super::lanes::{Lanes, Short};
use super::polarity::PolarityModel;
use super::slots::{AloneSlots, Slot, Slots};
use super::values::{SegmentClock, Walk};
use polarities::{Known, Remembered};

/// Proof that this machine has what the functions here need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vectors(());

impl Vectors {
    /// The proof, if there is one.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        has.then_some(Self(()))
    }

    /// As [`Lanes::symbols`], for whole steps; gives the number of events.
    pub(super) fn symbols(
        self,
        lanes: &mut Lanes<'_>,
        table: &AloneSlots,
        out: &mut [u8],
    ) -> Result<usize, Short> {
        // SAFETY: `detect` found the features.
        unsafe { symbols::symbols(lanes, table, out) }
    }

    /// As [`Lanes::symbols_in`], for whole steps; gives the number of events.
    pub(super) fn symbols_in(
        self,
        lanes: &mut Lanes<'_>,
        tables: &[Slots],
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Short> {
        // SAFETY: `detect` found the features.
        unsafe { symbols::symbols_in(lanes, tables, contexts, out) }
    }

    /// As `values::times`, compiled for this machine.
    pub(super) fn times(
        self,
        clock: SegmentClock,
        symbols: &[u8],
        raw: &[u8],
        from: usize,
        out: &mut [i64],
    ) {
        // SAFETY: `detect` found the features.
        unsafe { compiled::times(clock, symbols, raw, from, out) }
    }

    /// As `values::coordinates`, compiled for this machine.
    pub(super) fn coordinates(
        self,
        axis: &Axis,
        walk: &mut Walk,
        symbols: &[u8],
        contexts: Option<&[u8]>,
        raw: &[u8],
        out: &mut [u16],
    ) {
        // SAFETY: `detect` found the features.
        unsafe { compiled::coordinates(axis, walk, symbols, contexts, raw, out) }
    }

    /// As `contexts::contexts`, compiled for this machine.
    pub(super) fn contexts<'a>(
        self,
        axis: &Axis,
        first_base: u16,
        t: &[u8],
        first: &[u16],
        before: Option<u16>,
        out: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        // SAFETY: `detect` found the features.
        unsafe { compiled::contexts(axis, first_base, t, first, before, out) }
    }

    /// As `slots::fill_table`, compiled for this machine.
    pub(super) fn fill_table(self, levels: &[u8], bits: u32, out: &mut [Slot]) {
        // SAFETY: `detect` found the features.
        unsafe { slots::fill_table(levels, bits, out) }
    }

    /// As `polarity_loops::by_history`, for whole steps; gives the number of events.
    pub(super) fn polarities(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        history: &mut History,
        places: (&[u16], &[u16]),
        out: &mut [u8],
    ) -> Result<usize, Short> {
        let contexts = Remembered::new(history, places);
        // SAFETY: `detect` found the features.
        unsafe { polarities::bits(lanes, model, contexts, out) }
    }

    /// As `polarity_loops::by_contexts`, for whole steps; gives the number of events.
    pub(super) fn bits(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Short> {
        let contexts = Known::new(contexts);
        // SAFETY: `detect` found the features.
        unsafe { polarities::bits(lanes, model, contexts, out) }
    }
}
