//! Ticks and what they are worth.

use std::cmp::Ordering;
use std::fmt;

use crate::gcd;

/// What a tick is worth: a fraction of a second in lowest terms, 1/1000000 for a microsecond clock,
/// 1/24000000 for one of 24 MHz.
///
/// A tick is at most [`TimeBase::MAX`] nanoseconds, which are 146 years, and its denominator at most
/// [`TimeBase::MAX`]: with that, all that is computed from 64 bits of ticks is exact in 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeBase {
    numerator: u64,
    denominator: u64,
}

const NANOSECONDS_PER_SECOND: u64 = 1_000_000_000;

impl TimeBase {
    /// A tick is a nanosecond.
    pub const NANOSECONDS: Self = Self::one_in(NANOSECONDS_PER_SECOND);
    /// A tick is a microsecond.
    pub const MICROSECONDS: Self = Self::one_in(1_000_000);
    /// A tick is a millisecond.
    pub const MILLISECONDS: Self = Self::one_in(1_000);
    /// A tick is a second.
    pub const SECONDS: Self = Self::one_in(1);

    /// The most nanoseconds of a tick, and the largest denominator.
    pub const MAX: u64 = 1 << 62;

    const fn one_in(denominator: u64) -> Self {
        Self {
            numerator: 1,
            denominator,
        }
    }

    /// A tick of `numerator / denominator` seconds; none if one of them is 0, or what they come to
    /// passes [`TimeBase::MAX`].
    pub fn new(numerator: u64, denominator: u64) -> Option<Self> {
        if numerator == 0 || denominator == 0 {
            return None;
        }
        let common = gcd(numerator, denominator);
        let (numerator, denominator) = (numerator / common, denominator / common);
        let most = u128::from(Self::MAX) * u128::from(denominator);
        let fits = u128::from(numerator) * u128::from(NANOSECONDS_PER_SECOND) <= most;
        (fits && denominator <= Self::MAX).then_some(Self {
            numerator,
            denominator,
        })
    }

    /// A tick of so many nanoseconds; none for 0 and for more than [`TimeBase::MAX`].
    pub fn from_nanoseconds(nanoseconds: u64) -> Option<Self> {
        Self::new(nanoseconds, NANOSECONDS_PER_SECOND)
    }

    /// The tick of a clock of so many hertz; none for 0 and for more than [`TimeBase::MAX`].
    pub fn per_second(ticks: u64) -> Option<Self> {
        Self::new(1, ticks)
    }

    /// The seconds in a tick, above the line.
    pub fn numerator(self) -> u64 {
        self.numerator
    }

    /// The seconds in a tick, below the line.
    pub fn denominator(self) -> u64 {
        self.denominator
    }

    /// Nanoseconds a tick, if they are whole.
    pub fn whole_nanoseconds(self) -> Option<u64> {
        let (nanoseconds, ticks) = self.ratio_to(Self::NANOSECONDS);
        // No more than MAX.
        (ticks == 1).then_some(nanoseconds as u64)
    }

    /// Nanoseconds a tick, as near as a float comes.
    pub fn approximate_nanoseconds(self) -> f64 {
        self.numerator as f64 * NANOSECONDS_PER_SECOND as f64 / self.denominator as f64
    }

    /// The fraction as text, `1/24000000`; [`TimeBase::from_fraction`] takes it back.
    pub fn fraction(self) -> String {
        format!("{}/{}", self.numerator, self.denominator)
    }

    /// The time base of a text such as `1/24000000`; none if it is no such fraction.
    pub fn from_fraction(text: &str) -> Option<Self> {
        let (numerator, denominator) = text.split_once('/')?;
        Self::new(numerator.parse().ok()?, denominator.parse().ok()?)
    }

    /// The longest tick of which a tick of this and one of `other` are whole numbers: the finer of the
    /// two where that divides the other. None if it cannot be told.
    pub fn common(self, other: Self) -> Option<Self> {
        let shared = gcd(self.denominator, other.denominator);
        let denominator = self.denominator.checked_mul(other.denominator / shared)?;
        Self::new(gcd(self.numerator, other.numerator), denominator)
    }

