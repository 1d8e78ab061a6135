//! Values of further columns as text.

use evz_core::{ColumnType, ColumnValue, PolarityStyle, ValuesSlice};

use crate::number::Decimal;

/// What the tokens of a further column in a sample have in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct FurtherStats {
    whole: u64,
    /// Whole numbers beyond [`i64::MAX`].
    large: u64,
    fractional: u64,
    truths: u64,
    others: u64,
}

impl FurtherStats {
    pub(crate) fn add(&mut self, token: &[u8]) {
        let count = match Decimal::parse(token) {
            Some(number) if is_whole(token) && number.to_ticks(0, false).is_ok() => &mut self.whole,
            Some(_) if text(token).is_some_and(|t| t.parse::<u64>().is_ok()) => &mut self.large,
            Some(_) => &mut self.fractional,
            None if PolarityStyle::truth(token).is_some() => &mut self.truths,
            None if float::<f64>(token).is_some() => &mut self.fractional,
            None => &mut self.others,
        };
        *count += 1;
    }

    /// The type that holds these; none if they are words.
    pub(crate) fn column_type(&self) -> Option<ColumnType> {
        let numbers = self.whole + self.large + self.fractional;
        match () {
            () if self.others > 0 || (self.truths > 0 && numbers > 0) => None,
            () if self.truths > 0 => Some(ColumnType::Bool),
            () if self.fractional > 0 => Some(ColumnType::F64),
            () if self.large > 0 => Some(ColumnType::U64),
            () => Some(ColumnType::I64),
        }
    }
}

/// A token as a value.
pub(crate) struct Parsed {
    /// Its bytes, little-endian; those behind the size of the type are 0.
    pub(crate) bytes: [u8; 8],
    /// Whether the token has more digits than the float holds.
    pub(crate) rounded: bool,
}

/// Reads a token as a value of a type; none if it is none.
pub(crate) fn parse(token: &[u8], column_type: ColumnType) -> Option<Parsed> {
    fn whole<T: TryFrom<i64> + ColumnValue>(token: &[u8]) -> Option<Parsed> {
        let (value, _) = Decimal::parse(token)?.to_ticks(0, false).ok()?;
        Some(exact(T::try_from(value).ok()?))
    }
    match column_type {
        ColumnType::Bool => match PolarityStyle::truth(token) {
            Some(truth) => Some(exact(truth == 1)),
            None => whole::<u8>(token).filter(|value| value.bytes[0] <= 1),
        },
        ColumnType::I8 => whole::<i8>(token),
        ColumnType::I16 => whole::<i16>(token),
        ColumnType::I32 => whole::<i32>(token),
        ColumnType::I64 => whole::<i64>(token),
        ColumnType::U8 => whole::<u8>(token),
        ColumnType::U16 => whole::<u16>(token),
        ColumnType::U32 => whole::<u32>(token),
        ColumnType::U64 => match text(token)?.parse::<u64>() {
            Ok(value) => Some(exact(value)),
            Err(_) => whole::<u64>(token),
        },
        ColumnType::F32 => of_float(token, float::<f32>(token)?, 6),
        ColumnType::F64 => of_float(token, float::<f64>(token)?, 15),
    }
}

/// Whether a number is written without point and exponent.
fn is_whole(token: &[u8]) -> bool {
    !token.iter().any(|b| b".eE".contains(b))
}

fn exact(value: impl ColumnValue) -> Parsed {
    let mut bytes = Vec::with_capacity(8);
    value.put(&mut bytes);
    let mut parsed = Parsed {
        bytes: [0; 8],
        rounded: false,
    };
    parsed.bytes[..bytes.len()].copy_from_slice(&bytes);
    parsed
}

/// A float; tokens of up to so many digits come back from every float as they were, unless they are
/// out of its range.
fn of_float<T>(token: &[u8], value: T, digits: usize) -> Option<Parsed>
where
    T: ColumnValue + std::fmt::Debug,
{
    let mut parsed = exact(value);
    let long = token.iter().filter(|b| b.is_ascii_digit()).count() > digits;
    if long || token.iter().any(|b| b"eE".contains(b)) {
        let written = Decimal::parse(token);
        let printed = Decimal::parse(format!("{value:?}").as_bytes());
        if written.is_some() && printed.is_none() {
            return None;
        }
        parsed.rounded = written.map(Decimal::normal) != printed.map(Decimal::normal);
    }
    Some(parsed)
}

fn float<T: std::str::FromStr>(token: &[u8]) -> Option<T> {
    text(token)?.parse().ok()
}

fn text(token: &[u8]) -> Option<&str> {
    std::str::from_utf8(token).ok()
}

