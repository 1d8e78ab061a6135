//! From levels to the frequencies of a table, which sum up to a power of two.

use super::level::{MAX_LEVEL, WEIGHT};

/// Symbols of a table at most.
pub(super) const MAX_SYMBOLS: usize = 256;

/// How many slots each level of a table gets, in units of `2^-32`.
///
/// A symbol whose share would be below 1 gets 1. What is left is shared out in proportion among the
/// others. Sums are rounded rather than shares, so that the total comes out exact.
pub(super) struct Shares {
    of_level: [u64; 128],
    /// The last symbol that has any. It gets what rounding leaves.
    pub(super) last: usize,
}

/// What sums of shares start from, so that they round to the nearest.
pub(super) const HALF: u64 = 1 << 31;

const _: () = assert!(MAX_LEVEL < 128);

impl Shares {
    /// Shares `2^bits` among the symbols of some levels, 1 at least for each level that is not 0. Of
    /// levels that are all 0, the first symbol gets everything.
    #[inline(always)]
    pub(super) fn new(levels: &[u8], bits: u32) -> Self {
        debug_assert!((1..=MAX_SYMBOLS).contains(&levels.len()));
        let sum: u64 = levels
            .iter()
            .map(|&level| u64::from(WEIGHT[usize::from(level)]))
            .sum();
        let n = levels
            .iter()
            .map(|&level| u16::from(level > 0))
            .sum::<u16>();
        let most = levels.iter().fold(0, |most, &level| most.max(level));
        let last = levels.iter().rposition(|&level| level > 0).unwrap_or(0);
        let (n, total) = (u64::from(n), 1u64 << bits);
        let levels_used = 1..usize::from(most) + 1;
        let mut of_level = [0; 128];
        for level in levels_used.clone() {
            of_level[level] = (total * u64::from(WEIGHT[level])).saturating_sub(sum);
        }
        let all = if of_level[1] > 0 {
            // None has less than 1.
            total * sum - n * sum
        } else {
            levels.iter().map(|&l| of_level[usize::from(l) % 128]).sum()
        };
        // Products with sums up to `all` stay below `total << 32`.
        let scale = ((total - n) << 32) / all.max(1);
        for share in &mut of_level[levels_used] {
            // It may overflow for a level that no symbol has, which is never asked for.
            *share = share.wrapping_mul(scale).wrapping_add(1 << 32);
        }
        Self { of_level, last }
    }

    /// Where the slots of a symbol end, unless it is the last one. `sum` is that of the shares
    /// before it.
    #[inline(always)]
    pub(super) fn add(&self, sum: &mut u64, level: u8) -> u16 {
        *sum += self.of_level[usize::from(level) % 128];
        (*sum >> 32) as u16
    }
}

/// Calls `visit` with symbol, start and end of each symbol that has a share of `2^bits`, in order.
pub(super) fn shares(levels: &[u8], bits: u32, mut visit: impl FnMut(usize, u16, u16)) {
    let shares = Shares::new(levels, bits);
    let (mut sum, mut start) = (HALF, 0);
    for (symbol, &level) in levels[..shares.last].iter().enumerate() {
        let end = shares.add(&mut sum, level);
        if start < end {
            visit(symbol, start, end);
        }
        start = end;
    }
    visit(shares.last, start, 1 << bits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_symbol_that_occurs_gets_a_share(
            levels in prop::collection::vec(prop_oneof![Just(0), 0..=3u8, 0..=MAX_LEVEL], 1..=256),
            bits in 10..=12u32,
        ) {
            let mut used: Vec<_> = (0..levels.len()).filter(|&s| levels[s] > 0).collect();
            if used.is_empty() {
                used.push(0);
            }
            let all = all(&levels, bits);
            prop_assert_eq!(all.iter().map(|s| s.0).collect::<Vec<_>>(), used);
            prop_assert!(all.iter().all(|s| s.1 < s.2));
            prop_assert!(all.windows(2).all(|w| w[0].2 == w[1].1));
            prop_assert_eq!((all[0].1, all[all.len() - 1].2), (0, 1 << bits));
        }
    }

    fn all(levels: &[u8], bits: u32) -> Vec<(usize, u16, u16)> {
        let mut all = Vec::new();
        shares(levels, bits, |symbol, start, end| {
            all.push((symbol, start, end))
        });
        all
    }

    #[test]
    fn shares_are_in_proportion() {
        let levels = [0, 20, 0, 20, 16, 1];
        let expected = [(1, 0, 409), (3, 409, 818), (4, 818, 1023), (5, 1023, 1024)];
        assert_eq!(all(&levels, 10), expected);
        assert_eq!(all(&[0, 0], 10), [(0, 0, 1024)]);
        assert_eq!(all(&[0, 3, 0], 12), [(1, 0, 4096)]);
    }
}
