//! The values of options, exactly: no time passes through a float.

use std::ops::Range;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use evz::{Format, OnUnsorted, Polarity, PolarityStyle, Roi, SensorSize, Separator, Time};

/// A format by its name.
pub(super) fn format_parser() -> impl TypedValueParser<Value = &'static Format> {
    PossibleValuesParser::new(evz::formats().map(|f| f.name)).try_map(|name| evz::format(&name))
}

/// A format that is written, by its name.
pub(super) fn written_format_parser() -> impl TypedValueParser<Value = &'static Format> {
    let written = evz::formats().filter(|f| f.create.is_some());
    PossibleValuesParser::new(written.map(|f| f.name)).try_map(|name| evz::format(&name))
}

/// One of the encodings in which some format is read.
pub(super) fn encoding_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(evz::formats().flat_map(|f| f.encodings).copied())
}

/// One of the encodings that some format is written in.
pub(super) fn raw_encoding_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(evz::formats().flat_map(|f| f.write_encodings).copied())
}

/// One of the orders of the halves of words.
pub(super) fn word_order_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(evz::formats().flat_map(|f| f.word_orders).copied())
}

/// One of the codecs, by name.
pub(super) fn profile_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(evz::file::profiles())
}

/// What stands between columns.
pub(super) fn separator_parser() -> impl TypedValueParser<Value = Separator> {
    PossibleValuesParser::new(Separator::ALL.map(Separator::name))
        .try_map(|name| name.parse::<Separator>())
}

/// What is done with times that run backwards.
pub(super) fn unsorted_parser() -> impl TypedValueParser<Value = OnUnsorted> {
    PossibleValuesParser::new(OnUnsorted::ALL.map(OnUnsorted::name))
        .try_map(|name| name.parse::<OnUnsorted>())
}

/// The styles as the library names them, and with the words the other way round.
pub(super) fn polarity_style(text: &str) -> evz::Result<PolarityStyle> {
    match text.split_once('/') {
        Some((on, off)) if on.eq_ignore_ascii_case("true") => format!("{off}/{on}").parse(),
        _ => text.parse(),
    }
}

/// `1.5s`, `20ms`, `3us`, `7ns`, `2m` after the first event; with `@` on the recording's own clock, where a
/// number with a point is of seconds, `@1589163147.5`.
pub(crate) fn time(text: &str) -> Result<Time, String> {
    match text.strip_prefix('@') {
        Some(epoch) => {
            // 0 is the same in every unit.
            let is_plain =
                epoch == "0" || (epoch.contains('.') && !epoch.contains(char::is_alphabetic));
            let unit = if is_plain { "s" } else { "" };
            evz::nanoseconds(&format!("{epoch}{unit}"))
                .map(Time::Absolute)
                .map_err(|e| e.to_string())
        }
        None => evz::nanoseconds(text)
            .map(Time::Relative)
            .map_err(|e| e.to_string()),
    }
}

/// `20ms`, `1.5s`: a length of time in nanoseconds, more than nothing.
pub(super) fn duration(text: &str) -> Result<i128, String> {
    match evz::nanoseconds(text).map_err(|e| e.to_string())? {
        ns if ns > 0 => Ok(ns),
        _ => Err("it must be more than nothing".to_owned()),
    }
}

/// How far apart windows start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stride {
    Events(u64),
    /// In nanoseconds.
    Time(i128),
}

/// `50k` events, or `20ms`.
pub(super) fn stride(text: &str) -> Result<Stride, String> {
    match count(text) {
        Ok(0) => Err("it must be more than nothing".to_owned()),
        Ok(events) => Ok(Stride::Events(events)),
        Err(_) => duration(text).map(Stride::Time),
    }
}

/// A number above 0, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ratio {
    pub(crate) over: u64,
    pub(crate) under: u64,
}

/// `30`, `29.97`, `30000/1001`.
pub(super) fn ratio(text: &str) -> Result<Ratio, String> {
    let wrong = || format!("{text:?} is no number above 0 such as 30, 29.97 or 30000/1001");
    let whole = |s: &str| s.parse::<u32>().ok().map(u64::from);
    let (over, under) = match text.split_once('/') {
        Some((over, under)) => (whole(over), whole(under)),
        None => {
            let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
            let places = u32::try_from(fraction.len()).ok();
            let scale = places.and_then(|n| 10u32.checked_pow(n)).map(u64::from);
            (whole(&format!("{digits}{fraction}")), scale)
        }
    };
    match (over, under) {
        (Some(over), Some(under)) if over > 0 && under > 0 => Ok(Ratio { over, under }),
        _ => Err(wrong()),
    }
}

/// `A..B`, `A..`, `..B`: numbers of events.
pub(super) fn event_range(text: &str) -> Result<Range<u64>, String> {
    let (start, end) = text
        .split_once("..")
        .ok_or("write A..B, A.. or ..B, counting from 0; B is not included")?;
    let number = |s: &str, default| if s.is_empty() { Ok(default) } else { count(s) };
    let (start, end) = (number(start, 0)?, number(end, u64::MAX)?);
    if start > end {
        return Err(format!("it ends at {end}, before its start {start}"));
    }
    Ok(start..end)
}

