//! How far values repeat: whether a dictionary of them, or references to earlier ones, may pay.

use super::value::Value;

/// Values that are looked at.
const SAMPLE_LEN: usize = 65_536;
/// Bits of a reference to an earlier value; coordinates of real recordings that were undistorted took
/// 6 to 10.
const REFERENCE_BITS: f64 = 8.0;

/// What values would take, in bits a value: a guess.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Repeats {
    /// As entries of a dictionary.
    pub(super) dictionary: f64,
    /// As references to earlier values.
    pub(super) lookback: f64,
}

impl Repeats {
    /// Of the first of these.
    pub(super) fn of<T: Value>(values: &[T]) -> Self {
        let n = values.len().min(SAMPLE_LEN);
        let counts = counts(values[..n].iter().map(|v| v.bits()), n);
        let distinct = counts.iter().filter(|c| **c > 0).count();
        let n = n.max(1) as f64;
        let entropy: f64 = counts
            .iter()
            .filter(|c| **c > 0)
            .map(|&c| f64::from(c) / n)
            .map(|share| -share * share.log2())
            .sum();
        let entries = (distinct * T::SIZE * 8) as f64 / n;
        Self {
            dictionary: entries + entropy,
            lookback: entries + REFERENCE_BITS * (1.0 - distinct as f64 / n),
        }
    }
}

/// How often each value occurs, in no order and with zeros between: a hash table.
fn counts(values: impl Iterator<Item = u64>, n: usize) -> Vec<u32> {
    let len = (2 * n).next_power_of_two();
    let mut keys = vec![0; len];
    let mut counts = vec![0u32; len];
    for value in values {
        let hash = (value ^ value >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let mut at = hash as usize & (len - 1);
        while counts[at] > 0 && keys[at] != value {
            at = (at + 1) & (len - 1);
        }
        keys[at] = value;
        counts[at] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl Iterator<Item = u64>) -> Repeats {
        Repeats::of(&values.collect::<Vec<_>>())
    }

    #[test]
    fn four_values_are_two_bits_and_a_dictionary() {
        let repeats = of((0..1_000).map(|i| (i % 4) << 60));
        assert!((repeats.dictionary - 2.256).abs() < 1e-9, "{repeats:?}");
    }

    #[test]
    fn values_that_are_all_different_gain_nothing() {
        let repeats = of((0..100_000).map(|i| i << 20));
        assert!(repeats.dictionary > 64.0 && repeats.lookback >= 64.0);
        assert_eq!(of(0..0).dictionary, 0.0);
    }
}
