//! Counts on a coarse scale: all that a table needs to know about its symbols.
//!
//! A probability learned from `n` events is uncertain by about `sqrt(n)` of them, so a step of some
//! `sqrt(12 n)` loses as little as it saves. Hence whole octaves for small counts, halves from 32 on,
//! quarters from 256 on.

/// The first level of quarter octaves, and its count.
const QUARTERS: (u8, u32) = (12, 256);

/// The highest level: counts of 2^24 and more.
pub(super) const MAX_LEVEL: u8 = QUARTERS.0 + 4 * 16;

/// The level of a count.
#[inline]
pub(super) fn level(count: u32) -> u8 {
    match count {
        0 => 0,
        1..32 => count.ilog2() as u8 + 1,
        32..256 => {
            let octave = count.ilog2();
            6 + 2 * (octave as u8 - 5) + (count >> (octave - 1) & 1) as u8
        }
        _ => {
            let octave = count.ilog2();
            let quarter = (count >> (octave - 2) & 3) as u8;
            (QUARTERS.0 + 4 * (octave as u8 - 8) + quarter).min(MAX_LEVEL)
        }
    }
}

/// The least count of a level.
const fn least(level: u8) -> u32 {
    match level {
        0 => 0,
        1..6 => 1 << (level - 1),
        6..12 => (2 + (level as u32 - 6) % 2) << (4 + (level - 6) / 2),
        _ => (4 + (level as u32 - 12) % 4) << (6 + (level - 12) / 4),
    }
}

/// Twice the count that stands for a level: the middle of those that it covers.
pub(super) const WEIGHT: [u32; MAX_LEVEL as usize + 1] = {
    let mut table = [0; MAX_LEVEL as usize + 1];
    let mut level = 1;
    while level < MAX_LEVEL {
        table[level as usize] = least(level) + least(level + 1) - 1;
        level += 1;
    }
    table[MAX_LEVEL as usize] = 2 * least(MAX_LEVEL);
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_cover_all_counts() {
        for l in 0..MAX_LEVEL {
            assert_eq!(level(least(l)), l);
            assert_eq!(level(least(l + 1) - 1), l);
        }
        assert_eq!(least(MAX_LEVEL), 1 << 24);
        assert_eq!(level(u32::MAX), MAX_LEVEL);
        assert_eq!(WEIGHT[..7], [0, 2, 5, 11, 23, 47, 79]);
    }
}