    /// `(n, d)`, in lowest terms: `d` ticks of this are `n` ticks of `other`.
    pub fn ratio_to(self, other: Self) -> (u128, u128) {
        let numerators = gcd(self.numerator, other.numerator);
        let denominators = gcd(self.denominator, other.denominator);
        let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
        (
            product(
                self.numerator / numerators,
                other.denominator / denominators,
            ),
            product(
                self.denominator / denominators,
                other.numerator / numerators,
            ),
        )
    }

    /// `ticks` of this as ticks of `other`, exactly; none if they are no whole number of 64 bits.
    pub fn convert(self, ticks: i64, other: Self) -> Option<i64> {
        if self == other {
            return Some(ticks);
        }
        let (n, d) = self.ratio_to(other);
        let size = u128::from(ticks.unsigned_abs());
        if !size.is_multiple_of(d) {
            return None;
        }
        let size = i128::try_from((size / d).checked_mul(n)?).ok()?;
        i64::try_from(if ticks < 0 { -size } else { size }).ok()
    }

    /// `ticks` in nanoseconds: exactly where the tick is a whole number of them, otherwise rounded
    /// down.
    pub fn to_nanoseconds(self, ticks: i64) -> i128 {
        self.nanoseconds_of(i128::from(ticks))
    }

    /// The same for up to 2^64 ticks, before or after 0.
    fn nanoseconds_of(self, ticks: i128) -> i128 {
        let in_tick = i128::from(self.numerator) * i128::from(NANOSECONDS_PER_SECOND);
        let denominator = i128::from(self.denominator);
        // Each of at most 2^62 in absolute value, and times the ticks of at most 2^126.
        let (whole, rest) = (in_tick / denominator, in_tick % denominator);
        ticks * whole + (ticks * rest).div_euclid(denominator)
    }

    /// The time of so many ticks in words, exactly: `1500 ns`, `5 ticks of 1/24000000 s`.
    pub fn time_in_words(self, ticks: i64) -> String {
        match self.whole_nanoseconds() {
            Some(_) => format!("{} ns", self.to_nanoseconds(ticks)),
            None => format!("{ticks} {self}"),
        }
    }

    /// `ticks` in whole microseconds, rounded down.
    pub fn to_microseconds(self, ticks: i64) -> i128 {
        self.to_nanoseconds(ticks).div_euclid(1_000)
    }

    /// The first tick that is not before `nanoseconds`, held within what a tick count can be: a
    /// window `[a, b)` in nanoseconds and the window of these ticks hold the same events.
    pub fn tick_at_or_after(self, nanoseconds: i128) -> i64 {
        self.tick_after(0, nanoseconds)
    }

    /// The first tick that is not before `nanoseconds` after tick `origin`, held within what a tick
    /// count can be. The origin is a tick of this clock, or the negative of an epoch.
    pub fn tick_after(self, origin: i128, nanoseconds: i128) -> i64 {
        let tick = origin.saturating_add(self.ticks_in(nanoseconds));
        tick.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
    }

    /// The fewest ticks that are not before `nanoseconds`, held within 2^64 of 0: what lies beyond
    /// is out of reach from every tick.
    fn ticks_in(self, nanoseconds: i128) -> i128 {
        // As ticks are whole, and so are nanoseconds, to compare rounded down is to compare. To
        // search takes 65 steps, where to divide takes more than 128 bits.
        let (mut before, mut reaches) = (-(1i128 << 64), 1i128 << 64);
        while before < reaches {
            let middle = (before + reaches).div_euclid(2);
            if self.nanoseconds_of(middle) < nanoseconds {
                before = middle + 1;
            } else {
                reaches = middle;
            }
        }
        before
    }
}

/// Shorter ticks come first.
impl Ord for TimeBase {
    fn cmp(&self, other: &Self) -> Ordering {
        let (n, d) = self.ratio_to(*other);
        n.cmp(&d)
    }
}

