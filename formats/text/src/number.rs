//! Decimal numbers as they are written, without floats.

/// A number as its text says it: `mantissa * 10^exponent`, and how it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) negative: bool,
    pub(crate) mantissa: u128,
    pub(crate) exponent: i32,
    /// Digits after the point, as written.
    pub(crate) decimals: u32,
    /// Whether it was written with an `e`.
    pub(crate) scientific: bool,
    /// Whether digits that are not zero follow those that the mantissa holds.
    cut: bool,
}

/// Why a number does not fit into ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoTick {
    /// Beyond 64 bits.
    Overflow,
    /// It has digits below a tick; so many decimals of its unit would hold it.
    TooFine(u32),
}

/// Powers of ten that 64 bits hold.
const POWERS: [i64; 19] = {
    let mut powers = [1; 19];
    let mut i = 1;
    while i < powers.len() {
        powers[i] = powers[i - 1] * 10;
        i += 1;
    }
    powers
};

/// Digits that a mantissa of 128 bits holds for certain.
const MAX_DIGITS: u32 = 37;

/// Powers of ten beyond this change nothing: every number is out of range or zero by then.
const MAX_EXPONENT: i32 = 10_000;

impl Decimal {
    /// Reads a whole token; none if it is no number.
    pub(crate) fn parse(token: &[u8]) -> Option<Self> {
        if let Some(number) = Self::parse_plain(token) {
            return Some(number);
        }
        let (negative, rest) = match token {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let mut number = Self {
            negative,
            mantissa: 0,
            exponent: 0,
            decimals: 0,
            scientific: false,
            cut: false,
        };
        let (mut digits_held, mut any_digit, mut in_fraction) = (0, false, false);
        let mut bytes = rest.iter();
        while let Some(&byte) = bytes.next() {
            match byte {
                b'0'..=b'9' => {
                    any_digit = true;
                    if digits_held < MAX_DIGITS {
                        number.mantissa = number.mantissa * 10 + u128::from(byte - b'0');
                        // Leading zeros take no room.
                        digits_held += u32::from(number.mantissa > 0);
                        number.exponent -= i32::from(in_fraction);
                    } else {
                        number.cut |= byte != b'0';
                        number.exponent = number.exponent.saturating_add(i32::from(!in_fraction));
                    }
                    number.decimals += u32::from(in_fraction);
                }
                b'.' if !in_fraction => in_fraction = true,
                b'e' | b'E' if any_digit => {
                    number.scientific = true;
                    number.exponent = number.exponent.saturating_add(exponent(bytes.as_slice())?);
                    break;
                }
                _ => return None,
            }
        }
        any_digit.then_some(number)
    }

    /// The same for what most tokens are: up to 36 digits with at most a point.
    #[inline]
    fn parse_plain(token: &[u8]) -> Option<Self> {
        /// Digits that fit into 64 bits, with some room.
        const HALF: usize = 18;
        if token.is_empty() || token.len() > 2 * HALF {
            return None;
        }
        // In two halves, as numbers of 128 bits are slow to multiply.
        let (mut high, mut low, mut low_digits, mut point) = (0u64, 0u64, 0, None);
        for (i, &byte) in token.iter().enumerate() {
            let digit = byte.wrapping_sub(b'0');
            if digit <= 9 {
                if low_digits == HALF {
                    (high, low, low_digits) = (low, 0, 0);
                }
                low = low * 10 + u64::from(digit);
                low_digits += 1;
            } else if byte == b'.' && point.is_none() && token.len() > 1 {
                point = Some(i);
            } else {
                return None;
            }
        }
        let decimals = point.map_or(0, |at| token.len() - at - 1) as u32;
        let high = u128::from(high) * u128::from(POWERS[low_digits].unsigned_abs());
        Some(Self {
            negative: false,
            mantissa: high + u128::from(low),
            exponent: -(decimals as i32),
            decimals,
            scientific: false,
            cut: false,
        })
    }

    /// The number times `10^decimals`, as a whole number. Digits below that are an error, or, with
    /// `round`, rounded to the nearest; the flag says whether they were.
    pub(crate) fn to_ticks(self, decimals: u8, round: bool) -> Result<(i64, bool), NoTick> {
        if self.mantissa == 0 && !self.cut {
            return Ok((0, false));
        }
        let shift = self.exponent.saturating_add(i32::from(decimals));
        if let Some(ticks) = self.to_ticks_plain(shift) {
            return Ok((ticks, false));
        }
        let (whole, inexact) = if shift >= 0 {
            let whole = 10u128
                .checked_pow(shift as u32)
                .and_then(|scale| self.mantissa.checked_mul(scale))
                .ok_or(NoTick::Overflow)?;
            (whole, self.cut)
        } else {
            match 10u128.checked_pow(shift.unsigned_abs()) {
                Some(scale) => {
                    let (whole, rest) = (self.mantissa / scale, self.mantissa % scale);
                    let up = rest >= scale - rest;
                    (whole + u128::from(up && rest > 0), rest > 0 || self.cut)
                }
                None => (0, true),
            }
        };
        if inexact && !round {
            return Err(NoTick::TooFine(self.decimals_needed()));
        }
        let signed = i128::try_from(whole).map_err(|_| NoTick::Overflow)?;
        i64::try_from(if self.negative { -signed } else { signed })
            .map(|ticks| (ticks, inexact))
            .map_err(|_| NoTick::Overflow)
    }

    /// The same where nothing is cut off and 64 bits do: what nearly all numbers are.
    #[inline]
    fn to_ticks_plain(self, shift: i32) -> Option<i64> {
        let mantissa = i64::try_from(self.mantissa).ok().filter(|_| !self.cut)?;
        let scale = POWERS.get(usize::try_from(shift.unsigned_abs()).ok()?)?;
        let size = if shift >= 0 {
            mantissa.checked_mul(*scale)?
        } else {
            (mantissa % scale == 0).then(|| mantissa / scale)?
        };
        Some(if self.negative { -size } else { size })
    }

    /// The value as a coordinate, if it is a whole number of 16 bits.
    pub(crate) fn to_u16(self) -> Option<u16> {
        let (value, _) = self.to_ticks(0, false).ok()?;
        u16::try_from(value).ok()
    }

    /// The value in units of `10^-12`, held within what fits: for comparing.
    pub(crate) fn picos(self) -> i128 {
        let shift = self.exponent.saturating_add(12);
        let size = if shift >= 0 {
            10u128
                .checked_pow(shift as u32)
                .and_then(|scale| self.mantissa.checked_mul(scale))
                .unwrap_or(if self.mantissa == 0 { 0 } else { u128::MAX })
        } else {
            10u128
                .checked_pow(shift.unsigned_abs())
                .map_or(0, |scale| self.mantissa / scale)
        };
        let size = i128::try_from(size).unwrap_or(i128::MAX);
        if self.negative { -size } else { size }
    }

    /// Digits behind the point: as written, or, behind an exponent, as many as the value needs.
    pub(crate) fn fraction_digits(self) -> u32 {
        if self.scientific {
            self.decimals_needed()
        } else {
            self.decimals
        }
    }

    /// Sign, digits and exponent without the zeros at the end: equal for numbers of one value.
    pub(crate) fn normal(self) -> (bool, u128, i32, bool) {
        let (mut mantissa, mut exponent) = (self.mantissa, self.exponent);
        while mantissa != 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        let exponent = if mantissa == 0 { 0 } else { exponent };
        (self.negative, mantissa, exponent, self.cut)
    }

    /// How many decimals the value has once trailing zeros are gone.
    fn decimals_needed(self) -> u32 {
        let (_, _, exponent, _) = self.normal();
        exponent.min(0).unsigned_abs()
    }
}

fn exponent(digits: &[u8]) -> Option<i32> {
    let (negative, digits) = match digits {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if digits.is_empty() {
        return None;
    }
    let mut value = 0i32;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = (value * 10 + i32::from(byte - b'0')).min(MAX_EXPONENT);
    }
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(text: &str, decimals: u8, round: bool) -> Result<(i64, bool), NoTick> {
        Decimal::parse(text.as_bytes())
            .unwrap()
            .to_ticks(decimals, round)
    }

    #[test]
    fn decimals_are_exact() {
        assert_eq!(ticks("0.003811000", 9, false), Ok((3_811_000, false)));
        assert_eq!(
            ticks("1589163147.368868", 6, false),
            Ok((1_589_163_147_368_868, false))
        );
        assert_eq!(ticks("1e-06", 9, false), Ok((1_000, false)));
        assert_eq!(ticks("1.5E+2", 3, false), Ok((150_000, false)));
        assert_eq!(ticks("-0.25", 2, false), Ok((-25, false)));
        assert_eq!(ticks(".5", 1, false), Ok((5, false)));
        assert_eq!(ticks("5.", 0, false), Ok((5, false)));
        assert_eq!(ticks("0e999999999999", 9, false), Ok((0, false)));
    }

    #[test]
    fn digits_below_a_tick_are_rounded_or_refused() {
        assert_eq!(ticks("0.0000000014", 9, true), Ok((1, true)));
        assert_eq!(ticks("0.0000000015", 9, true), Ok((2, true)));
        assert_eq!(ticks("-0.0000000015", 9, true), Ok((-2, true)));
        assert_eq!(ticks("1.000000000000", 9, true), Ok((1_000_000_000, false)));
        assert_eq!(ticks("0.1234567", 6, false), Err(NoTick::TooFine(7)));
        assert_eq!(ticks("0.12345670", 6, false), Err(NoTick::TooFine(7)));
        assert_eq!(ticks("1e-999", 9, true), Ok((0, true)));
    }

    #[test]
    fn what_does_not_fit_is_an_overflow() {
        assert_eq!(
            ticks("9223372036854775807", 0, false),
            Ok((i64::MAX, false))
        );
        assert_eq!(
            ticks("-9223372036854775808", 0, false),
            Ok((i64::MIN, false))
        );
        assert_eq!(
            ticks("9223372036854775808", 0, false),
            Err(NoTick::Overflow)
        );
        assert_eq!(ticks("1e30", 9, true), Err(NoTick::Overflow));
        assert_eq!(ticks(&"9".repeat(400), 0, true), Err(NoTick::Overflow));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "", "-", ".", "e5", "1e", "1e+", "1.2.3", "nan", "inf", "0x10", "1 2", "--1",
        ] {
            assert_eq!(Decimal::parse(text.as_bytes()), None, "{text}");
        }
    }
}
