//! Columns of times: whole numbers in a known unit, or floats.

use super::{Bad, Number};
use crate::{Error, Loss, LossKind, Place, Question, Result, TimeBase, TimeUnit};

/// Times of a column as ticks.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// What a tick is worth.
    pub base: TimeBase,
    /// Ticks in a unit of the column. For whole numbers that is 1.
    per_unit: f64,
    /// How far a float may be from a tick that it stands for, as a part of itself.
    slack: f64,
}

/// Times that were rounded to a tick.
#[derive(Debug, Clone, Default)]
pub struct Rounded {
    count: u64,
    examples: Vec<String>,
}

/// A float that was computed from a whole number of ticks is off by no more than this part of
/// itself: one rounding from the product or quotient, one from the factor.
const SLACK: f64 = 2.0 * f64::EPSILON;
const SLACK_SINGLE: f64 = 2.0 * f32::EPSILON as f64;

/// Examples of what was rounded.
const MAX_EXAMPLES: usize = 3;

impl Times {
    /// Whole numbers of ticks.
    pub(super) fn whole(base: TimeBase) -> Self {
        Self {
            base,
            per_unit: 1.0,
            slack: 0.0,
        }
    }

    /// Floats, whose unit is told or else the second; the tick is a microsecond, or a nanosecond
    /// where the times at hand need it, or the unit itself where that is no whole number of them.
    /// `single` are floats of 32 bits. `place` and `column` are for messages.
    ///
    /// # Errors
    /// If the times may just as well be in another unit than seconds: none needs more than three
    /// decimals.
    pub(super) fn float(
        place: &Place,
        column: &str,
        told: Option<TimeBase>,
        sample: &[f64],
        single: bool,
    ) -> Result<Self> {
        let unit = told.unwrap_or(TimeBase::SECONDS);
        let of = |base: TimeBase| {
            let (ticks, units) = unit.ratio_to(base);
            Self {
                base,
                per_unit: ticks as f64 / units as f64,
                slack: if single { SLACK_SINGLE } else { SLACK },
            }
        };
        if unit.whole_nanoseconds().is_none() {
            return Ok(of(unit));
        }
        // What no tick is, such as NaN, says nothing of the others.
        let ticks = |times: Self| sample.iter().filter_map(move |t| times.tick(*t));
        let fits = |times: Self| ticks(times).all(|(_, exact)| exact);
        let says = ticks(of(TimeBase::MICROSECONDS)).next().is_some();
        if told.is_none() && says && fits(of(TimeBase::MILLISECONDS)) {
            return Err(Error::ambiguous(
                place,
                format!(
                    "column {column:?} holds floats that may be seconds, milliseconds or \
                     microseconds, for none has more than three decimals"
                ),
            )
            .settled_by(Question::TimeUnit, TimeUnit::ALL));
        }
        let microseconds = unit >= TimeBase::MICROSECONDS && fits(of(TimeBase::MICROSECONDS));
        Ok(of(if microseconds {
            TimeBase::MICROSECONDS
        } else {
            TimeBase::NANOSECONDS
        }))
    }

    /// The tick next to a time, and whether the time says just this tick; none if there is none.
    #[inline]
    fn tick(self, time: f64) -> Option<(i64, bool)> {
        let tick = (time * self.per_unit).round();
        let exact = (time - tick / self.per_unit).abs() <= self.slack * time.abs();
        Some((tick.whole()?, exact))
    }

    /// Adds whole numbers of ticks to `out`, up to the first value that is none; that one is
    /// returned.
    pub fn read_whole<N: Number>(
        values: impl Iterator<Item = N> + Clone,
        out: &mut Vec<i64>,
    ) -> Option<Bad> {
        let start = out.len();
        let mut all_fit = true;
        // Without a branch, so that many are done at once.
        out.extend(values.clone().map(|value| {
            let whole = value.whole();
            all_fit &= whole.is_some();
            whole.unwrap_or(0)
        }));
        if all_fit {
            return None;
        }
        let (row, value) = values.enumerate().find(|(_, v)| v.whole().is_none())?;
        out.truncate(start + row);
        let what = format!("the time is {value}, which 64 bits with a sign cannot hold");
        Some(Bad::new(row, what))
    }