impl PartialOrd for TimeBase {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TimeBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NANOSECONDS => f.write_str("nanoseconds"),
            Self::MICROSECONDS => f.write_str("microseconds"),
            Self::MILLISECONDS => f.write_str("milliseconds"),
            Self::SECONDS => f.write_str("seconds"),
            base => match base.whole_nanoseconds() {
                Some(n) => write!(f, "ticks of {n} ns"),
                None => write!(f, "ticks of {} s", base.fraction()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_reduced_and_bounded() {
        let parts = |n, d| TimeBase::new(n, d).map(|b| (b.numerator(), b.denominator()));
        assert_eq!(parts(1_000, 1_000_000_000), Some((1, 1_000_000)));
        assert_eq!(parts(6, 4), Some((3, 2)));
        assert_eq!((parts(0, 1), parts(1, 0)), (None, None));
        let most = TimeBase::MAX;
        assert_eq!(parts(1, most), Some((1, most)));
        assert_eq!(parts(1, most + 1), None);
        assert!(TimeBase::from_nanoseconds(most).is_some());
        assert!(TimeBase::from_nanoseconds(most + 1).is_none());
        assert_eq!(
            TimeBase::from_nanoseconds(1_000),
            Some(TimeBase::MICROSECONDS)
        );
        assert_eq!(TimeBase::per_second(1_000), Some(TimeBase::MILLISECONDS));
    }

    #[test]
    fn they_are_said_in_words() {
        let said = |n, d| TimeBase::new(n, d).unwrap().to_string();
        assert_eq!(said(1, 1_000_000), "microseconds");
        assert_eq!(said(1, 40_000_000), "ticks of 25 ns");
        assert_eq!(said(1, 24_000_000), "ticks of 1/24000000 s");
        assert_eq!(said(1, 3), "ticks of 1/3 s");
    }

    #[test]
    fn a_window_in_nanoseconds_keeps_its_events_in_ticks() {
        let us = TimeBase::MICROSECONDS;
        assert_eq!(us.tick_at_or_after(1_000), 1);
        assert_eq!(us.tick_at_or_after(1_001), 2);
        assert_eq!(us.tick_at_or_after(-1), 0);
        assert_eq!(us.tick_at_or_after(-1_000), -1);
        assert_eq!(us.tick_at_or_after(i128::MAX), i64::MAX);
        assert_eq!(us.tick_at_or_after(i128::MIN), i64::MIN);
        assert_eq!(us.tick_after(-5, 1_001), -3);
        assert_eq!(us.tick_after(-i128::from(i64::MIN), i128::MIN), i64::MIN);
        let third = TimeBase::new(1, 3).unwrap();
        assert_eq!(third.tick_at_or_after(333_333_333), 1);
        assert_eq!(third.tick_at_or_after(333_333_334), 2);
    }

    #[test]
    fn a_common_tick_divides_both() {
        let tick = |n, d| TimeBase::new(n, d).unwrap();
        let common = |a: TimeBase, b| a.common(b).map(TimeBase::fraction);
        let (us, mhz) = (TimeBase::MICROSECONDS, tick(1, 24_000_000));
        assert_eq!(
            us.common(TimeBase::NANOSECONDS),
            Some(TimeBase::NANOSECONDS)
        );
        assert_eq!(common(us, mhz).as_deref(), Some("1/24000000"));
        assert_eq!(common(tick(2, 3), tick(4, 5)).as_deref(), Some("2/15"));
        for base in [us, mhz, tick(2, 3), tick(40, 7)] {
            let tick = base.common(us).unwrap();
            assert_eq!(
                (base.ratio_to(tick).1, us.ratio_to(tick).1),
                (1, 1),
                "{base}"
            );
        }
        assert_eq!(tick(1, (1 << 61) - 1).common(tick(1, 1 << 40)), None);
    }

    #[test]
    fn microseconds_round_down() {
        assert_eq!(TimeBase::NANOSECONDS.to_microseconds(-1), -1);
        assert_eq!(TimeBase::NANOSECONDS.to_microseconds(1_999), 1);
    }
}
