//! What AEDAT 4 can hold: whole microseconds in order, and coordinates of 15 bits.

use evz_core::{
    ClockKind, Error, EventBatch, EventSlice, Place, Question, Result, StreamInfo, TimeBase,
};

/// The largest coordinate.
pub(crate) const MAX_COORDINATE: u16 = i16::MAX as u16;

/// What every event can be written to.
const OTHERS: &str = "write .evz or Parquet";

/// Refuses what does not fit, and says what would make it fit.
pub(super) struct Fit {
    name: String,
    times: Times,
    /// Events before the next one.
    events: u64,
    last_t: i64,
}

impl Fit {
    pub(super) fn new(name: &str, times: Times) -> Self {
        Self {
            name: name.to_owned(),
            times,
            events: 0,
            last_t: i64::MIN,
        }
    }

    /// Adds events to `batch`, with times in microseconds.
    pub(super) fn add(&mut self, events: EventSlice<'_>, batch: &mut EventBatch) -> Result<()> {
        for (i, &t) in events.t.iter().enumerate() {
            let t = (self.times).microseconds(t).map_err(|what| {
                let error = Error::unsupported(self.place(i), what);
                match self.times.are_finer() {
                    true => error.settled_by(Question::Round, ["us"]).advise(OTHERS),
                    false => error.advise(OTHERS),
                }
            })?;
            if t < self.last_t {
                let what = format!(
                    "it is at {t} us, the one before at {} us; AEDAT 4 keeps events in the order of \
                     their times",
                    self.last_t
                );
                let error = Error::unsupported(self.place(i), what);
                return Err(error
                    .settled_by(Question::OnUnsorted, ["sort"])
                    .advise(OTHERS));
            }
            self.last_t = t;
            batch.t.push(t);
        }
        let pixels = events.x.iter().zip(events.y);
        if let Some((i, (x, y))) = pixels
            .enumerate()
            .find(|(_, (x, y))| **x.max(y) > MAX_COORDINATE)
        {
            let what =
                format!("it is at x {x}, y {y}; AEDAT 4 keeps coordinates up to {MAX_COORDINATE}");
            let error = Error::unsupported(self.place(i), what);
            return Err(error.settled_by(Question::Roi, [""; 0]).advise(OTHERS));
        }
        batch.x.extend_from_slice(events.x);
        batch.y.extend_from_slice(events.y);
        batch.p.extend_from_slice(events.p);
        self.events += events.len() as u64;
        Ok(())
    }

    fn place(&self, i: usize) -> Place {
        Place::file(&self.name).with_event(self.events + i as u64)
    }
}

/// From the times of a recording to those of AEDAT 4, which are microseconds since 1970.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    base: TimeBase,
    /// What tick 0 is since 1970; 0 where the recording does not say so.
    epoch: i64,
}

impl Times {
    pub(super) fn of(info: &StreamInfo) -> Self {
        let epoch = match info.clock.kind {
            ClockKind::Unix => info.clock.epoch,
            _ => 0,
        };
        Self {
            base: info.time_base,
            epoch,
        }
    }

    /// Whether a tick is no whole number of microseconds.
    fn are_finer(self) -> bool {
        self.base.ratio_to(TimeBase::MICROSECONDS).1 != 1
    }

    /// A time in microseconds, or why AEDAT 4 has none for it.
    pub(super) fn microseconds(self, t: i64) -> Result<i64, String> {
        let absolute = t.checked_add(self.epoch);
        let us = absolute.and_then(|t| self.base.convert(t, TimeBase::MICROSECONDS));
        match us {
            Some(us) if us >= 0 => Ok(us),
            Some(us) => Err(format!(
                "it is at {us} us; AEDAT 4 has times from 1970 on, and tools read earlier ones as 0 \
                 or not at all"
            )),
            None => Err(format!(
                "it is at {}{}; AEDAT 4 keeps whole microseconds in 64 bits",
                self.base.time_in_words(t),
                match self.epoch {
                    0 => String::new(),
                    epoch => format!(" after tick {epoch}"),
                }
            )),
        }
    }
}
