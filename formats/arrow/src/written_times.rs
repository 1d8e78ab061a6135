//! How times are written in tables that others read.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use evz_core::{Clock, Error, Place, Question, Result, TimeBase};

/// How the times of a table are written: as timestamps without a time zone, whatever the clock, in
/// the unit that the ticks of the recording need.
///
/// A timestamp is the one type of time that Parquet has too, and that DuckDB, Polars, pandas and Spark
/// take for a time: they refuse to compare it with a plain number, of which nobody knew the unit. What
/// 1970-01-01 00:00 stands for is what the clock of the recording says, which the metadata has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WrittenTimes {
    unit: TimeUnit,
    worth: TimeBase,
    /// How many of the unit are in a tick.
    in_tick: i64,
    clock: Clock,
}

/// The units that Parquet has too, the coarsest first.
const UNITS: [(TimeUnit, TimeBase); 3] = [
    (TimeUnit::Millisecond, TimeBase::MILLISECONDS),
    (TimeUnit::Microsecond, TimeBase::MICROSECONDS),
    (TimeUnit::Nanosecond, TimeBase::NANOSECONDS),
];

impl WrittenTimes {
    /// For times in ticks of `base` on this clock: in the coarsest unit that divides the tick.
    ///
    /// # Errors
    /// If a tick is no whole number of nanoseconds, or the epoch of the clock does not fit.
    pub(crate) fn new(base: TimeBase, clock: Clock) -> Result<Self> {
        let found = UNITS.into_iter().find_map(|(unit, worth)| {
            let (in_tick, per) = base.ratio_to(worth);
            // A tick has no more nanoseconds than 64 bits hold.
            let in_tick = i64::try_from(in_tick).ok().filter(|_| per == 1)?;
            Some((unit, worth, in_tick))
        });
        let Some((unit, worth, in_tick)) = found else {
            let what = format!(
                "times are {base}, and a table counts them in milliseconds, microseconds or \
                 nanoseconds"
            );
            return Err(Error::unsupported(Place::default(), what)
                .settled_by(Question::Round, ["ns", "us"])
                .advise("write .evz or text"));
        };
        let epoch = clock.epoch.checked_mul(in_tick);
        let epoch = epoch.ok_or_else(|| too_far(clock.epoch, worth))?;
        Ok(Self {
            unit,
            worth,
            in_tick,
            clock: clock.with_epoch(epoch),
        })
    }

    /// The type of the column.
    pub(crate) fn data_type(self) -> DataType {
        DataType::Timestamp(self.unit, None)
    }

    /// What a tick in the table is worth.
    pub(crate) fn base(self) -> TimeBase {
        self.worth
    }

    /// The clock, with its epoch in ticks of the table.
    pub(crate) fn clock(self) -> Clock {
        self.clock
    }

    /// A time of the recording in ticks of the table.
    ///
    /// # Errors
    /// If it does not fit 64 bits.
    pub(crate) fn tick(self, tick: i64) -> Result<i64> {
        let fits = tick.checked_mul(self.in_tick);
        fits.ok_or_else(|| too_far(tick, self.worth))
    }

    /// Ticks as a column.
    ///
    /// # Errors
    /// If a time does not fit 64 bits in the unit.
    pub(crate) fn column(self, mut ticks: Vec<i64>) -> Result<ArrayRef> {
        if self.in_tick != 1 {
            for tick in &mut ticks {
                *tick = self.tick(*tick)?;
            }
        }
        let ticks = ScalarBuffer::from(ticks);
        Ok(match self.unit {
            TimeUnit::Millisecond => Arc::new(TimestampMillisecondArray::new(ticks, None)),
            TimeUnit::Microsecond => Arc::new(TimestampMicrosecondArray::new(ticks, None)),
            _ => Arc::new(TimestampNanosecondArray::new(ticks, None)),
        })
    }
}

fn too_far(tick: i64, worth: TimeBase) -> Error {
    let what = format!("the time {tick} does not fit a table in {worth}");
    Error::unsupported(Place::default(), what)
        .advise("write .evz or text")
        .advise("shift the times first")
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use evz_core::ClockKind;

    use super::*;

    fn of(base: TimeBase) -> DataType {
        WrittenTimes::new(base, Clock::default())
            .unwrap()
            .data_type()
    }

    #[test]
    fn the_unit_is_the_coarsest_that_holds_the_ticks() {
        let ns = |n| TimeBase::from_nanoseconds(n).unwrap();
        let timestamp = |unit| DataType::Timestamp(unit, None);
        let us = timestamp(TimeUnit::Microsecond);
        assert_eq!(of(TimeBase::MICROSECONDS), us);
        assert_eq!(of(ns(10_000)), us);
        assert_eq!(of(TimeBase::SECONDS), timestamp(TimeUnit::Millisecond));
        assert_eq!(of(ns(20)), timestamp(TimeUnit::Nanosecond));
        let third = TimeBase::new(1, 3).unwrap();
        let error = WrittenTimes::new(third, Clock::default()).unwrap_err();
        assert!(error.what().starts_with("times are ticks of 1/3 s"));
        assert_eq!(error.question(), Some(Question::Round));
    }

    #[test]
    fn the_type_is_one_whatever_the_clock() {
        for kind in ClockKind::ALL {
            for epoch in [0, 1_589_163_147_368_868] {
                let clock = Clock::of(kind).with_epoch(epoch);
                let times = WrittenTimes::new(TimeBase::MICROSECONDS, clock).unwrap();
                assert_eq!(times.data_type(), of(TimeBase::MICROSECONDS));
                assert_eq!(times.clock(), clock);
            }
        }
    }

    #[test]
    fn an_epoch_counts_what_the_table_counts() {
        let ten_us = TimeBase::from_nanoseconds(10_000).unwrap();
        let times = |epoch| WrittenTimes::new(ten_us, Clock::default().with_epoch(epoch));
        let near = times(-7).unwrap();
        assert_eq!(
            (near.clock().epoch, near.base()),
            (-70, TimeBase::MICROSECONDS)
        );
        assert!(times(i64::MAX).is_err());
    }

    #[test]
    fn times_that_do_not_fit_are_refused() {
        let of = |base| WrittenTimes::new(base, Clock::default()).unwrap();
        let times = of(TimeBase::SECONDS);
        let column = times.column(vec![1, -2]).unwrap();
        assert_eq!(column.to_data().buffer::<i64>(0), [1_000, -2_000]);
        assert!(times.column(vec![i64::MAX / 999]).is_err());
        let giant = of(TimeBase::from_nanoseconds(TimeBase::MAX).unwrap());
        assert!(giant.column(vec![1]).is_ok());
        assert!(giant.column(vec![2]).is_err());
    }
}
