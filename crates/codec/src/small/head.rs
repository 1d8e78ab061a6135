//! The head of a payload: the modes of its columns.

use super::bucket::PIXEL_BUCKETS;
use super::polarity::By;

/// Bytes of a head.
pub(super) const HEAD_SIZE: usize = 24;

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

/// The head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    /// Whether the first axis is x.
    pub(super) swap: bool,
    /// Whether differences of time have a sign.
    pub(super) zigzag: bool,
    pub(super) t_symbols: usize,
    pub(super) t_span: u8,
    pub(super) p: By,
    pub(super) a: Axis,
    pub(super) b: Axis,
    /// The largest x.
    pub(super) x_max: u16,
    /// Bytes of the coded tables' bits.
    pub(super) bits_len: u32,
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

    fn write(self) -> [u8; 8] {
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

    fn read(name: &str, bytes: [u8; 8]) -> Result<Self, String> {
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

impl Head {
    pub(super) fn write(self) -> [u8; HEAD_SIZE] {
        let Self {
            swap,
            zigzag,
            t_symbols,
            t_span,
            p,
            a,
            b,
            x_max,
            bits_len,
        } = self;
        let before = p == By::Before;
        let mut out = [0; HEAD_SIZE];
        // The span of t shares a byte with the flags.
        out[0] = u8::from(before) << 7 | t_span << 2 | u8::from(zigzag) << 1 | u8::from(swap);
        out[1] = (t_symbols - 1) as u8;
        out[2..4].copy_from_slice(&x_max.to_le_bytes());
        out[4..12].copy_from_slice(&a.write());
        out[12..20].copy_from_slice(&b.write());
        out[20..].copy_from_slice(&bits_len.to_le_bytes());
        out
    }

    /// Reads a head; the error says what is wrong with it.
    pub(super) fn read(bytes: &[u8; HEAD_SIZE]) -> Result<Self, String> {
        let [
            flags,
            symbols,
            x0,
            x1,
            a0,
            a1,
            a2,
            a3,
            a4,
            a5,
            a6,
            a7,
            b0,
            b1,
            b2,
            b3,
            b4,
            b5,
            b6,
            b7,
            bits @ ..,
        ] = *bytes;
        let a = Axis::read("first", [a0, a1, a2, a3, a4, a5, a6, a7])?;
        let b = Axis::read("second", [b0, b1, b2, b3, b4, b5, b6, b7])?;
        if a.mode == Mode::Mixed || matches!(a.given, Given::Same | Given::First) {
            return Err(format!(
                "the first axis has mode {:?} in context {:?}",
                a.mode, a.given
            ));
        }
        Ok(Self {
            swap: flags & 1 == 1,
            zigzag: flags >> 1 & 1 == 1,
            t_symbols: usize::from(symbols) + 1,
            t_span: flags >> 2 & 31,
            p: if flags >> 7 == 1 {
                By::Before
            } else {
                By::History
            },
            a,
            b,
            x_max: u16::from_le_bytes([x0, x1]),
            bits_len: u32::from_le_bytes(bits),
        })
    }
}

/// Number of sets of tables that `segments` segments have.
pub(super) fn epochs(segments: usize, span: u8) -> usize {
    segments.div_ceil(1 << span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_read_is_written_the_same() {
        let mut valid = 0;
        for at in 0..HEAD_SIZE {
            for value in 0..=255 {
                let mut bytes = [0; HEAD_SIZE];
                bytes[at] = value;
                if let Ok(head) = Head::read(&bytes) {
                    assert_eq!(head.write(), bytes);
                    valid += 1;
                }
            }
        }
        assert!(valid > 10 * 256, "{valid}");
        for (at, value) in [(4, 3), (4, 0x20), (12, 3), (13, 9), (14, 17), (17, 32)] {
            let mut bytes = [0; HEAD_SIZE];
            bytes[at] = value;
            assert!(Head::read(&bytes).is_err(), "{at} {value}");
        }
    }
}
