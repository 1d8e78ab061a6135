//! Lines of the usual shape, with no branch that depends on their digits: each number becomes 8
//! bytes of digits, is shifted to its first one, and stored whole; what stands behind it is written
//! over by what comes next.

use evz_core::{Column, Event};

use crate::format::{CoordinateStyle, TextFormat};

/// Room for one line, and for what is stored behind its end.
pub(super) const MAX_LINE: usize = 128;

/// What each line looks like.
#[derive(Debug, Clone)]
pub(super) struct Fast {
    order: [Column; 4],
    separator: Short,
    line_end: Short,
    polarity: [Short; 2],
    /// The last decimals in a tick.
    scale: i64,
    decimals: usize,
    /// `10^decimals`.
    unit: u64,
}

/// Up to 8 bytes that are stored as one word.
#[derive(Debug, Clone, Copy)]
struct Short {
    bytes: [u8; 8],
    len: usize,
}

impl Short {
    fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 8];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self {
            bytes,
            len: text.len(),
        })
    }
}

/// A line being written.
struct Line<'a> {
    buffer: &'a mut [u8; MAX_LINE],
    len: usize,
}

impl Line<'_> {
    #[inline(always)]
    fn store(&mut self, bytes: [u8; 8], len: usize) {
        // The lengths of all parts together stay below; the compiler need not know.
        if let Some(place) = self
            .buffer
            .get_mut(self.len..)
            .and_then(|rest| rest.first_chunk_mut())
        {
            *place = bytes;
        }
        self.len += len;
    }

    #[inline(always)]
    fn short(&mut self, text: Short) {
        self.store(text.bytes, text.len);
    }

    /// A number below 10^8, without zeros in front.
    #[inline(always)]
    fn number(&mut self, value: u32) {
        let digits = digits8(value);
        // The last digit stays, if it is a zero too.
        let zeros = (digits | 1 << 56).trailing_zeros() / 8;
        let text = (digits | ASCII_ZEROS) >> (8 * zeros);
        self.store(text.to_le_bytes(), 8 - zeros as usize);
    }

    /// The last `len` digits of a number, zeros and all.
    #[inline(always)]
    fn padded(&mut self, value: u32, len: usize) {
        let text = (digits8(value) | ASCII_ZEROS) >> (8 * (8 - len));
        self.store(text.to_le_bytes(), len);
    }
}

const ASCII_ZEROS: u64 = 0x3030_3030_3030_3030;
const E8: u64 = 100_000_000;

/// The 8 digits of a number below 10^8, the first of them in the lowest byte.
#[inline(always)]
fn digits8(value: u32) -> u64 {
    // Halves of four digits, quarters of two, and single ones; the factors divide by 100 and 10.
    let halves = u64::from(value / 10_000) | u64::from(value % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - 10 * tens) << 8
}

impl Fast {
    /// For a format whose ticks are `scale / divisor` of its last decimal, if lines of it can be
    /// printed so.
    pub(super) fn new(format: &TextFormat, scale: i128, divisor: i128) -> Option<Self> {
        let suits =
            divisor == 1 && format.decimals <= 16 && format.coordinates == CoordinateStyle::Integer;
        let [off, on] = format.polarity.words();
        suits.then_some(Self {
            order: format.columns.columns(),
            separator: Short::new(format.separator.as_bytes())?,
            line_end: Short::new(format.line_end.bytes())?,
            polarity: [Short::new(off.as_bytes())?, Short::new(on.as_bytes())?],
            scale: i64::try_from(scale).ok()?,
            decimals: usize::from(format.decimals),
            unit: 10u64.pow(u32::from(format.decimals)),
        })
    }

    /// Writes one line and its end, and returns its length; none if the time has too many digits.
    #[inline]
    pub(super) fn line(&self, event: Event, buffer: &mut [u8; MAX_LINE]) -> Option<usize> {
        let mut line = Line { buffer, len: 0 };
        for (i, column) in self.order.into_iter().enumerate() {
            if i > 0 {
                line.short(self.separator);
            }
            match column {
                Column::T => self.time(event.t, &mut line)?,
                Column::X => line.number(u32::from(event.x)),
                Column::Y => line.number(u32::from(event.y)),
                Column::P => line.short(self.polarity[usize::from(event.p != 0)]),
            }
        }
        line.short(self.line_end);
        Some(line.len)
    }

    #[inline(always)]
    fn time(&self, ticks: i64, line: &mut Line<'_>) -> Option<()> {
        let value = ticks.checked_mul(self.scale)?;
        if value < 0 {
            line.store(*b"-       ", 1);
        }
        let size = value.unsigned_abs();
        let (whole, fraction) = match self.decimals {
            0 => (size, 0),
            // Known divisors are many times faster.
            6 => (size / 1_000_000, size % 1_000_000),
            9 => (size / 1_000_000_000, size % 1_000_000_000),
            _ => (size / self.unit, size % self.unit),
        };
        if whole < E8 {
            line.number(whole as u32);
        } else if whole < E8 * E8 {
            line.number((whole / E8) as u32);
            line.padded((whole % E8) as u32, 8);
        } else {
            line.number((whole / (E8 * E8)) as u32);
            line.padded((whole / E8 % E8) as u32, 8);
            line.padded((whole % E8) as u32, 8);
        }
        match self.decimals {
            0 => {}
            decimals @ ..=8 => {
                line.store(*b".       ", 1);
                line.padded(fraction as u32, decimals);
            }
            decimals => {
                line.store(*b".       ", 1);
                line.padded((fraction / E8) as u32, decimals - 8);
                line.padded((fraction % E8) as u32, 8);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_right() {
        let around = |n: u32| n.saturating_sub(3)..n + 3;
        let values = (0..10_000)
            .chain((0..8).flat_map(|i| around(10u32.pow(i))))
            .chain((0..100_000_000).step_by(9_973))
            .chain(99_999_990..100_000_000);
        for value in values.filter(|&v| v < 100_000_000) {
            let text = (digits8(value) | ASCII_ZEROS).to_le_bytes();
            assert_eq!(text, format!("{value:08}").as_bytes(), "{value}");
        }
    }
}
