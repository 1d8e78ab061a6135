//! Widths of bins: round ones, and what is written of them.

use evz_core::{Error, Question, Result, TimeBase};

use super::DEFAULT_MOST_RATE_BINS;

/// 1, 2 and 5 times each power of ten that 64 bits hold.
fn round() -> impl Iterator<Item = u64> {
    let powers = (0..20).map(|power| 10u64.pow(power));
    powers.flat_map(|power| {
        [1, 2, 5]
            .into_iter()
            .filter_map(move |n| power.checked_mul(n))
    })
}

/// Number of the bin of this width that a time lies in, counted from that which starts at `origin`.
pub(super) fn bin_of(t: i64, origin: i64, width: u64) -> i128 {
    (i128::from(t) - i128::from(origin)).div_euclid(width.into())
}

/// The round number of `unit` ticks, which makes at most so many bins of these times; of all numbers of
/// 64 bits the largest, if none does.
pub(super) fn fewest(origin: i64, t_min: i64, t_max: i64, unit: u64, most: usize) -> u64 {
    let fits = |width: &u64| {
        let bins = bin_of(t_max, origin, *width) - bin_of(t_min, origin, *width) + 1;
        bins <= most as i128
    };
    let widths = round().filter_map(|n| n.checked_mul(unit));
    let mut widths = widths.filter(fits);
    widths.next().unwrap_or(u64::MAX)
}

/// The width where nobody says one.
pub(super) fn default_width(origin: i64, t_min: i64, t_max: i64) -> u64 {
    fewest(origin, t_min, t_max, 1, DEFAULT_MOST_RATE_BINS)
}

/// The ticks and the nanoseconds of the shortest time that is a whole number of both.
pub(super) fn whole_unit(base: TimeBase) -> (u64, u128) {
    let (nanoseconds, ticks) = base.ratio_to(TimeBase::NANOSECONDS);
    (u64::try_from(ticks).unwrap_or(u64::MAX), nanoseconds)
}

/// So many ticks in the unit that takes the fewest digits, as `--every` and the like read it: `250us`;
/// where they are no whole nanoseconds, `7 ticks of 1/24000000 s`.
pub fn every_text(ticks: u64, base: TimeBase) -> String {
    let (unit, nanoseconds) = whole_unit(base);
    match ticks % unit {
        0 => text(u128::from(ticks / unit).saturating_mul(nanoseconds)),
        _ => format!("{ticks} {base}"),
    }
}

fn text(nanoseconds: u128) -> String {
    let units = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us")];
    let found = units
        .into_iter()
        .find(|(ns, _)| nanoseconds.is_multiple_of(*ns));
    let (ns, name) = found.unwrap_or((1, "ns"));
    format!("{}{name}", nanoseconds / ns)
}

/// A time in nanoseconds as a width in ticks.
///
/// # Errors
/// If it is no whole number of ticks, which the error names the nearest of, or more than 63 bits of them.
pub fn ticks_of_every(nanoseconds: u128, base: TimeBase) -> Result<u64> {
    let (unit, in_unit) = whole_unit(base);
    let most = i64::MAX as u64 / unit;
    let units = nanoseconds / in_unit;
    let (below, exact) = (
        u64::try_from(units).unwrap_or(u64::MAX).min(most),
        nanoseconds.is_multiple_of(in_unit),
    );
    if exact && u128::from(below) == units && below > 0 {
        return Ok(below * unit);
    }
    let near = [below, below.saturating_add(1)];
    let near = near.into_iter().filter(|n| (1..=most).contains(n));
    let near = near.map(|n| text(u128::from(n) * in_unit));
    let what = match u128::from(below) == units {
        true => format!(
            "{} is no whole number of the recording's {base}",
            text(nanoseconds)
        ),
        false => format!("{} is longer than any recording", text(nanoseconds)),
    };
    Err(Error::invalid(what).settled_by(Question::Every, near))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_round_and_make_about_a_hundred_bins() {
        assert_eq!(default_width(0, 0, 0), 1);
        assert_eq!(default_width(0, 0, 149), 1);
        assert_eq!(default_width(0, 0, 150), 2);
        assert_eq!(default_width(0, 0, 10_000_000), 100_000);
        assert_eq!(default_width(5, 5, 5 + 7_000_000), 50_000);
        let most = default_width(0, i64::MIN, i64::MAX);
        assert_eq!(most, 200_000_000_000_000_000);
    }

    #[test]
    fn widths_in_time_are_whole_ticks() {
        let us = TimeBase::MICROSECONDS;
        assert_eq!(ticks_of_every(1_000_000, us).unwrap(), 1_000);
        assert_eq!(
            ticks_of_every(1_500, us).unwrap_err().to_string(),
            "1500ns is no whole number of the recording's microseconds; set every to 1us or 2us"
        );
        assert!(
            ticks_of_every(1, us)
                .unwrap_err()
                .to_string()
                .ends_with(" 1us")
        );
        let most = ticks_of_every(u128::MAX, us).unwrap_err().to_string();
        assert!(most.contains("longer than any"), "{most}");
        let mhz = TimeBase::per_second(24_000_000).unwrap();
        assert_eq!(ticks_of_every(1_000, mhz).unwrap(), 24);
        assert_eq!(ticks_of_every(125, mhz).unwrap(), 3);
        assert!(ticks_of_every(42, mhz).is_err());
        assert_eq!(every_text(24, mhz), "1us");
        assert_eq!(every_text(7, mhz), "7 ticks of 1/24000000 s");
        assert_eq!(every_text(2_500_000, us), "2500ms");
    }
}
