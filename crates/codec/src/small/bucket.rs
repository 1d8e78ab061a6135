//! Numbers of any size as one of 256 symbols and some raw bits.
//!
//! Small numbers, which are common, are their own symbol, so that each has a probability of its
//! own. From `2^DIRECT` on, an octave has `2^SUB` symbols of equal size, and the raw bits give the
//! place within a symbol. So large numbers, which are rare, cost little in tables. The last symbol
//! stands for all numbers beyond the others: its raw bits are the number.

/// A bucket code: numbers below `2^DIRECT` are direct, octaves have `2^SUB` symbols.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket<const DIRECT: u32, const SUB: u32>;

/// For differences of time.
pub(super) type TimeBucket = Bucket<6, 2>;
/// For differences of coordinates: all 16-bit numbers in 224 symbols.
pub(super) type PixelBucket = Bucket<6, 4>;

/// Symbols of [`PixelBucket`].
pub(super) const PIXEL_BUCKETS: usize = 224;
/// Smaller symbols of both are numbers and have no raw bits.
pub(super) const DIRECT: u8 = 64;

/// The symbol of a number that needs all its bits.
const WHOLE: u8 = 255;

impl<const DIRECT: u32, const SUB: u32> Bucket<DIRECT, SUB> {
    /// The raw bits that a symbol leaves.
    pub(super) const WIDTH: [u8; 256] = {
        let mut table = [0; 256];
        let mut symbol = 1 << DIRECT;
        while symbol < 256 {
            let octave = DIRECT + ((symbol as u32 - (1 << DIRECT)) >> SUB);
            table[symbol] = (octave - SUB) as u8;
            symbol += 1;
        }
        table[WHOLE as usize] = u64::BITS as u8;
        table
    };

    /// The least number of a symbol.
    pub(super) const BASE: [u64; 256] = {
        let mut table = [0; 256];
        let mut symbol = 0;
        while symbol < 256 {
            table[symbol] = if symbol < 1 << DIRECT {
                symbol as u64
            } else {
                let sub = (symbol as u64 - (1 << DIRECT)) & ((1 << SUB) - 1);
                ((1 << SUB) + sub) << (Self::WIDTH[symbol] % 64)
            };
            symbol += 1;
        }
        table[WHOLE as usize] = 0;
        table
    };

    /// Least number and raw bits of a symbol other than [`WHOLE`]. It looks nothing up, so that the
    /// compiler can make vector code of it.
    #[inline(always)]
    pub(super) const fn parts(symbol: u32) -> (u32, u32) {
        let beyond = symbol.saturating_sub(1 << DIRECT);
        let width = DIRECT - SUB + (beyond >> SUB);
        let least = ((1 << SUB) + (beyond & ((1 << SUB) - 1))) << (width % 32);
        if symbol < 1 << DIRECT {
            (symbol, 0)
        } else {
            (least, width)
        }
    }

    /// Octaves that have symbols.
    const OCTAVES: u32 = (WHOLE as u32 - (1 << DIRECT)) >> SUB;

    /// The symbol of a number.
    #[inline(always)]
    pub(super) fn symbol(v: u64) -> u8 {
        let octave = u64::BITS - 1 - (v | 1).leading_zeros();
        if octave < DIRECT {
            v as u8
        } else if octave < DIRECT + Self::OCTAVES {
            let sub = (v >> (octave - SUB)) as u32 - (1 << SUB);
            ((1 << DIRECT) + ((octave - DIRECT) << SUB) + sub) as u8
        } else {
            WHOLE
        }
    }
}

/// Signs to the lowest bit: 0, -1, 1, -2, … become 0, 1, 2, 3, …
pub(super) fn zigzag(v: u16) -> u16 {
    (v << 1) ^ ((v as i16) >> 15) as u16
}

/// The number that [`zigzag`] was given.
pub(super) fn unzigzag(v: u16) -> u16 {
    (v >> 1) ^ (v & 1).wrapping_neg()
}

/// As [`zigzag`], for times.
pub(super) fn zigzag_time(v: u64) -> u64 {
    (v << 1) ^ ((v as i64) >> 63) as u64
}

/// The number that [`zigzag_time`] was given.
pub(super) fn unzigzag_time(v: u64) -> u64 {
    (v >> 1) ^ (v & 1).wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_cover_all_numbers_without_gaps() {
        assert_eq!(usize::from(PixelBucket::symbol(65_535)), PIXEL_BUCKETS - 1);
        let mut next = 0;
        for symbol in 0..252u8 {
            let base = TimeBucket::BASE[usize::from(symbol)];
            let width = TimeBucket::WIDTH[usize::from(symbol)];
            assert_eq!((base, width > 0), (next, symbol >= DIRECT));
            next = base + (1 << width);
            assert_eq!(TimeBucket::symbol(base), symbol);
            assert_eq!(TimeBucket::symbol(next - 1), symbol);
        }
        for v in [next, u64::MAX] {
            assert_eq!(TimeBucket::symbol(v), 255);
        }
        assert_eq!((TimeBucket::BASE[255], TimeBucket::WIDTH[255]), (0, 64));
        for v in 0..=u16::MAX {
            let symbol = usize::from(PixelBucket::symbol(v.into()));
            let parts = PixelBucket::parts(symbol as u32);
            let (base, width) = (PixelBucket::BASE[symbol], PixelBucket::WIDTH[symbol]);
            assert_eq!(parts, (base as u32, width.into()));
            let (base, width) = (PixelBucket::BASE[symbol], PixelBucket::WIDTH[symbol]);
            assert!((base..base + (1 << width)).contains(&v.into()));
            assert_eq!(unzigzag(zigzag(v)), v);
        }
        for v in [0, 1, u64::MAX, 1 << 63] {
            assert_eq!(unzigzag_time(zigzag_time(v)), v);
        }
    }
}
