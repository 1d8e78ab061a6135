//! How fast the events at the start of a text follow each other, in whatever unit its times have.

use evz_core::TimeUnit;

use crate::detect::sample::PICO;

/// A camera that looks at something gives at least so many events a second.
const BRISK: i128 = 1_000;

/// And hardly a recording more than this.
const TOO_FAST: i128 = 100_000_000;

/// Fewer lines than this do not tell how fast the events come.
const ENOUGH: usize = 10;

/// The middle of the times at the start of a text: a few absurd ones change nothing.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    pub(super) rows: usize,
    /// The first and the last of the middle, in units of 10^-12 of the unit that is sought.
    pub(super) first: i128,
    pub(super) last: i128,
    /// Events from the one to the other.
    steps: i128,
}

impl Pace {
    pub(super) fn of(times: &[i128]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_unstable();
        let rows = sorted.len();
        let trimmed = if rows < ENOUGH { 0 } else { (rows / 20).max(1) };
        let middle = &sorted[trimmed..rows - trimmed];
        Self {
            rows,
            first: middle.first().copied().unwrap_or(0),
            last: middle.last().copied().unwrap_or(0),
            steps: middle.len().saturating_sub(1) as i128,
        }
    }

    /// Whether there are lines enough to tell.
    pub(super) fn is_known(&self) -> bool {
        self.rows >= ENOUGH
    }

    fn span(&self) -> i128 {
        self.last.saturating_sub(self.first)
    }

    /// Whether at least so many events come in a second.
    fn reaches(&self, rate: i128, unit: TimeUnit) -> bool {
        let span_ns = self.span().saturating_mul(i128::from(unit.nanoseconds()));
        self.steps * 1_000_000_000 * PICO >= span_ns.saturating_mul(rate)
    }

    /// Whether there are lines enough, and they say that this unit gives what a camera does.
    pub(super) fn is_brisk(&self, unit: TimeUnit) -> bool {
        self.is_known() && self.reaches(BRISK, unit)
    }

    /// Whether there are lines enough, and they say that this unit is too short.
    pub(super) fn is_too_fast(&self, unit: TimeUnit) -> bool {
        self.is_known() && self.span() > 0 && self.reaches(TOO_FAST, unit)
    }

    /// Duration in seconds of the start of the text and events a second, for people.
    pub(super) fn reading(&self, unit: TimeUnit) -> (f64, f64) {
        let unit = unit.nanoseconds() as f64 / 1e9;
        let seconds = self.span() as f64 / PICO as f64 * unit;
        let steps = self.steps as f64;
        // What was cut off at both ends took as long as the middle.
        let whole = seconds * (self.rows as f64 - 1.0).max(1.0) / steps.max(1.0);
        (whole, self.rows as f64 / whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absurd_time_changes_nothing() {
        let mut times: Vec<i128> = (0..20).map(|i| i * PICO).collect();
        let pace = Pace::of(&times);
        assert!(pace.is_brisk(TimeUnit::Milliseconds) && !pace.is_brisk(TimeUnit::Seconds));
        assert!(!pace.is_too_fast(TimeUnit::Microseconds));
        assert!(pace.is_too_fast(TimeUnit::Nanoseconds));
        times[7] = i128::MAX;
        times[11] = -i128::MAX;
        let odd = Pace::of(&times);
        assert!(odd.is_brisk(TimeUnit::Microseconds) && !odd.is_brisk(TimeUnit::Seconds));
        assert!(odd.is_too_fast(TimeUnit::Nanoseconds));
        let (seconds, rate) = pace.reading(TimeUnit::Seconds);
        assert!((seconds - 19.0).abs() < 1e-9 && (rate - 20.0 / 19.0).abs() < 1e-9);
    }

    #[test]
    fn a_few_lines_tell_nothing() {
        let pace = Pace::of(&[0, 1, 2]);
        assert!(!pace.is_brisk(TimeUnit::Microseconds));
        assert!(!pace.is_too_fast(TimeUnit::Nanoseconds));
    }
}
