//! From levels to the frequencies of a table, which sum up to a power of two.

use super::level::WEIGHT;

/// Symbols of a table at most.
pub(super) const MAX_SYMBOLS: usize = 256;

/// Shares `2^bits` among the symbols of some levels, 1 at least for each level that is not 0; calls
/// `visit` with symbol, start and end, in order. Of levels that are all 0, the first symbol gets
/// everything.
///
/// A symbol whose share would be below 1 gets 1; what is beyond 1 is shared out in proportion, by
/// rounding sums rather than shares, so that the total is right without a second look.
#[inline(always)]
pub(super) fn shares(levels: &[u8], bits: u32, mut visit: impl FnMut(usize, u16, u16)) {
    debug_assert!((1..=MAX_SYMBOLS).contains(&levels.len()));
    // Most levels of a table are 0: what comes behind sees the others only.
    let mut used = [(0u8, 0u32); MAX_SYMBOLS];
    let (mut n, mut sum) = (0, 0u64);
    for (number, eight) in levels.chunks(8).enumerate() {
        if let Ok(eight) = <[u8; 8]>::try_from(eight)
            && u64::from_le_bytes(eight) == 0
        {
            continue;
        }
        for (i, &level) in eight.iter().enumerate() {
            let weight = WEIGHT[usize::from(level)];
            // Less than 256, as some level was there each time that it grew.
            used[n % MAX_SYMBOLS] = ((8 * number + i) as u8, weight);
            sum += u64::from(weight);
            n += usize::from(level > 0);
        }
    }
    let total = 1u64 << bits;
    if n == 0 {
        return visit(0, 0, total as u16);
    }
    let used = &used[..n];
    let beyond = |weight: u32| (total * u64::from(weight)).saturating_sub(sum);
    let all: u64 = used.iter().map(|&(_, weight)| beyond(weight)).sum();
    // Products with sums up to `all` stay below `total << 32`.
    let scale = ((total - n as u64) << 32) / all.max(1);
    let (mut before, mut start) = (0, 0);
    for (ones, &(symbol, weight)) in (1..).zip(used) {
        before += beyond(weight);
        let end = if ones == n {
            // Rounding may leave something to the last one.
            total as u16
        } else {
            (ones as u64 + ((before * scale + (1 << 31)) >> 32)) as u16
        };
        visit(usize::from(symbol), start, end);
        start = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small::level::MAX_LEVEL;
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
