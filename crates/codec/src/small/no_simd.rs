//! What stands in for vector instructions where there are none to use.

use super::axis::Axis;
use super::history::History;
use super::lanes::{Lanes, Short};
use super::polarity::PolarityModel;
use super::slots::{AloneSlots, Slot, Slots};
use super::values::{SegmentClock, Walk};

/// Proof that this machine has vector instructions: there is none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Vectors {}

impl Vectors {
    pub(super) fn detect() -> Option<Self> {
        None
    }

    pub(super) fn symbols(
        self,
        _: &mut Lanes<'_>,
        _: &AloneSlots,
        _: &mut [u8],
    ) -> Result<usize, Short> {
        match self {}
    }

    pub(super) fn symbols_in(
        self,
        _: &mut Lanes<'_>,
        _: &[Slots],
        _: &[u8],
        _: &mut [u8],
    ) -> Result<usize, Short> {
        match self {}
    }

    pub(super) fn times(self, _: SegmentClock, _: &[u8], _: &[u8], _: usize, _: &mut [i64]) {
        match self {}
    }

    pub(super) fn coordinates(
        self,
        _: &Axis,
        _: &mut Walk,
        _: &[u8],
        _: Option<&[u8]>,
        _: &[u8],
        _: &mut [u16],
    ) {
        match self {}
    }

    pub(super) fn contexts<'a>(
        self,
        _: &Axis,
        _: u16,
        _: &[u8],
        _: &[u16],
        _: Option<u16>,
        _: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        match self {}
    }

    pub(super) fn fill_table(self, _: &[u8], _: u32, _: &mut [Slot]) {
        match self {}
    }

    pub(super) fn polarities(
        self,
        _: &mut Lanes<'_>,
        _: &PolarityModel,
        _: &mut History,
        _: (&[u16], &[u16]),
        _: &mut [u8],
    ) -> Result<usize, Short> {
        match self {}
    }

    pub(super) fn bits(
        self,
        _: &mut Lanes<'_>,
        _: &PolarityModel,
        _: &[u8],
        _: &mut [u8],
    ) -> Result<usize, Short> {
        match self {}
    }
}
