//! What AEDAT 4 can hold: whole microseconds in order, and coordinates of 15 bits.

use evz_core::{Error, EventBatch, EventSlice, Result, TimeBase};

/// Nanoseconds of a microsecond.
const MICROSECOND: u64 = 1_000;

/// The largest coordinate.
const MAX_COORDINATE: u16 = i16::MAX as u16;

/// Refuses what does not fit, and says what would make it fit.
pub(super) struct Fit {
    name: String,
    base: TimeBase,
    /// Events before the next one.
    events: u64,
    last_t: i64,
}

impl Fit {
    pub(super) fn new(name: &str, base: TimeBase) -> Self {
        Self {
            name: name.to_owned(),
            base,
            events: 0,
            last_t: i64::MIN,
        }
    }

    /// Adds events to `batch`, with times in microseconds.
    pub(super) fn add(&mut self, events: EventSlice<'_>, batch: &mut EventBatch) -> Result<()> {
        for (i, &t) in events.t.iter().enumerate() {
            let t = self.microseconds(i, t)?;
            if t < 0 {
                let what = format!(
                    "it is at {t} us; AEDAT 4 has times from 1970 on, and tools read earlier ones as \
                     0 or not at all: write .evz or Parquet"
                );
                return Err(Error::unsupported(self.place(i), what));
            }
            if t < self.last_t {
                let what = format!(
                    "it is at {t} us, the one before at {} us; AEDAT 4 keeps events in the order of \
                     their times: pass --on-unsorted sort, or write .evz or Parquet",
                    self.last_t
                );
                return Err(Error::unsupported(self.place(i), what));
            }
            self.last_t = t;
            batch.t.push(t);
        }
        let pixels = events.x.iter().zip(events.y);
        if let Some((i, (x, y))) = pixels
            .enumerate()
            .find(|(_, (x, y))| **x.max(y) > MAX_COORDINATE)
        {
            let what = format!(
                "it is at x {x}, y {y}; AEDAT 4 keeps coordinates up to {MAX_COORDINATE}: cut them \
                 off with --roi, or write .evz or Parquet"
            );
            return Err(Error::unsupported(self.place(i), what));
        }
        batch.x.extend_from_slice(events.x);
        batch.y.extend_from_slice(events.y);
        batch.p.extend_from_slice(events.p);
        self.events += events.len() as u64;
        Ok(())
    }

    fn microseconds(&self, i: usize, t: i64) -> Result<i64> {
        if self.base.nanoseconds() == MICROSECOND {
            return Ok(t);
        }
        let nanoseconds = self.base.to_nanoseconds(t);
        let (whole, rest) = (
            nanoseconds.div_euclid(MICROSECOND.into()),
            nanoseconds.rem_euclid(MICROSECOND.into()),
        );
        match i64::try_from(whole) {
            Ok(t) if rest == 0 => Ok(t),
            _ => {
                let what = format!(
                    "it is at {nanoseconds} ns; AEDAT 4 keeps whole microseconds in 64 bits: write \
                     .evz or Parquet"
                );
                Err(Error::unsupported(self.place(i), what))
            }
        }
    }

    fn place(&self, i: usize) -> String {
        format!("{}: event {}", self.name, self.events + i as u64)
    }
}
