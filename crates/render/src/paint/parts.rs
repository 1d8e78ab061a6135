//! The bins of a histogram: equal parts of the time.

use super::Clock;
use crate::time_span::TimeSpan;

/// Parts of a time.
#[derive(Clone, Copy)]
pub(super) struct Parts {
    start: i64,
    length: u128,
    bins: usize,
}

impl Parts {
    pub(super) fn new(bins: usize, span: TimeSpan, clock: &Clock) -> Self {
        let (start, length) = clock.span(span);
        Self {
            start,
            length: length.into(),
            bins,
        }
    }

    /// Moves events on to the bin of their time, which are so many values apart.
    #[inline(always)]
    pub(super) fn advance(self, pixels: &mut [u32], t: &[i64], plane: usize) {
        let mut first = 0;
        // Events of a bin stand together where times are in order, so one division does for many.
        while first < pixels.len() {
            let bin = self.bin_of(t[first]);
            let (begin, end) = (self.begin(bin), self.begin(bin + 1));
            let run = t[first..]
                .iter()
                .position(|t| !(begin..end).contains(&self.since_start(*t)))
                .unwrap_or(t.len() - first);
            for at in &mut pixels[first..first + run] {
                *at += (bin * plane) as u32;
            }
            first += run;
        }
    }

    #[inline(always)]
    fn since_start(self, t: i64) -> u128 {
        t.abs_diff(self.start).into()
    }

    #[inline(always)]
    fn bin_of(self, t: i64) -> usize {
        let bin = self.since_start(t) * self.bins as u128 / self.length;
        (bin as usize).min(self.bins - 1)
    }

    /// The first time after the start that lies in the bin or behind it.
    #[inline(always)]
    fn begin(self, bin: usize) -> u128 {
        match bin {
            bin if bin >= self.bins => u128::MAX,
            bin => (bin as u128 * self.length).div_ceil(self.bins as u128),
        }
    }
}
