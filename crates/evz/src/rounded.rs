//! Times of a coarser clock, for who accepts that they are rounded.

use evz_core::{
    Error, EventBatch, EventSource, Loss, LossKind, Next, Place, Question, Report, Result,
    StreamInfo, TimeUnit,
};

use crate::side_times::change_times;

/// A source with its times rounded to whole units, halves up: the moment on its clock is rounded, so
/// that nothing is off by more than half a unit.
pub(crate) struct Rounded {
    source: Box<dyn EventSource>,
    unit: TimeUnit,
    info: StreamInfo,
    step: Step,
    name: String,
    /// Times that are not what they were.
    changed: u64,
}

/// From ticks to units: `floor(((t + epoch) * times / per) + 1/2) - base`.
struct Step {
    times: i128,
    per: i128,
    epoch: i128,
    base: i128,
}

impl Rounded {
    /// The source with its times in units; as it is where its ticks are whole units already. `name` is what it
    /// is called in an error.
    ///
    /// # Errors
    /// If tick 0 has no place in 64 bits then, for a tick may be longer than a unit.
    pub(crate) fn of(
        source: Box<dyn EventSource>,
        unit: TimeUnit,
        name: &str,
    ) -> Result<Box<dyn EventSource>> {
        let mut info = source.info().clone();
        let (times, per) = info.time_base.ratio_to(unit.time_base());
        if per == 1 {
            return Ok(source);
        }
        let whole = |units: i128, what: &str| {
            i64::try_from(units).map_err(|_| no_place(what, unit, Place::file(name)))
        };
        let mut step = Step {
            times: times as i128,
            per: per as i128,
            epoch: info.clock.epoch.into(),
            base: 0,
        };
        let epoch = step.units(0).0;
        step.base = epoch;
        info.time_base = unit.time_base();
        // A coarser tick takes fewer of them.
        info.clock = info
            .clock
            .with_epoch(whole(epoch, "the epoch of the clock")?);
        let offset = i128::from(info.clock_offset) * step.times / step.per;
        info.clock_offset = whole(offset, "the offset of the clock")?;
        Ok(Box::new(Self {
            source,
            unit,
            info,
            step,
            name: name.to_owned(),
            changed: 0,
        }))
    }

    /// Replaces times by those in units.
    fn round(&mut self, times: &mut [i64]) -> Result<()> {
        match self.step.apply(times) {
            Ok(changed) => self.changed += changed,
            Err(t) => {
                let what = format!("the time of tick {t}");
                return Err(no_place(&what, self.unit, Place::file(&*self.name)));
            }
        }
        Ok(())
    }
}

fn no_place(what: &str, unit: TimeUnit, place: Place) -> Error {
    let what = format!("{what} has no place in 64 bits as whole {}", unit.name());
    Error::unsupported(place, what).without(Question::Round)
}

impl Step {
    /// Units of a time, and whether it was a whole number of them.
    fn units(&self, t: i64) -> (i128, bool) {
        let parts = (i128::from(t) + self.epoch) * self.times;
        let (whole, rest) = (parts.div_euclid(self.per), parts.rem_euclid(self.per));
        let up = i128::from(rest * 2 >= self.per);
        (whole + up - self.base, rest == 0)
    }

    /// Replaces times; returns how many were no whole number of units, or the first that has no place in 64 bits.
    fn apply(&self, times: &mut [i64]) -> std::result::Result<u64, i64> {
        let mut changed = 0;
        // Most are divided in 64 bits, which takes a fifth of the time.
        let small = |n: i128| i64::try_from(n).ok().filter(|n| n.unsigned_abs() < 1 << 61);
        if let (1, Some(per), Some(epoch), Some(base)) = (
            self.times,
            small(self.per),
            small(self.epoch),
            small(self.base),
        ) && times.iter().all(|t| t.unsigned_abs() < 1 << 61)
        {
            for t in times {
                let at = *t + epoch;
                let (whole, rest) = (at.div_euclid(per), at.rem_euclid(per));
                changed += u64::from(rest != 0);
                *t = whole + i64::from(rest >= per - rest) - base;
            }
            return Ok(changed);
        }
        for t in times {
            let (units, exact) = self.units(*t);
            changed += u64::from(!exact);
            *t = units.try_into().map_err(|_| *t)?;
        }
        Ok(changed)
    }
}

impl EventSource for Rounded {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        let mut next = self.source.read_batch(batch)?;
        match &mut next {
            Next::Events(_) => self.round(&mut batch.t)?,
            Next::Rows(rows) => change_times(rows, |times| self.round(times))?,
            Next::End(report) => *report = self.report(),
        }
        Ok(next)
    }

    fn report(&self) -> Report {
        let mut report = self.source.report();
        // Digits that the source could not keep are rounded too.
        report.agree(LossKind::Rounded);
        if self.changed > 0 {
            let what = format!("times rounded to whole {}", self.unit.name());
            report.add_loss(Loss::new(LossKind::Rounded, what, self.changed).agreed());
        }
        report
    }

    fn is_whole(&self) -> bool {
        self.changed == 0 && self.source.is_whole()
    }

    wraps!(source);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Halves go up, before 0 too, and the fast way is the slow one.
    #[test]
    fn halves_go_up() {
        let step = Step {
            times: 1,
            per: 1_000,
            epoch: 0,
            base: 0,
        };
        let mut times = [
            -1_501,
            -1_500,
            -1_499,
            -500,
            -1,
            0,
            499,
            500,
            1_500,
            i64::MAX,
        ];
        assert_eq!(step.apply(&mut times), Ok(9));
        assert_eq!(times[..9], [-2, -1, -1, 0, 0, 0, 0, 1, 2]);
        assert_eq!(times[9], 9_223_372_036_854_776);
    }

    /// A tick may be longer than a unit and no whole number of them, as a third of a second is.
    #[test]
    fn times_that_have_no_place_in_units_are_none() {
        let step = Step {
            times: 1_000_000,
            per: 3,
            epoch: 0,
            base: 0,
        };
        let most = i64::MAX / 1_000_000 * 3;
        for (t, rounded) in [
            (3, Ok(0)),
            (2, Ok(1)),
            (most, Ok(0)),
            (most + 3, Err(most + 3)),
            (-most - 9, Err(-most - 9)),
        ] {
            assert_eq!(step.apply(&mut [t]), rounded, "{t}");
        }
    }

    proptest! {
        #[test]
        fn nothing_moves_by_more_than_half_a_unit(
            t in -(1i64 << 50)..1 << 50,
            epoch in -(1i64 << 50)..1 << 50,
            times in 1i128..9,
            per in 2i128..1 << 30,
        ) {
            let mut step = Step { times, per, epoch: epoch.into(), base: 0 };
            step.base = step.units(0).0;
            let mut found = [t];
            step.apply(&mut found).unwrap();
            let (was, is) = ((i128::from(t) + step.epoch) * times, (i128::from(found[0]) + step.base) * per);
            prop_assert!(2 * (was - is) < per && 2 * (is - was) <= per);
            prop_assert_eq!(i128::from(found[0]), step.units(t).0);
        }
    }
}
