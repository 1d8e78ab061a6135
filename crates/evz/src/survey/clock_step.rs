//! The step that a clock goes in, which may be coarser than the tick that its times are written in.

use evz_core::gcd;

/// Differences that a step is looked for in, where not all are multiples of one.
const FIRST: usize = 4096;

/// Differences of which one common divisor is taken, to be a step that may be meant.
const GROUP: usize = 8;

/// A step with exceptions is one that is kept by all but one of so many differences.
const KEPT_BY: u64 = 1_000;

/// The step of a clock: what the differences from each event to the next are multiples of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockStep {
    /// The step, in ticks; 1 where it is the tick itself.
    pub ticks: u64,
    /// How many differences there are, but for those of 0.
    pub differences: u64,
    /// How many of them are no multiples of the step: none, or one in a thousand at most.
    pub others: u64,
}

/// Looks at differences as they come.
#[derive(Debug, Default)]
pub(super) struct Differences {
    n: u64,
    /// The greatest common divisor of all.
    of_all: u64,
    first: Vec<u64>,
    /// A step that nearly all of the first are multiples of, and how many of all are not.
    nearly: u64,
    others: u64,
}

impl Differences {
    /// One more, which is not 0.
    #[inline]
    pub(super) fn add(&mut self, difference: u64) {
        self.n += 1;
        if self.of_all != 1 && (self.of_all == 0 || !difference.is_multiple_of(self.of_all)) {
            self.of_all = gcd(self.of_all, difference);
        }
        if self.first.len() < FIRST {
            self.first.push(difference);
            if self.first.len() == FIRST {
                self.choose();
            }
        } else if self.nearly > 1 && !difference.is_multiple_of(self.nearly) {
            self.others += 1;
        }
    }

    /// Chooses the largest step that is kept by nearly all of the first.
    fn choose(&mut self) {
        let groups = self.first.chunks(GROUP);
        let mut steps: Vec<u64> = groups
            .map(|group| group.iter().copied().fold(0, gcd))
            .collect();
        steps.sort_unstable();
        steps.dedup();
        let others = |step: u64| {
            self.first
                .iter()
                .filter(|d| !d.is_multiple_of(step))
                .count()
        };
        let n = self.first.len() as u64;
        let found = steps.into_iter().rev().find_map(|step| {
            let others = others(step) as u64;
            (others <= n / KEPT_BY).then_some((step, others))
        });
        (self.nearly, self.others) = found.unwrap_or((1, 0));
    }

    /// The step; none without differences.
    pub(super) fn step(mut self) -> Option<ClockStep> {
        if self.first.len() < FIRST {
            self.choose();
        }
        let is_kept = self.others <= self.n / KEPT_BY && self.nearly > self.of_all;
        let (ticks, others) = match is_kept {
            true => (self.nearly, self.others),
            false => (self.of_all, 0),
        };
        (self.n > 0).then_some(ClockStep {
            ticks,
            differences: self.n,
            others,
        })
    }
}
