//! How many bits a residual gets, and how many residuals are exceptions.

use super::forever::MINI_LEN;
use crate::plane::BIT_SIZE;

/// A width, and what a mini-block's column costs with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    pub(super) bits: usize,
    pub(super) exceptions: usize,
    /// Binary logarithm of the bytes of an exception's high part.
    pub(super) high: usize,
    /// Bytes of planes and exceptions.
    pub(super) cost: usize,
}

impl Width {
    fn full(bits: usize) -> Self {
        Self {
            bits,
            exceptions: 0,
            high: 0,
            cost: bits * BIT_SIZE,
        }
    }

    /// Takes a narrower width if it is cheaper. Gives whether a still narrower one may be. `signed`
    /// is the width of the residuals as signed numbers.
    #[inline(always)]
    fn improve(&mut self, bits: usize, exceptions: usize, signed: usize) -> bool {
        let high = match signed.saturating_sub(bits) {
            0..=8 => 0,
            9..=16 => 1,
            17..=32 => 2,
            _ => 3,
        };
        let of_exceptions = exceptions * exception_size(high);
        let cost = bits * BIT_SIZE + of_exceptions;
        if exceptions > MAX_EXCEPTIONS {
            return false;
        }
        if cost < self.cost {
            *self = Self {
                bits,
                exceptions,
                high,
                cost,
            };
        }
        // Exceptions become only more and longer.
        of_exceptions < self.cost
    }
}

/// Bytes of an exception: its high part and its position.
#[inline(always)]
pub(super) fn exception_size(high: usize) -> usize {
    (1 << high) + 1
}

/// Exceptions are counted in a byte.
const MAX_EXCEPTIONS: usize = u8::MAX as usize;

/// The cheapest width for residuals of `x` or `y`.
#[inline(always)]
pub(super) fn for_pixels(residuals: &[u16; MINI_LEN]) -> Width {
    let (mut any, mut magnitude) = (0, 0);
    for &r in residuals {
        any |= r;
        magnitude |= r ^ ((r as i16) >> 15) as u16;
    }
    let full = bit_len(any.into());
    let signed = bit_len(magnitude.into()) + 1;
    let mut best = Width::full(full);
    for bits in (0..full).rev() {
        if !best.improve(bits, wider(residuals, bits), signed) {
            break;
        }
    }
    best
}

/// The cheapest width for residuals of `t`.
#[inline(always)]
pub(super) fn for_times(residuals: &[u64; MINI_LEN]) -> Width {
    let (mut any, mut magnitude) = (0, 0);
    for &r in residuals {
        any |= r;
        magnitude |= r ^ ((r as i64) >> 63) as u64;
    }
    let full = bit_len(any);
    let signed = bit_len(magnitude) + 1;
    let mut best = Width::full(full);
    if full <= 16 {
        let small = residuals.map(|r| r as u16);
        for bits in (0..full).rev() {
            if !best.improve(bits, wider(&small, bits), signed) {
                break;
            }
        }
    } else {
        let mut of_len = [0; 65];
        for &r in residuals {
            of_len[bit_len(r)] += 1;
        }
        let mut exceptions = 0;
        for bits in (0..full).rev() {
            exceptions += of_len[bits + 1];
            if !best.improve(bits, exceptions, signed) {
                break;
            }
        }
    }
    best
}

/// How many residuals have more than so many bits.
#[inline(always)]
fn wider(residuals: &[u16; MINI_LEN], bits: usize) -> usize {
    let most = most(bits) as u16;
    let count: u16 = residuals.iter().map(|&r| u16::from(r > most)).sum();
    usize::from(count)
}

/// The largest number of so many bits.
#[inline(always)]
pub(super) fn most(bits: usize) -> u64 {
    u64::MAX.checked_shr(u64::BITS - bits as u32).unwrap_or(0)
}

#[inline(always)]
fn bit_len(v: u64) -> usize {
    (u64::BITS - v.leading_zeros()) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(bits: usize, exceptions: usize, high: usize, cost: usize) -> Width {
        Width {
            bits,
            exceptions,
            high,
            cost,
        }
    }

    #[test]
    fn exceptions_replace_width_where_they_are_cheaper() {
        let mut r = [1; MINI_LEN];
        r[7] = 0x7000;
        assert_eq!(for_pixels(&r), width(1, 1, 1, 35));
        // -1, whose high part is -1 at any width.
        r[7] = 0xffff;
        assert_eq!(for_pixels(&r), width(1, 1, 0, 34));

        let mut r = [0; MINI_LEN];
        assert_eq!(for_times(&r), width(0, 0, 0, 0));
        r[255] = u64::MAX;
        assert_eq!(for_times(&r), width(0, 1, 0, 2));
        r[255] = u64::MAX / 2;
        assert_eq!(for_times(&r), width(0, 1, 3, 9));
        r[255] >>= 32;
        assert_eq!(for_times(&r), width(0, 1, 2, 5));
        assert_eq!(for_times(&[u64::MAX; MINI_LEN]), width(64, 0, 0, 64 * 32));
    }

    #[test]
    fn never_more_exceptions_than_a_byte_counts() {
        assert_eq!(for_pixels(&[1; MINI_LEN]), width(1, 0, 0, 32));
    }
}
