//! The head of a payload: the modes of its columns.

use super::axis::{Axis, Given, Mode};

/// Bytes of a head.
pub(super) const HEAD_SIZE: usize = 24;

/// What the context of a polarity comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PolarityContext {
    /// The last polarities in the cells of pixels around it: see `history`.
    History,
    /// The event before, and where that is. It needs no memory: a scan gives the polarities.
    Before,
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
    pub(super) p: PolarityContext,
    pub(super) a: Axis,
    pub(super) b: Axis,
    /// The largest x.
    pub(super) x_max: u16,
    /// Bytes of the coded tables' bits.
    pub(super) bits_len: u32,
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
        let before = p == PolarityContext::Before;
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
                PolarityContext::Before
            } else {
                PolarityContext::History
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
