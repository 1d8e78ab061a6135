//! Numbers of any size as one of 256 symbols and some raw bits.
//!
//! Small numbers are their own symbol. From `2^DIRECT` on, an octave has `2^SUB` symbols of equal
//! size, and the raw bits tell the place within: what is common gets a probability of its own, what
//! is rare costs little in tables.

/// A bucket code: numbers below `2^DIRECT` are direct, octaves have `2^SUB` symbols.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bucket<const DIRECT: u32, const SUB: u32>;

/// For differences of time: all 64-bit numbers in exactly 256 symbols.
pub(super) type TimeBucket = Bucket<4, 2>;
/// For differences of coordinates: all 16-bit numbers in 224 symbols.
pub(super) type PixelBucket = Bucket<6, 4>;

/// Symbols of [`PixelBucket`].
pub(super) const PIXEL_BUCKETS: usize = 224;

impl<const DIRECT: u32, const SUB: u32> Bucket<DIRECT, SUB> {
    /// The raw bits that a symbol leaves.
    pub(super) const WIDTH: [u8; 256] = {
        let mut table = [0; 256];
        let mut symbol = 1 << DIRECT;
        while symbol < 256 {
            let octave = DIRECT + ((symbol as u32 - (1 << DIRECT)) >> SUB);
            if octave < u64::BITS {
                table[symbol] = (octave - SUB) as u8;
            }
            symbol += 1;
        }
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
                ((1 << SUB) + sub) << Self::WIDTH[symbol]
            };
            symbol += 1;
        }
        table
    };

    /// The symbol of a number.
    #[inline(always)]
    pub(super) fn symbol(v: u64) -> u8 {
        let octave = u64::BITS - 1 - (v | 1).leading_zeros();
        if octave < DIRECT {
            v as u8
        } else {
            let sub = (v >> (octave - SUB)) as u32 - (1 << SUB);
            ((1 << DIRECT) + ((octave - DIRECT) << SUB) + sub) as u8
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
        assert_eq!(TimeBucket::symbol(u64::MAX), 255);
        assert_eq!(usize::from(PixelBucket::symbol(65_535)), PIXEL_BUCKETS - 1);
        for symbol in 0..=255u8 {
            let (base, width) = (
                TimeBucket::BASE[usize::from(symbol)],
                TimeBucket::WIDTH[usize::from(symbol)],
            );
            assert_eq!(TimeBucket::symbol(base), symbol);
            assert_eq!(TimeBucket::symbol(base + ((1 << width) - 1)), symbol);
        }
        for v in 0..=u16::MAX {
            let symbol = usize::from(PixelBucket::symbol(v.into()));
            let (base, width) = (PixelBucket::BASE[symbol], PixelBucket::WIDTH[symbol]);
            assert!((base..base + (1 << width)).contains(&v.into()));
            assert_eq!(unzigzag(zigzag(v)), v);
        }
        for v in [0, 1, u64::MAX, 1 << 63] {
            assert_eq!(unzigzag_time(zigzag_time(v)), v);
        }
    }
}