    /// Adds floats as ticks to `out`, up to the first value that is no time; that one is returned.
    /// `first_row` is the number of the
    /// first one, for what is said of times that were rounded.
    pub fn read_floats<N: Number>(
        self,
        values: impl Iterator<Item = N>,
        first_row: u64,
        rounded: &mut Rounded,
        out: &mut Vec<i64>,
    ) -> Option<Bad> {
        for (row, value) in values.enumerate() {
            let Some((tick, exact)) = self.tick(value.float()) else {
                let what = format!("the time is {value}, which no tick of {} is", self.base);
                return Some(Bad::new(row, what));
            };
            if !exact {
                rounded.add(|| format!("row {}: {value}", first_row + row as u64));
            }
            out.push(tick);
        }
        None
    }
}

impl Rounded {
    fn add(&mut self, example: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < MAX_EXAMPLES {
            self.examples.push(example());
        }
    }

    /// What was lost by rounding, if anything was.
    pub fn loss(&self, base: TimeBase) -> Option<Loss> {
        let what = format!("times between two ticks of {base}, rounded");
        let examples = self.examples.iter().cloned();
        (self.count > 0)
            .then(|| Loss::new(LossKind::Rounded, what, self.count).with_examples(examples))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(values: &[f64]) -> (TimeBase, Vec<i64>, u64) {
        let times = Times::float(&Place::default(), "t", None, values, false).unwrap();
        let (mut out, mut rounded) = (Vec::new(), Rounded::default());
        assert!(
            times
                .read_floats(values.iter().copied(), 0, &mut rounded, &mut out)
                .is_none()
        );
        (times.base, out, rounded.count)
    }

    #[test]
    fn seconds_as_people_compute_them() {
        let whole: Vec<i64> = (0..40_000).map(|i| i * 997 + 3).collect();
        for factor in [1, 1_001, 100_000_007] {
            let expected: Vec<i64> = whole.iter().map(|i| i * factor).collect();
            let divided: Vec<f64> = expected.iter().map(|&t| t as f64 / 1e6).collect();
            let multiplied: Vec<f64> = expected.iter().map(|&t| t as f64 * 1e-6).collect();
            let us = (TimeBase::MICROSECONDS, expected, 0);
            assert_eq!(ticks(&divided), us);
            assert_eq!(ticks(&multiplied), us);
        }
    }

    #[test]
    fn an_epoch_in_seconds_is_microseconds() {
        let expected = vec![1_589_163_147_368_868, 1_589_163_147_368_869];
        let seconds: Vec<f64> = expected.iter().map(|&t| t as f64 / 1e6).collect();
        assert_eq!(ticks(&seconds), (TimeBase::MICROSECONDS, expected, 0));
    }

    #[test]
    fn nanoseconds_where_they_are_needed() {
        let (base, out, rounded) = ticks(&[0.000_000_001, 0.000_779_999, 12.345_678_901]);
        assert_eq!(base, TimeBase::NANOSECONDS);
        assert_eq!(out, [1, 779_999, 12_345_678_901]);
        assert_eq!(rounded, 0);
        assert_eq!(ticks(&[0.123_456_789_012]).2, 1);
    }

    #[test]
    fn floats_of_an_unknown_unit() {
        for sample in [[12.0, 13.0], [1.5, 2.25], [0.001, 0.002]] {
            let error = Times::float(&Place::file("a"), "t", None, &sample, false).unwrap_err();
            assert_eq!(error.question(), Some(Question::TimeUnit), "{error}");
        }
        let told = Some(TimeBase::MICROSECONDS);
        let times = Times::float(&Place::file("a"), "t", told, &[12.0, 13.0], false).unwrap();
        assert_eq!(times.base, TimeBase::MICROSECONDS);
        let thirds = TimeBase::new(1, 3);
        let times = Times::float(&Place::file("a"), "t", thirds, &[12.0, 13.0], false).unwrap();
        assert_eq!(Some(times.base), thirds);
        assert_eq!(times.tick(12.0), Some((12, true)));
    }

    #[test]
    fn what_is_no_time() {
        let times = Times::float(&Place::default(), "t", None, &[], false).unwrap();
        for value in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
            let mut out = Vec::new();
            let bad = times.read_floats(
                [0.5, value].into_iter(),
                0,
                &mut Rounded::default(),
                &mut out,
            );
            assert_eq!(bad.unwrap().row, 1);
            assert_eq!(out, [500_000]);
        }
        assert_eq!(
            Times::read_whole([1, u64::MAX].into_iter(), &mut Vec::new())
                .unwrap()
                .row,
            1
        );
    }
}
