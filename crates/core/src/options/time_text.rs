//! Lengths of time as they are typed, exactly: none passes through a float.

use crate::{Error, Result};

/// `1.5s`, `20ms`, `3us`, `7ns`, `2m`, and what is less than nothing, `-1s`, in nanoseconds.
///
/// # Errors
/// If it is no such time, is finer than a nanosecond, or is longer than any recording.
pub fn nanoseconds(text: &str) -> Result<i128> {
    let wrong = |what: String| Error::invalid(what);
    let split = text.find(|c: char| c.is_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit_ns: i128 = match unit {
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ns" => 1,
        "" => {
            return Err(wrong(format!(
                "it has no unit: write {number}s, {number}ms, {number}us, {number}ns or {number}m"
            )));
        }
        _ => {
            return Err(wrong(format!(
                "no such unit {unit:?}; there are m, s, ms, us and ns"
            )));
        }
    };
    let (negative, digits) = match number.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(wrong(format!("{number:?} is no decimal number")));
    }
    let fraction = fraction.trim_end_matches('0');
    let too_large = || wrong("it is beyond what 64 bits of ticks can hold".to_owned());
    let digits: i128 = format!("0{whole}{fraction}")
        .parse()
        .map_err(|_| too_large())?;
    let scale = u32::try_from(fraction.len())
        .ok()
        .and_then(|n| 10i128.checked_pow(n))
        .ok_or_else(too_large)?;
    let scaled = digits.checked_mul(unit_ns).ok_or_else(too_large)?;
    if scaled % scale != 0 {
        return Err(wrong("it is finer than a nanosecond".to_owned()));
    }
    let size = scaled / scale;
    // Twice this still adds up in 128 bits, and no tick count comes near.
    if size > i128::MAX / 4 {
        return Err(too_large());
    }
    Ok(if negative { -size } else { size })
}

/// The same as it would be typed: in the longest unit of which it is a whole number.
pub(crate) fn in_text(nanoseconds: i128) -> String {
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let whole = units.into_iter().find(|(ns, _)| nanoseconds % ns == 0);
    let (ns, unit) = whole.unwrap_or((1, "ns"));
    format!("{}{unit}", nanoseconds / ns)
}
