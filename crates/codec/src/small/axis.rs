//! The modes of a coordinate: how its symbols become values, and what chooses their tables.

use super::bucket::PIXEL_BUCKETS;

/// Contexts by time: one for each of the smallest differences, one for all others.
pub(super) const TIME_CONTEXTS: usize = 16;

/// How the symbols of a coordinate become values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The high bits above a base; the low ones are raw.
    Direct,
    /// The difference to the event before.
    Delta,
    /// The bits that differ from the event before.
    Xor,
    /// Difference where the first axis stays, direct where it changes. Of the second axis only.
    Mixed,
}

/// What chooses the table of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// There is one table.
    Nothing,
    /// The symbol of `t`.
    Time,
    /// Whether the first axis stays. Of the second axis only.
    Same,
    /// The high bits of the first axis. Of the second axis only.
    First,
}

/// A coordinate's modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    pub(super) mode: Mode,
    pub(super) given: Given,
    /// Raw bits of a direct value.
    pub(super) shift: u8,
    /// Low bits of the first axis that do not count for [`Given::First`].
    pub(super) given_shift: u8,
    /// Values of the first axis that [`Given::First`] tells apart.
    pub(super) given_values: usize,
    /// Symbols of a table.
    pub(super) symbols: usize,
    /// Binary logarithm of the segments that share tables.
    pub(super) span: u8,
    /// The least value.
    pub(super) base: u16,
}

impl Axis {
    /// Number of tables.
    pub(super) fn tables(&self) -> usize {
        let given = match self.given {
            Given::Nothing => 1,
            Given::Time => TIME_CONTEXTS,
            Given::Same => 2,
            Given::First => self.given_values,
        };
        given + usize::from(self.mode == Mode::Mixed)
    }

    pub(super) fn write(self) -> [u8; 8] {
        let Self {
            mode,
            given,
            shift,
            given_shift,
            given_values,
            symbols,
            span,
            base,
        } = self;
        let mode = match mode {
            Mode::Direct => 0,
            Mode::Delta => 1,
            Mode::Xor => 2,
            Mode::Mixed => 3,
        };
        let given = match given {
            Given::Nothing => 0,
            Given::Time => 1,
            Given::Same => 2,
            Given::First => 3,
        };
        let [b0, b1] = base.to_le_bytes();
        [
            given << 4 | mode,
            shift,
            given_shift,
            (given_values - 1) as u8,
            (symbols - 1) as u8,
            span,
            b0,
            b1,
        ]
    }

    pub(super) fn read(name: &str, bytes: [u8; 8]) -> Result<Self, String> {
        let [tag, shift, given_shift, values, symbols, span, b0, b1] = bytes;
        let mode = match tag & 15 {
            0 => Mode::Direct,
            1 => Mode::Delta,
            2 => Mode::Xor,
            3 => Mode::Mixed,
            mode => return Err(format!("mode {mode} of the {name} axis is unknown")),
        };
        let given = match tag >> 4 {
            0 => Given::Nothing,
            1 => Given::Time,
            2 => Given::Same,
            3 => Given::First,
            given => return Err(format!("context {given} of the {name} axis is unknown")),
        };
        let axis = Self {
            mode,
            given,
            shift,
            given_shift,
            given_values: usize::from(values) + 1,
            symbols: usize::from(symbols) + 1,
            span,
            base: u16::from_le_bytes([b0, b1]),
        };
        if shift > 8 || given_shift > 16 || span > 31 {
            return Err(format!(
                "the {name} axis has shifts {shift} and {given_shift}, span {span}"
            ));
        }
        if mode != Mode::Direct && axis.symbols > PIXEL_BUCKETS {
            return Err(format!(
                "the {name} axis has {} symbols, differences have {PIXEL_BUCKETS}",
                axis.symbols
            ));
        }
        if axis.tables() > 256 {
            return Err(format!("the {name} axis has {} tables", axis.tables()));
        }
        if mode == Mode::Mixed && given != Given::First {
            return Err(format!(
                "mixed mode of the {name} axis in context {given:?}"
            ));
        }
        Ok(axis)
    }
}
