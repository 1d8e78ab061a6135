//! How times are written.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, DurationMicrosecondArray, DurationMillisecondArray, DurationNanosecondArray,
    TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use evz_core::{Error, Place, Result, TimeBase};

/// How the times of a table are written: as what type, in what unit.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    unit: TimeUnit,
    /// Units in a tick.
    factor: i64,
    /// Whether the times count from 1970.
    epoch: bool,
}

/// Seconds from 1970 to 2000. A clock that started with the sensor does not get there.
const EPOCH_STARTS: i128 = 946_684_800 * 1_000_000_000;

impl Clock {
    /// For times in ticks of `base`, the first of them `first`: the coarsest unit that divides the
    /// tick, of those that Parquet has too; a timestamp for times after 2000, otherwise the duration
    /// since the clock started.
    pub fn new(base: TimeBase, first: Option<i64>) -> Self {
        let units = [
            (TimeUnit::Millisecond, TimeBase::MILLISECONDS),
            (TimeUnit::Microsecond, TimeBase::MICROSECONDS),
            (TimeUnit::Nanosecond, TimeBase::NANOSECONDS),
        ];
        let divides = |unit: TimeBase| base.nanoseconds().is_multiple_of(unit.nanoseconds());
        let (unit, worth) = units
            .into_iter()
            .find(|(_, u)| divides(*u))
            .unwrap_or(units[2]);
        Self {
            unit,
            // A tick of more than 292 years is refused with the first time.
            factor: i64::try_from(base.nanoseconds() / worth.nanoseconds()).unwrap_or(0),
            epoch: first.is_some_and(|t| base.to_nanoseconds(t) >= EPOCH_STARTS),
        }
    }

    /// The type of the column.
    pub fn data_type(self) -> DataType {
        if self.epoch {
            DataType::Timestamp(self.unit, None)
        } else {
            DataType::Duration(self.unit)
        }
    }

    /// What the unit is worth.
    pub fn base(self) -> TimeBase {
        match self.unit {
            TimeUnit::Second => TimeBase::SECONDS,
            TimeUnit::Millisecond => TimeBase::MILLISECONDS,
            TimeUnit::Microsecond => TimeBase::MICROSECONDS,
            TimeUnit::Nanosecond => TimeBase::NANOSECONDS,
        }
    }

    /// Ticks as a column.
    ///
    /// # Errors
    /// If a time does not fit 64 bits in the unit.
    pub fn column(self, mut ticks: Vec<i64>) -> Result<ArrayRef> {
        if self.factor != 1 {
            for tick in &mut ticks {
                let scaled = tick.checked_mul(self.factor).filter(|_| self.factor != 0);
                *tick = scaled.ok_or_else(|| self.too_far(*tick))?;
            }
        }
        let ticks = ScalarBuffer::from(ticks);
        Ok(match (self.epoch, self.unit) {
            (true, TimeUnit::Millisecond) => Arc::new(TimestampMillisecondArray::new(ticks, None)),
            (true, TimeUnit::Microsecond) => Arc::new(TimestampMicrosecondArray::new(ticks, None)),
            (true, _) => Arc::new(TimestampNanosecondArray::new(ticks, None)),
            (false, TimeUnit::Millisecond) => Arc::new(DurationMillisecondArray::new(ticks, None)),
            (false, TimeUnit::Microsecond) => Arc::new(DurationMicrosecondArray::new(ticks, None)),
            (false, _) => Arc::new(DurationNanosecondArray::new(ticks, None)),
        })
    }

    fn too_far(self, tick: i64) -> Error {
        let what = format!("the time {tick} does not fit a table in {}", self.base());
        Error::unsupported(Place::default(), what)
            .advise("write .evz or text")
            .advise("shift the times first")
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;

    use super::*;

    #[test]
    fn units_and_clocks() {
        let ns = |n| TimeBase::from_nanoseconds(n).unwrap();
        let of = |base, first| Clock::new(base, Some(first)).data_type();
        let us = DataType::Duration(TimeUnit::Microsecond);
        assert_eq!(of(TimeBase::MICROSECONDS, 0), us);
        assert_eq!(of(ns(10_000), 0), us);
        assert_eq!(
            of(TimeBase::SECONDS, 0),
            DataType::Duration(TimeUnit::Millisecond)
        );
        assert_eq!(of(ns(20), 0), DataType::Duration(TimeUnit::Nanosecond));
        // 1999 and 2020.
        assert_eq!(of(TimeBase::MICROSECONDS, 946_684_799_999_999), us);
        assert_eq!(
            of(TimeBase::MICROSECONDS, 1_589_163_147_368_868),
            DataType::Timestamp(TimeUnit::Microsecond, None)
        );
    }

    #[test]
    fn times_that_do_not_fit_are_refused() {
        let clock = Clock::new(TimeBase::SECONDS, Some(0));
        let column = clock.column(vec![1, -2]).unwrap();
        assert_eq!(column.to_data().buffer::<i64>(0), [1_000, -2_000]);
        assert!(clock.column(vec![i64::MAX / 999]).is_err());
        let giant = TimeBase::from_nanoseconds(u64::MAX).unwrap();
        assert!(Clock::new(giant, Some(0)).column(vec![0]).is_err());
    }
}
