//! What is said of ticks, held against whole numbers of any size, multiplied digit by digit.

use std::cmp::Ordering;

use evz_core::TimeBase;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

/// A whole number of any size: its sign, and its digits of 32 bits, the lowest first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Big {
    negative: bool,
    digits: Vec<u32>,
}

impl Big {
    /// The product of these.
    fn product(factors: &[i128]) -> Self {
        let mut product = Self {
            negative: false,
            digits: vec![1],
        };
        for factor in factors {
            product = product.times(*factor);
        }
        product
    }

    fn times(&self, factor: i128) -> Self {
        let size = factor.unsigned_abs();
        let others: Vec<u32> = (0..4).map(|i| (size >> (32 * i)) as u32).collect();
        let mut digits = vec![0u32; self.digits.len() + 4];
        for (i, a) in self.digits.iter().enumerate() {
            let mut carry = 0u64;
            for (j, b) in others.iter().enumerate() {
                let sum = u64::from(*a) * u64::from(*b) + u64::from(digits[i + j]) + carry;
                digits[i + j] = sum as u32;
                carry = sum >> 32;
            }
            digits[i + 4] = carry as u32;
        }
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Self {
            negative: (self.negative != (factor < 0)) && !digits.is_empty(),
            digits,
        }
    }
}

impl Ord for Big {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |n: &Self| (n.digits.len(), n.digits.iter().rev().copied().collect());
        let (a, b): ((usize, Vec<u32>), (usize, Vec<u32>)) = (size(self), size(other));
        match (self.negative, other.negative) {
            (false, false) => a.cmp(&b),
            (true, true) => b.cmp(&a),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `ticks` in nanoseconds, times the denominator.
fn nanoseconds_of(base: TimeBase, ticks: i128) -> Big {
    Big::product(&[ticks, base.numerator().into(), 1_000_000_000])
}

/// Whether the time of so many ticks is at or after these nanoseconds.
fn reaches(base: TimeBase, ticks: i128, nanoseconds: i128) -> bool {
    nanoseconds_of(base, ticks) >= Big::product(&[nanoseconds, base.denominator().into()])
}

fn part() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..100u64,
        (0..19u32).prop_map(|n| 10u64.pow(n)),
        megahertz(),
        any::<u64>(),
        (0..63u32).prop_map(|n| 1u64 << n),
    ]
}

fn megahertz() -> impl Strategy<Value = u64> {
    (1..50u64).prop_map(|mhz| mhz * 1_000_000)
}

fn base() -> impl Strategy<Value = TimeBase> {
    (part(), part()).prop_filter_map("no time base", |(n, d)| TimeBase::new(n, d))
}

fn ticks() -> impl Strategy<Value = i64> {
    prop_oneof![
        -1_000..1_000i64,
        any::<i64>(),
        (0..1_000i64).prop_map(|n| i64::MAX - n),
        (0..1_000i64).prop_map(|n| i64::MIN + n),
    ]
}

proptest! {
    #[test]
    fn a_fraction_is_what_was_told(n in part(), d in part()) {
        let Some(base) = TimeBase::new(n, d) else {
            // Too long a tick, or too fine.
            let length = Big::product(&[n.into(), 1_000_000_000]);
            let most = Big::product(&[d.into(), TimeBase::MAX.into()]);
            prop_assert!(n == 0 || d == 0 || length > most || d > TimeBase::MAX);
            return Ok(());
        };
        let (a, b) = (base.numerator(), base.denominator());
        prop_assert_eq!(
            Big::product(&[n.into(), b.into()]),
            Big::product(&[a.into(), d.into()])
        );
        prop_assert!((2..1_000).all(|k| a % k != 0 || b % k != 0));
        prop_assert_eq!(TimeBase::from_fraction(&base.fraction()), Some(base));
        let whole = (u128::from(a) * 1_000_000_000).is_multiple_of(b.into());
        prop_assert_eq!(base.whole_nanoseconds().is_some(), whole);
        if let Some(ns) = base.whole_nanoseconds() {
            prop_assert_eq!(TimeBase::from_nanoseconds(ns), Some(base));
        }
    }

    #[test]
    fn nanoseconds_are_rounded_down(base in base(), t in ticks()) {
        let found = base.to_nanoseconds(t);
        prop_assert!(reaches(base, t.into(), found));
        prop_assert!(!reaches(base, t.into(), found + 1));
        let whole = Big::product(&[found, base.denominator().into()]);
        if base.whole_nanoseconds().is_some() {
            prop_assert_eq!(whole, nanoseconds_of(base, t.into()));
        }
    }

    #[test]
    fn the_first_tick_at_or_after(
        base in base(),
        near in ticks(),
        away in prop_oneof![-2_000_000_000..2_000_000_000i128, any::<i128>()],
        origin in prop_oneof![ticks().prop_map(i128::from), ticks().prop_map(|t| -i128::from(t))],
    ) {
        let at = base.to_nanoseconds(near).saturating_add(away);
        for (tick, origin) in [
            (base.tick_at_or_after(at), 0),
            (base.tick_after(origin, at), origin),
        ] {
            let from_origin = |tick: i64| i128::from(tick) - origin;
            if tick > i64::MIN {
                prop_assert!(!reaches(base, from_origin(tick - 1), at));
            }
            if tick < i64::MAX {
                prop_assert!(reaches(base, from_origin(tick), at));
            }
        }
    }

    #[test]
    fn ticks_of_another_base(a in base(), b in base(), t in ticks()) {
        // Of bases that share much, so that some are whole.
        for (a, b) in [(a, b), (a, TimeBase::NANOSECONDS), (TimeBase::SECONDS, b)] {
            // t * a = found * b, as fractions.
            let left = Big::product(&[t.into(), a.numerator().into(), b.denominator().into()]);
            let right = |found: i128| {
                Big::product(&[found, b.numerator().into(), a.denominator().into()])
            };
            match a.convert(t, b) {
                Some(found) => {
                    prop_assert_eq!(left, right(found.into()));
                    prop_assert_eq!(b.convert(found, a), Some(t));
                }
                None => {
                    // The first that is not before it is not it, or leaves 64 bits.
                    let (mut low, mut high) = (i128::from(i64::MIN), i128::from(i64::MAX) + 1);
                    while low < high {
                        let middle = (low + high).div_euclid(2);
                        if right(middle) < left { low = middle + 1 } else { high = middle }
                    }
                    prop_assert!(right(low) != left || low > i64::MAX.into());
                }
            }
        }
        let order = Big::product(&[a.numerator().into(), b.denominator().into()])
            .cmp(&Big::product(&[b.numerator().into(), a.denominator().into()]));
        prop_assert_eq!(a.cmp(&b), order);
    }
}
