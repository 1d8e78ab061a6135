//! Numbers as people read them.

/// `12,345,678`.
pub(crate) fn count(n: impl Into<u128>) -> String {
    let digits = n.into().to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 event`, `12,345 events`: so many of what one is called so.
pub(crate) fn counted(n: impl Into<u128>, one: &str) -> String {
    let n = n.into();
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", count(n))
}

/// `12.3 M`: three digits and the letter of a power of a thousand, if it takes one.
pub(crate) fn short(value: f64) -> String {
    let (scaled, letter) = match value {
        v if v >= 999.5e6 => (v / 1e9, " G"),
        v if v >= 999.5e3 => (v / 1e6, " M"),
        v if v >= 999.5 => (v / 1e3, " k"),
        v => (v, ""),
    };
    let decimals = match scaled {
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        _ => 2,
    };
    format!("{scaled:.decimals$}{letter}")
}

/// `29.1 MB`.
pub(crate) fn bytes(n: u64) -> String {
    match n {
        0..1_000 => counted(n, "byte"),
        _ => format!("{}B", short(n as f64)),
    }
}

/// `3 h 5 min 2 s`, `1 min 3.2 s`, `12.345 s`, `3.2 ms`, `7 us`, `12 ns`.
pub(crate) fn duration(nanoseconds: u128) -> String {
    let seconds = nanoseconds as f64 / 1e9;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{} us", trimmed(nanoseconds as f64 / 1e3, 3)),
        1_000_000..1_000_000_000 => format!("{} ms", trimmed(seconds * 1e3, 3)),
        1_000_000_000..60_000_000_000 => format!("{} s", trimmed(seconds, 3)),
        60_000_000_000..3_600_000_000_000 => {
            let minutes = nanoseconds / 60_000_000_000;
            format!("{minutes} min {:.1} s", seconds - 60.0 * minutes as f64)
        }
        _ => {
            let minutes = nanoseconds / 60_000_000_000;
            let rest = seconds - 60.0 * minutes as f64;
            format!("{} h {} min {rest:.0} s", minutes / 60, minutes % 60)
        }
    }
}

/// A number with so many decimals at most.
pub(crate) fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if decimals == 0 {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Nanoseconds as seconds, exactly, with six decimals or nine.
pub(crate) fn seconds(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let size = nanoseconds.unsigned_abs();
    let (whole, rest) = (size / 1_000_000_000, size % 1_000_000_000);
    match rest % 1_000 {
        0 => format!("{sign}{whole}.{:06}", rest / 1_000),
        _ => format!("{sign}{whole}.{rest:09}"),
    }
}

/// What times are counted in: `microseconds`, `ticks of 100 ms`.
pub(crate) fn time_base(base: evz::TimeBase) -> String {
    let name = base.to_string();
    let Some(ns) = base.whole_nanoseconds() else {
        return name;
    };
    // The library names units. Of others, one digit and zeros make a duration that is exact.
    let exact = ns.to_string().trim_end_matches('0').len() == 1;
    if name.starts_with("ticks") && exact {
        return format!("ticks of {}", duration(ns.into()));
    }
    name
}

/// One row of bars, each as high as its share of the largest; nothing where there is nothing.
pub(crate) fn bars(values: &[f64]) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().fold(0.0, f64::max);
    let bar = |v: &f64| match v / most * 8.0 {
        height if height > 0.0 => BARS[(height.ceil() as usize).clamp(1, 8) - 1],
        _ => ' ',
    };
    values.iter().map(bar).collect()
}

/// A bar of so many letters for 1, to an eighth of a letter; what is there has at least that.
pub(crate) fn bar(share: f64, letters: usize) -> String {
    const PARTS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (share * 8.0 * letters as f64).ceil() as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(Some(PARTS[eighths % 8]).filter(|part| *part != PARTS[0]));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(7u64), "7");
        assert_eq!(count(1_234_567u64), "1,234,567");
        assert_eq!(counted(1u64, "event"), "1 event");
        assert_eq!(counted(2_000u64, "event"), "2,000 events");
        assert_eq!(short(29_140_000.0), "29.1 M");
        assert_eq!(short(999_900.0), "1.00 M");
        assert_eq!(bytes(512), "512 bytes");
        assert_eq!(bytes(29_140_000), "29.1 MB");
        assert_eq!(duration(63_200_000_000), "1 min 3.2 s");
        assert_eq!(duration(12_500_000), "12.5 ms");
        assert_eq!(duration(3 * 3_600_000_000_000), "3 h 0 min 0 s");
        let ticks = |ns| time_base(evz::TimeBase::from_nanoseconds(ns).expect("it is not 0"));
        assert_eq!(ticks(1_000), "microseconds");
        assert_eq!(ticks(100_000_000), "ticks of 100 ms");
        assert_eq!(ticks(1_234_567), "ticks of 1234567 ns");
        let thirds = evz::TimeBase::new(1, 3).expect("it is a fraction");
        assert_eq!(time_base(thirds), "ticks of 1/3 s");
        assert_eq!(bars(&[0.0, 1.0, 4.0, 8.0]), " ▁▄█");
        assert_eq!(bars(&[0.0, 0.0]), "  ");
        let of = |share| bar(share, 2);
        assert_eq!(
            [of(0.0), of(0.01), of(0.5), of(0.6), of(1.0)],
            ["", "▏", "█", "█▎", "██"]
        );
    }
}
