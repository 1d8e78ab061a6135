//! Times without an event.

use evz_core::TimeBase;

/// What is called a gap is this long at least, in nanoseconds.
const LEAST: i128 = 10_000_000;

/// And so many times as long as it takes from one event to the next in the mean.
const TIMES_MEAN: u128 = 100;

/// Times without an event, of a recording whose times are in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gaps {
    /// The longest time from an event to the next, in ticks.
    pub longest: u64,
    /// When the first of the longest begins: the time of the event before it.
    pub longest_start: i64,
    /// How many are as long as `least_nanoseconds`, or longer.
    pub count: u64,
    /// What is called a gap: the least of 10, 20, 50, 100 ms and so on that is at least 100 times as long as
    /// it takes from one event to the next in the mean.
    pub least_nanoseconds: u128,
}

/// Looks at differences as they come.
#[derive(Debug)]
pub(super) struct GapsSoFar {
    levels: Vec<Level>,
    longest: u64,
    longest_start: i64,
}

/// A length that gaps may have at least, and how many are longer, but not as long as the next length.
#[derive(Debug)]
struct Level {
    nanoseconds: i128,
    ticks: u64,
    count: u64,
}

impl GapsSoFar {
    pub(super) fn new(base: TimeBase) -> Self {
        let decades = (0..26).map(|power| LEAST * 10i128.pow(power));
        let lengths = decades.flat_map(|ns| [ns, 2 * ns, 5 * ns]);
        let level = |nanoseconds| Level {
            nanoseconds,
            ticks: base.tick_at_or_after(nanoseconds).unsigned_abs(),
            count: 0,
        };
        Self {
            levels: lengths.map(level).collect(),
            longest: 0,
            longest_start: 0,
        }
    }

    /// The time from one event to the next.
    #[inline]
    pub(super) fn add(&mut self, start: i64, ticks: u64) {
        if ticks > self.longest {
            (self.longest, self.longest_start) = (ticks, start);
        }
        if ticks >= self.levels[0].ticks {
            let reached = self.levels.partition_point(|level| level.ticks <= ticks);
            self.levels[reached - 1].count += 1;
        }
    }

    /// What they come to in so many events of so much time.
    pub(super) fn finish(self, n_events: u64, span: u64) -> Option<Gaps> {
        let distances = u128::from(n_events.checked_sub(1)?);
        let is_gap =
            |level: &Level| u128::from(level.ticks) * distances >= TIMES_MEAN * u128::from(span);
        // Of times that fill all of 64 bits no length may be enough: then there are none.
        let last = self.levels.len() - 1;
        let (least, gaps) = match self.levels.iter().position(is_gap) {
            Some(at) => (at, &self.levels[at..]),
            None => (last, &[][..]),
        };
        (distances > 0).then_some(Gaps {
            longest: self.longest,
            longest_start: self.longest_start,
            count: gaps.iter().map(|level| level.count).sum(),
            least_nanoseconds: self.levels[least].nanoseconds.unsigned_abs(),
        })
    }
}
