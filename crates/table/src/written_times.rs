//! How times are written.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, DurationMicrosecondArray, DurationMillisecondArray, DurationNanosecondArray,
    Int64Array, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use evz_core::{Clock, ClockKind, Error, Place, Result, TimeBase};

/// How the times of a table are written: as what type, in what unit.
#[derive(Debug, Clone, Copy)]
pub struct WrittenTimes {
    base: TimeBase,
    clock: Clock,
    /// The unit of the type, and how many of it are in a tick; none for ticks as whole numbers.
    unit: Option<(TimeUnit, i64)>,
    /// Whether the times count from 1970.
    since_1970: bool,
}

/// The units that Parquet has too, the coarsest first.
const UNITS: [(TimeUnit, TimeBase); 3] = [
    (TimeUnit::Millisecond, TimeBase::MILLISECONDS),
    (TimeUnit::Microsecond, TimeBase::MICROSECONDS),
    (TimeUnit::Nanosecond, TimeBase::NANOSECONDS),
];

/// Seconds from 1970 to 2000. A clock that started with the sensor does not get there.
const EPOCH_STARTS: i128 = 946_684_800 * 1_000_000_000;

impl WrittenTimes {
    /// For times in ticks of `base` on this clock, the first of them `first`: the coarsest unit that
    /// divides the tick, or whole numbers where none does. It is a timestamp if the times count from
    /// 1970, or nobody says of which clock they are and they are after 2000, otherwise the duration
    /// since the clock's epoch.
    pub fn new(base: TimeBase, clock: Clock, first: Option<i64>) -> Self {
        let unit = UNITS.into_iter().find_map(|(unit, worth)| {
            let (in_tick, per) = base.ratio_to(worth);
            // A tick has no more nanoseconds than 64 bits hold.
            let in_tick = i64::try_from(in_tick).ok().filter(|_| per == 1)?;
            clock.epoch.checked_mul(in_tick)?;
            Some((unit, in_tick))
        });
        let late = || first.is_some_and(|t| base.to_nanoseconds(t) >= EPOCH_STARTS);
        let since_1970 = match clock.kind {
            _ if clock.epoch != 0 => false,
            ClockKind::Unix => true,
            ClockKind::Unknown => late(),
            _ => false,
        };
        Self {
            base,
            clock,
            unit,
            since_1970,
        }
    }

    /// The type of the column.
    pub fn data_type(self) -> DataType {
        match self.unit {
            Some((unit, _)) if self.since_1970 => DataType::Timestamp(unit, None),
            Some((unit, _)) => DataType::Duration(unit),
            None => DataType::Int64,
        }
    }

    /// What a tick in the table is worth.
    pub fn base(self) -> TimeBase {
        let found = UNITS.into_iter().find(|(unit, _)| self.is_in(*unit));
        found.map_or(self.base, |(_, worth)| worth)
    }

    /// The clock, with its epoch in ticks of the table.
    pub fn clock(self) -> Clock {
        let in_tick = self.unit.map_or(1, |(_, in_tick)| in_tick);
        // It was looked at whether this fits.
        let epoch = self.clock.epoch.saturating_mul(in_tick);
        self.clock.with_epoch(epoch)
    }

    fn is_in(self, unit: TimeUnit) -> bool {
        self.unit.is_some_and(|(of, _)| of == unit)
    }

    /// Ticks as a column.
    ///
    /// # Errors
    /// If a time does not fit 64 bits in the unit.
    pub fn column(self, mut ticks: Vec<i64>) -> Result<ArrayRef> {
        let Some((unit, in_tick)) = self.unit else {
            return Ok(Arc::new(Int64Array::from(ticks)));
        };
        if in_tick != 1 {
            for tick in &mut ticks {
                *tick = (tick.checked_mul(in_tick)).ok_or_else(|| self.too_far(*tick))?;
            }
        }
        let ticks = ScalarBuffer::from(ticks);
        Ok(match (self.since_1970, unit) {
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

    const UNKNOWN: Clock = Clock {
        kind: ClockKind::Unknown,
        epoch: 0,
    };

    #[test]
    fn units_and_clocks() {
        let ns = |n| TimeBase::from_nanoseconds(n).unwrap();
        let on = |clock, base, first| WrittenTimes::new(base, clock, Some(first)).data_type();
        let of = |base, first| on(UNKNOWN, base, first);
        let us = DataType::Duration(TimeUnit::Microsecond);
        assert_eq!(of(TimeBase::MICROSECONDS, 0), us);
        assert_eq!(of(ns(10_000), 0), us);
        assert_eq!(
            of(TimeBase::SECONDS, 0),
            DataType::Duration(TimeUnit::Millisecond)
        );
        assert_eq!(of(ns(20), 0), DataType::Duration(TimeUnit::Nanosecond));
        assert_eq!(of(TimeBase::new(1, 3).unwrap(), 0), DataType::Int64);
        // 1999 and 2020.
        assert_eq!(of(TimeBase::MICROSECONDS, 946_684_799_999_999), us);
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
        let late = 1_589_163_147_368_868;
        assert_eq!(of(TimeBase::MICROSECONDS, late), timestamp);
        // Where the clock is known, nothing is inferred.
        let [sensor, unix] = [ClockKind::Sensor, ClockKind::Unix].map(Clock::of);
        assert_eq!(on(sensor, TimeBase::MICROSECONDS, late), us);
        assert_eq!(on(unix, TimeBase::MICROSECONDS, 0), timestamp);
        assert_eq!(on(unix.with_epoch(late), TimeBase::MICROSECONDS, 0), us);
    }

    #[test]
    fn an_epoch_counts_what_the_table_counts() {
        let ten_us = TimeBase::from_nanoseconds(10_000).unwrap();
        let times = |epoch| WrittenTimes::new(ten_us, UNKNOWN.with_epoch(epoch), None);
        assert_eq!(times(-7).clock().epoch, -70);
        assert_eq!(times(-7).base(), TimeBase::MICROSECONDS);
        // One that no unit holds stays as it is, and so do the ticks.
        let far = times(i64::MAX);
        assert_eq!(far.clock().epoch, i64::MAX);
        assert_eq!(far.base(), ten_us);
        assert_eq!(far.data_type(), DataType::Int64);
    }

    #[test]
    fn times_that_do_not_fit_are_refused() {
        let times = WrittenTimes::new(TimeBase::SECONDS, UNKNOWN, Some(0));
        let column = times.column(vec![1, -2]).unwrap();
        assert_eq!(column.to_data().buffer::<i64>(0), [1_000, -2_000]);
        assert!(times.column(vec![i64::MAX / 999]).is_err());
        let giant = TimeBase::from_nanoseconds(TimeBase::MAX).unwrap();
        let giant = WrittenTimes::new(giant, UNKNOWN, Some(0));
        assert!(giant.column(vec![1]).is_ok());
        assert!(giant.column(vec![2]).is_err());
    }
}
