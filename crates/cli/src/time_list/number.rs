//! A time as it stands in a list.

use evz::Time;

use crate::args::time;

/// A time with a unit, or a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Time(Time),
    Whole(i128),
    /// So many times ten to the power of so many, the first no multiple of ten.
    Real(i128, i32),
}

impl Number {
    /// `20ms`, `@1.5s`, `51648500652`, `0.0038`, `5.1e+10`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::plain(text).or_else(|| time(text).ok().map(Self::Time))
    }

    /// A number of a float, by the fewest digits that tell it from others.
    pub(super) fn of_float(value: f64) -> Option<Self> {
        let text = format!("{value:e}");
        value.is_finite().then(|| Self::plain(&text)).flatten()
    }

    fn plain(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, Some(exponent.parse::<i32>().ok()?)),
            None => (text, None),
        };
        let (negative, digits) = match number.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, number.strip_prefix('+').unwrap_or(number)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let size: i128 = format!("{whole}{fraction}").parse().ok()?;
        let size = if negative { -size } else { size };
        if exponent.is_none() && !digits.contains('.') {
            return Some(Self::Whole(size));
        }
        let places = i32::try_from(fraction.len()).ok()?;
        let (mut size, mut power) = (size, exponent.unwrap_or(0).checked_sub(places)?);
        while size != 0 && size % 10 == 0 {
            (size, power) = (size / 10, power.checked_add(1)?);
        }
        Some(Self::Real(size, if size == 0 { 0 } else { power }))
    }

    /// Whether it has a fraction.
    pub(super) fn has_fraction(self) -> bool {
        matches!(self, Self::Real(_, power) if power < 0)
    }

    /// Nanoseconds, to the nearest one, where a plain number counts so many of them; none beyond what can
    /// be counted.
    pub(super) fn nanoseconds(self, unit: u64) -> Option<i128> {
        let (size, power) = match self {
            Self::Time(_) => return None,
            Self::Whole(size) => (size, 0),
            Self::Real(size, power) => (size, power),
        };
        let scaled = size.checked_mul(unit.into())?;
        let ten = 10i128.checked_pow(power.unsigned_abs());
        let found = match (power < 0, ten) {
            (false, ten) => scaled.checked_mul(ten?)?,
            (true, Some(ten)) => {
                let rest = scaled.rem_euclid(ten);
                scaled.div_euclid(ten) + i128::from(rest >= ten - rest)
            }
            // Less than any nanosecond.
            (true, None) => 0,
        };
        // Twice this still adds up in 128 bits, and no tick count comes near.
        (found.abs() < i128::MAX / 4).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_exact() {
        let us = |text: &str| Number::parse(text).and_then(|n| n.nanoseconds(1_000));
        assert_eq!(us("51648500652"), Some(51_648_500_652_000));
        assert_eq!(us("1.500000000000000000e+06"), Some(1_500_000_000));
        assert_eq!(us("-0.0005"), Some(0));
        assert_eq!(us("0.0015"), Some(2));
        assert_eq!(us("-12.25"), Some(-12_250));
        assert_eq!(us("1e-300"), Some(0));
        assert_eq!(us("1e300"), None);
        let seconds = |value| Number::of_float(value).and_then(|n| n.nanoseconds(1_000_000_000));
        assert_eq!(seconds(0.1), Some(100_000_000));
        assert_eq!(
            seconds(1_589_163_147.368_868),
            Some(1_589_163_147_368_868_000)
        );
        assert_eq!((seconds(f64::NAN), seconds(f64::INFINITY)), (None, None));
    }

    #[test]
    fn numbers_say_what_they_are() {
        assert_eq!(
            Number::parse("20ms"),
            Some(Number::Time(Time::Relative(20_000_000)))
        );
        assert_eq!(
            Number::parse("@1s"),
            Some(Number::Time(Time::Absolute(1_000_000_000)))
        );
        let fraction = |text: &str| Number::parse(text).map(Number::has_fraction);
        assert_eq!(
            (fraction("7"), fraction("7.0"), fraction("7.5")),
            (Some(false), Some(false), Some(true))
        );
        assert_eq!(
            (fraction("5.1e+10"), fraction("0.0")),
            (Some(false), Some(false))
        );
        for text in [
            "",
            "-",
            ".",
            "e5",
            "1e",
            "1.2.3",
            "frame.png",
            "nan",
            "0x10",
            "1_0",
        ] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
