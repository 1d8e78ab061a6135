//! The clock of a chunk.

use evz_core::gcd;

/// How a chunk's times relate to ticks: `t = first + k * divisor`, modulo 2^64, with a whole `k`
/// for each event. A clock of 100 ns stored in a file of nanoseconds so costs no bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChunkTime {
    /// Time of the chunk's first event.
    pub first: i64,
    /// What all `t - first` are multiples of.
    pub divisor: u64,
}

impl ChunkTime {
    /// Finds the clock of times: the first of them, and the greatest common divisor of all
    /// differences to it (as 64-bit integers that wrap); 1 where all are equal.
    pub fn of(t: &[i64]) -> Self {
        let Some(&first) = t.first() else {
            return Self {
                first: 0,
                divisor: 1,
            };
        };
        let mut g = 0;
        // In groups, so that the common case, where the divisor stays, has no branch for each
        // event.
        for group in t.chunks(64) {
            let multiple = Multiple::of(g);
            if group
                .iter()
                .fold(true, |all, &t| all & multiple.test(distance(t, first)))
            {
                continue;
            }
            for &t in group {
                g = gcd(g, distance(t, first));
            }
            if g == 1 {
                break;
            }
        }
        Self {
            first,
            divisor: g.max(1),
        }
    }

    /// Gives the `k` of a time, which must be `first` plus a multiple of `divisor`.
    ///
    /// The division leaves no remainder. So it is an arithmetic shift and a multiplication by the
    /// inverse of the odd rest, which is many times cheaper than to divide.
    pub(crate) fn counter(self) -> impl Fn(i64) -> i64 {
        let shift = self.divisor.max(1).trailing_zeros();
        let inverse = odd_inverse(self.divisor.max(1) >> shift) as i64;
        move |t| (t.wrapping_sub(self.first) >> shift).wrapping_mul(inverse)
    }

    /// The time of a count.
    pub(crate) fn tick(self, k: i64) -> i64 {
        self.first.wrapping_add(k.wrapping_mul(self.divisor as i64))
    }
}

fn distance(t: i64, first: i64) -> u64 {
    t.wrapping_sub(first).unsigned_abs()
}

/// A test for multiples of a number, with no division: `v` is a multiple of an odd `d` exactly
/// where `v / d` modulo 2^64 is at most `u64::MAX / d`; the rotation checks the twos in it too.
struct Multiple {
    inverse: u64,
    shift: u32,
    limit: u64,
}

impl Multiple {
    fn of(g: u64) -> Self {
        if g == 0 {
            return Self {
                inverse: 1,
                shift: 0,
                limit: 0,
            };
        }
        let shift = g.trailing_zeros();
        Self {
            inverse: odd_inverse(g >> shift),
            shift,
            limit: u64::MAX / g,
        }
    }

    fn test(&self, v: u64) -> bool {
        v.wrapping_mul(self.inverse).rotate_right(self.shift) <= self.limit
    }
}

/// The inverse of an odd number modulo 2^64, by Newton's iteration: each round doubles the right
/// bits, and `d` is its own inverse in the lowest three.
fn odd_inverse(d: u64) -> u64 {
    let mut inverse = d;
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(d.wrapping_mul(inverse)));
    }
    inverse
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn divisor(t: &[i64]) -> u64 {
        ChunkTime::of(t).divisor
    }

    #[test]
    fn extremes() {
        assert_eq!(divisor(&[]), 1);
        assert_eq!(divisor(&[7, 7, 7]), 1);
        assert_eq!(divisor(&[5, 1_000_005, 3_005]), 1_000);
        assert_eq!(divisor(&[i64::MIN, 0]), 1 << 63);
        assert_eq!(divisor(&[i64::MIN, i64::MAX]), 1);
        assert_eq!(divisor(&[0, i64::MAX]), i64::MAX as u64);
    }

    proptest! {
        #[test]
        fn counts_and_ticks_agree(
            first: i64,
            step in prop_oneof![1..5_000u64, (0..64u32).prop_map(|s| 1 << s), any::<u64>()],
            k in prop::collection::vec(any::<i64>(), 0..200),
        ) {
            let mut t: Vec<_> = k.iter().map(|k| first.wrapping_add((k % 1_000_000).wrapping_mul(step as i64))).collect();
            t.insert(0, first);
            let time = ChunkTime::of(&t);
            prop_assert_eq!(
                t.iter().map(|&v| distance(v, first)).fold(0, gcd).max(1),
                time.divisor
            );
            let count = time.counter();
            for &v in &t {
                prop_assert_eq!(time.tick(count(v)), v);
                prop_assert_eq!(i128::from(count(v)) * i128::from(time.divisor), i128::from(v.wrapping_sub(first)));
            }
        }
    }
}
