//! Decodes a coordinate of a segment.

use crate::small::axis::Axis;
use crate::small::loops::Loops;
use crate::small::raw_bits::PADDING;
use crate::small::slots::ColumnSlots;
use crate::small::stream::Reader;
use crate::small::values::Walk;

/// Decodes a coordinate, a group at a time.
pub(super) struct AxisDecoder<'a> {
    loops: Loops,
    axis: &'a Axis,
    /// The base of the first axis.
    first_base: u16,
    slots: ColumnSlots<'a>,
    raw: &'a [u8],
    walk: Walk,
}

impl<'a> AxisDecoder<'a> {
    pub(super) fn new(
        loops: Loops,
        axis: &'a Axis,
        first_base: u16,
        slots: ColumnSlots<'a>,
        raw: &'a [u8],
    ) -> Self {
        Self {
            loops,
            axis,
            first_base,
            slots,
            raw,
            walk: Walk::default(),
        }
    }

    /// Decodes as many events as a multiple of 256, or all that are left; `t`, `first` and `before`
    /// are as in [`Loops::contexts`].
    pub(super) fn decode(
        &mut self,
        reader: &mut Reader<'_>,
        t: &[u8],
        first: &[u16],
        before: Option<u16>,
        (symbols, some): (&mut [u8], &mut [u8]),
        out: &mut [u16],
    ) -> Result<(), String> {
        let (loops, axis) = (self.loops, self.axis);
        let contexts = loops.contexts(axis, self.first_base, t, first, before, some);
        reader.symbols(loops, self.slots, contexts, symbols)?;
        let (walk, raw) = (&mut self.walk, self.raw);
        loops.coordinates(axis, walk, symbols, contexts, raw, out);
        if self.walk.at > 8 * (self.raw.len() - PADDING) {
            return Err("the raw bits end too early".to_owned());
        }
        Ok(())
    }

    /// Behind the last event: checks that all raw bits were used.
    pub(super) fn check_end(&self, raw_len: usize) -> Result<(), String> {
        let needed = self.walk.at.div_ceil(16) * 2;
        if needed == raw_len {
            return Ok(());
        }
        Err(format!(
            "{raw_len} raw bytes, but its symbols make {needed}"
        ))
    }
}
