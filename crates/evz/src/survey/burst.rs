//! The most events in a short time.

use std::collections::VecDeque;

use evz_core::TimeBase;

/// Nanoseconds of the time that most events are looked for in.
pub const BURST_NANOSECONDS: u64 = 1_000_000;

/// Different times that are held within it: 16 MB of them. A clock that goes more often in it has its events
/// counted no more.
const MOST_TIMES: usize = 1 << 20;

/// The most events within a millisecond, of a recording whose times are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Events of `[start, start + 1 ms)`.
    pub events: u64,
    /// The first event of them, the earliest where there are several such.
    pub start: i64,
}

/// Looks at times as they come, in order.
#[derive(Debug)]
pub(super) struct BurstSoFar {
    /// The fewest ticks that are no less than the time looked at.
    ticks: u64,
    /// The times within so many ticks before the latest event, each with its number of events.
    times: VecDeque<(i64, u64)>,
    events: u64,
    most: Option<Burst>,
    too_many: bool,
}

impl BurstSoFar {
    pub(super) fn new(base: TimeBase) -> Self {
        Self {
            ticks: base
                .tick_at_or_after(BURST_NANOSECONDS.into())
                .unsigned_abs(),
            times: VecDeque::new(),
            events: 0,
            most: None,
            too_many: false,
        }
    }

    #[inline]
    pub(super) fn add(&mut self, t: i64) {
        match self.times.back_mut() {
            Some((time, n)) if *time == t => *n += 1,
            _ => {
                self.forget_before(t);
                self.times.push_back((t, 1));
            }
        }
        self.events += 1;
        if self.most.is_none_or(|most| self.events > most.events)
            && let Some((start, _)) = self.times.front()
        {
            self.most = Some(Burst {
                events: self.events,
                start: *start,
            });
        }
    }

    /// Leaves out what is too long ago to be within the time of an event now.
    fn forget_before(&mut self, t: i64) {
        while let Some(&(time, n)) = self.times.front()
            && t.abs_diff(time) >= self.ticks
        {
            self.events -= n;
            self.times.pop_front();
        }
        if self.times.len() == MOST_TIMES {
            (self.too_many, self.events) = (true, 0);
            self.times.clear();
        }
    }

    /// The most events; none without events, and none where the times are too many.
    pub(super) fn finish(self) -> Option<Burst> {
        self.most.filter(|_| !self.too_many)
    }
}