/// `5000`, `10k`, `1.3M`, `1B` (or `1G`).
pub(super) fn count(text: &str) -> Result<u64, String> {
    let (digits, places) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (&text[..at], 3),
        Some((at, 'M')) => (&text[..at], 6),
        Some((at, 'B' | 'G')) => (&text[..at], 9),
        _ => (text, 0),
    };
    let wrong = || format!("{text:?} is no whole number such as 5000, 1.3M or 1B");
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !whole.is_empty() && !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(wrong()),
        None => (digits, ""),
    };
    // Zeros at the end of a fraction are none of its value.
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return Err(wrong());
    }
    if whole.is_empty() {
        return Err(wrong());
    }
    let all = format!("{whole}{fraction:0<places$}");
    all.parse().map_err(|_| format!("{text} is beyond 64 bits"))
}

/// A number of bytes: `268435456`, `256MiB`, `1GiB`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    evz::parse_bytes(text).map_err(|e| e.to_string())
}

/// `X,Y,W,H`.
pub(super) fn roi(text: &str) -> Result<Roi, String> {
    text.parse().map_err(|e: evz::Error| e.to_string())
}

/// `WxH`.
pub(super) fn size(text: &str) -> Result<SensorSize, String> {
    text.parse().map_err(|e: evz::Error| e.to_string())
}

/// `on` or `off`.
pub(super) fn polarity(text: &str) -> Result<Polarity, String> {
    match text {
        "on" => Ok(Polarity::On),
        "off" => Ok(Polarity::Off),
        "0/1" | "-1/1" => Err(format!(
            "it selects events and is on or off; how text writes polarity is --polarity-style {text}"
        )),
        _ => Err("it is on or off".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_exact() {
        assert_eq!(time("1.5s"), Ok(Time::Relative(1_500_000_000)));
        assert_eq!(time("20ms"), Ok(Time::Relative(20_000_000)));
        assert_eq!(time("2m"), Ok(Time::Relative(120_000_000_000)));
        assert_eq!(time("7ns"), Ok(Time::Relative(7)));
        assert_eq!(time("-0.5us"), Ok(Time::Relative(-500)));
        assert_eq!(time("0.1000000000000s"), Ok(Time::Relative(100_000_000)));
        let epoch = 1_589_163_147_368_868_000;
        assert_eq!(time("@1589163147.368868"), Ok(Time::Absolute(epoch)));
        assert_eq!(time("@1589163147.368868s"), Ok(Time::Absolute(epoch)));
        assert_eq!(time("@1589163147368868us"), Ok(Time::Absolute(epoch)));
    }

    #[test]
    fn what_is_no_time_says_why() {
        assert!(time("12").unwrap_err().contains("no unit"));
        assert!(time("12h").unwrap_err().contains("no such unit"));
        assert!(time("0.1ns").unwrap_err().contains("finer"));
        assert!(
            time(&format!("{}s", "9".repeat(60)))
                .unwrap_err()
                .contains("beyond")
        );
        for text in ["", "s", ".s", "1.2.3s", "--1s", "1_0s", "@"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_and_counts() {
        assert_eq!(event_range("5..10"), Ok(5..10));
        assert_eq!(event_range("..1k"), Ok(0..1_000));
        assert_eq!(event_range("7.."), Ok(7..u64::MAX));
        assert!(event_range("9..5").is_err() && event_range("9").is_err());
        assert_eq!(count("10M"), Ok(10_000_000));
        assert_eq!(
            (count("1.3M"), count("1300k")),
            (Ok(1_300_000), Ok(1_300_000))
        );
        assert_eq!((count("0.5k"), count("2.0")), (Ok(500), Ok(2)));
        assert_eq!(event_range("0.5k..1.25M"), Ok(500..1_250_000));
        for wrong in [
            "1.5", "1.2345k", ".5M", "1.M", "1..2k", "-1", "+1", "1e3", "0x1",
        ] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
        assert!(count("99999999999B").is_err() && count("M").is_err() && count("").is_err());
    }

    #[test]
    fn strides_and_ratios() {
        assert_eq!(stride("50k"), Ok(Stride::Events(50_000)));
        assert_eq!(stride("1.5ms"), Ok(Stride::Time(1_500_000)));
        assert!(stride("0").is_err() && stride("0ms").is_err() && stride("-1ms").is_err());
        let of = |over, under| Ok(Ratio { over, under });
        assert_eq!(ratio("30"), of(30, 1));
        assert_eq!(ratio("29.97"), of(2_997, 100));
        assert_eq!(ratio("30000/1001"), of(30_000, 1_001));
        for text in [
            "0",
            "",
            "-1",
            "1/0",
            "1e3",
            "99999999999",
            "0.00000000001",
            ".",
        ] {
            assert!(ratio(text).is_err(), "{text}");
        }
    }

    #[test]
    fn regions_and_sizes() {
        let expected = Roi {
            x: 1,
            y: 2,
            width: 3,
            height: 4,
        };
        assert_eq!(roi("1,2,3,4"), Ok(expected));
        assert!(roi("1,2,3").is_err() && roi("1,2,0,4").is_err() && roi("70000,0,1,1").is_err());
        assert_eq!(size("640x480").map(|s| (s.width, s.height)), Ok((640, 480)));
        assert!(size("640").is_err() && size("0x5").is_err() && size("65537x5").is_err());
    }
}