/// Adds value `i` to a line. Floats are written with as few digits as bring them back.
pub(crate) fn print(values: ValuesSlice<'_>, i: usize, out: &mut Vec<u8>) {
    use std::io::Write;

    let size = values.column_type().size();
    let bytes = &values.as_bytes()[i * size..(i + 1) * size];
    let written = match values.column_type() {
        ColumnType::Bool => write!(out, "{}", u8::from(bool::read(bytes))),
        ColumnType::I8 => write!(out, "{}", i8::read(bytes)),
        ColumnType::I16 => write!(out, "{}", i16::read(bytes)),
        ColumnType::I32 => write!(out, "{}", i32::read(bytes)),
        ColumnType::I64 => write!(out, "{}", i64::read(bytes)),
        ColumnType::U8 => write!(out, "{}", u8::read(bytes)),
        ColumnType::U16 => write!(out, "{}", u16::read(bytes)),
        ColumnType::U32 => write!(out, "{}", u32::read(bytes)),
        ColumnType::U64 => write!(out, "{}", u64::read(bytes)),
        ColumnType::F32 => write!(out, "{:?}", f32::read(bytes)),
        ColumnType::F64 => write!(out, "{:?}", f64::read(bytes)),
    };
    written.expect("a vector takes every byte");
}

/// How many of these values text does not hold bit for bit: NaNs that are not the usual one.
pub(crate) fn odd_nans(values: ValuesSlice<'_>) -> u64 {
    let odd32 = |v: &f32| v.is_nan() && v.to_bits() != f32::NAN.to_bits();
    let odd64 = |v: &f64| v.is_nan() && v.to_bits() != f64::NAN.to_bits();
    match values.column_type() {
        ColumnType::F32 => values.iter().map_or(0, |v| v.filter(odd32).count() as u64),
        ColumnType::F64 => values.iter().map_or(0, |v| v.filter(odd64).count() as u64),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use evz_core::Values;

    use super::*;

    fn back(values: &Values) -> Values {
        let mut bytes = Vec::new();
        for i in 0..values.len() {
            let mut token = Vec::new();
            print(values.as_slice(), i, &mut token);
            let parsed = parse(&token, values.column_type()).unwrap();
            assert!(!parsed.rounded, "{}", token.escape_ascii());
            bytes.extend_from_slice(&parsed.bytes[..values.column_type().size()]);
        }
        Values::from_bytes(values.column_type(), bytes).unwrap()
    }

    #[test]
    fn values_of_every_type_come_back() {
        for values in [
            Values::from_slice(&[true, false]),
            Values::from_slice(&[i8::MIN, -1, i8::MAX]),
            Values::from_slice(&[i16::MIN, i16::MAX]),
            Values::from_slice(&[i32::MIN, i32::MAX]),
            Values::from_slice(&[i64::MIN, 0, i64::MAX]),
            Values::from_slice(&[u8::MAX]),
            Values::from_slice(&[u16::MAX]),
            Values::from_slice(&[u32::MAX]),
            Values::from_slice(&[u64::MAX, 0]),
            Values::from_slice(&[
                f32::MIN_POSITIVE,
                -0.0,
                f32::MAX,
                0.1,
                f32::INFINITY,
                f32::NAN,
            ]),
            Values::from_slice(&[
                f64::MIN_POSITIVE,
                5e-324,
                -0.0,
                f64::MAX,
                0.1 + 0.2,
                f64::NAN,
            ]),
        ] {
            assert_eq!(back(&values), values);
        }
    }

    #[test]
    fn what_does_not_fit_is_no_value() {
        for (token, column_type) in [
            ("256", ColumnType::U8),
            ("-1", ColumnType::U64),
            ("1.5", ColumnType::I64),
            ("2", ColumnType::Bool),
            ("signal", ColumnType::F64),
            ("", ColumnType::F32),
            ("1e39", ColumnType::F32),
            ("1e999", ColumnType::F64),
        ] {
            assert!(parse(token.as_bytes(), column_type).is_none(), "{token}");
        }
    }

    #[test]
    fn digits_beyond_a_float_are_noticed() {
        let rounded = |token: &str, t| parse(token.as_bytes(), t).unwrap().rounded;
        assert!(rounded("0.12345678901234567890", ColumnType::F64));
        assert!(!rounded("0.1000000000000000000", ColumnType::F64));
        assert!(rounded("0.123456789", ColumnType::F32));
        assert!(!rounded("16777216.0", ColumnType::F32));
        assert!(rounded("1e-999", ColumnType::F64));
        assert!(!rounded("1e-6", ColumnType::F64));
    }

    #[test]
    fn a_sample_tells_the_type() {
        let of = |tokens: &[&str]| {
            let mut stats = FurtherStats::default();
            tokens.iter().for_each(|t| stats.add(t.as_bytes()));
            stats.column_type()
        };
        assert_eq!(of(&["1", "-2", "3"]), Some(ColumnType::I64));
        assert_eq!(of(&["1.0", "2.0"]), Some(ColumnType::F64));
        assert_eq!(of(&["1", "18446744073709551615"]), Some(ColumnType::U64));
        assert_eq!(of(&["1", "2.5"]), Some(ColumnType::F64));
        assert_eq!(of(&["1e3", "nan"]), Some(ColumnType::F64));
        assert_eq!(of(&["True", "false"]), Some(ColumnType::Bool));
        assert_eq!(of(&["noise", "1"]), None);
        assert_eq!(of(&["True", "1"]), None);
    }
}
