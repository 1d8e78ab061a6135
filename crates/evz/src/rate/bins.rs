//! Counts of events in bins, as they come.

use std::collections::VecDeque;

use evz_core::TimeBase;

use super::width::{bin_of, default_width, fewest, whole_unit};
use super::{MAX_RATE_BINS, RateBin};

/// Bins that are held until the width can be chosen. They widen tenfold, so that there are a tenth of
/// these at least: enough for each round width that makes about a hundred to be a multiple of theirs.
const FINE_BINS: usize = 60_000;

/// Events that lie in one bin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) t_min: i64,
    pub(super) t_max: i64,
    pub(super) on: u32,
    pub(super) off: u32,
}

/// Bins that grow to both sides, as far as events lie.
#[derive(Debug)]
pub(super) struct Bins {
    origin: i64,
    width: u64,
    /// Whether the width is what was asked for, and no part of what is still to be chosen.
    told: bool,
    /// Number of the first bin.
    first: i128,
    bins: VecDeque<RateBin>,
    /// The earliest and the latest time.
    times: Option<(i64, i64)>,
    /// Whether there were too many bins, and nothing but times is kept.
    too_many: bool,
}

/// Bins of all events, with what [`Rate`](super::Rate) says of them.
#[derive(Debug, PartialEq)]
pub(super) struct Binned {
    pub(super) start: i128,
    pub(super) width: u64,
    pub(super) lead: u64,
    pub(super) span: u64,
    pub(super) bins: Vec<RateBin>,
}

/// More bins than are counted.
#[derive(Debug)]
pub(super) struct TooMany {
    pub(super) bins: i128,
    pub(super) width: u64,
    origin: i64,
    times: (i64, i64),
}

impl TooMany {
    /// The least round width that makes no more bins than are counted.
    pub(super) fn accepted(&self, base: TimeBase) -> u64 {
        let (unit, _) = whole_unit(base);
        let (t_min, t_max) = self.times;
        fewest(self.origin, t_min, t_max, unit, MAX_RATE_BINS)
    }
}

impl Bins {
    /// No events yet; without a width one is chosen when all are there.
    pub(super) fn new(origin: i64, width: Option<u64>) -> Self {
        Self {
            origin,
            width: width.unwrap_or(1),
            told: width.is_some(),
            first: 0,
            bins: VecDeque::new(),
            times: None,
            too_many: false,
        }
    }

    /// Whether these times lie in one bin, and will whatever comes.
    pub(super) fn in_one(&self, t_min: i64, t_max: i64) -> bool {
        let bin = |t| bin_of(t, self.origin, self.width);
        bin(t_min) == bin(t_max)
    }

    /// The same events as runs that lie in one bin each, for [`Bins::add`]: there are no more than
    /// events, however wide the time.
    pub(super) fn runs(&self, t: &[i64], p: &[u8]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        // The times of the bin of the last run, both included: most events need no division.
        let mut bin = (i64::MAX, i64::MIN);
        for (&t, &p) in t.iter().zip(p) {
            let (on, off) = (u32::from(p != 0), u32::from(p == 0));
            match runs.last_mut() {
                Some(run) if bin.0 <= t && t <= bin.1 && run.on.max(run.off) < u32::MAX => {
                    run.t_min = run.t_min.min(t);
                    run.t_max = run.t_max.max(t);
                    run.on += on;
                    run.off += off;
                }
                _ => {
                    let width = i128::from(self.width);
                    let start =
                        i128::from(self.origin) + bin_of(t, self.origin, self.width) * width;
                    let held = |t: i128| t.clamp(i64::MIN.into(), i64::MAX.into()) as i64;
                    bin = (held(start), held(start + width - 1));
                    let (t_min, t_max) = (t, t);
                    runs.push(Run {
                        t_min,
                        t_max,
                        on,
                        off,
                    });
                }
            }
        }
        runs
    }

    pub(super) fn add_events(&mut self, t: &[i64], p: &[u8]) {
        for run in self.runs(t, p) {
            self.add(run);
        }
    }

    /// Counts events that lie in one bin, of this width or of one that it was before.
    pub(super) fn add(&mut self, run: Run) {
        let (t_min, t_max) = self.times.unwrap_or((run.t_min, run.t_max));
        self.times = Some((t_min.min(run.t_min), t_max.max(run.t_max)));
        if self.too_many || !self.make_room(run.t_min) {
            return;
        }
        let at = bin_of(run.t_min, self.origin, self.width) - self.first;
        let bin = &mut self.bins[at as usize];
        bin.on += u64::from(run.on);
        bin.off += u64::from(run.off);
    }

    /// Sees that there is the bin of this time; false if there are too many.
    fn make_room(&mut self, t: i64) -> bool {
        loop {
            let bin = bin_of(t, self.origin, self.width);
            if self.bins.is_empty() {
                self.first = bin;
            }
            let end = (self.first + self.bins.len() as i128).max(bin + 1);
            let first = self.first.min(bin);
            let most = if self.told { MAX_RATE_BINS } else { FINE_BINS };
            if end - first <= most as i128 {
                for _ in first..self.first {
                    self.bins.push_front(RateBin::default());
                }
                self.first = first;
                self.bins.resize((end - first) as usize, RateBin::default());
                return true;
            }
            if self.told {
                self.too_many = true;
                self.bins = VecDeque::new();
                return false;
            }
            self.widen(10);
        }
    }

    /// Makes one bin of so many.
    fn widen(&mut self, factor: u64) {
        let before = self.first;
        self.width *= factor;
        self.first = before.div_euclid(factor.into());
        let mut wider = VecDeque::new();
        for (number, bin) in (before..).zip(&self.bins) {
            let at = (number.div_euclid(factor.into()) - self.first) as usize;
            if at == wider.len() {
                wider.push_back(RateBin::default());
            }
            wider[at].on += bin.on;
            wider[at].off += bin.off;
        }
        self.bins = wider;
    }

    /// The bins, and where they are.
    pub(super) fn finish(mut self) -> Result<Binned, TooMany> {
        let Some((t_min, t_max)) = self.times else {
            let width = if self.told { self.width } else { 0 };
            return Ok(Binned {
                start: self.origin.into(),
                width,
                lead: 0,
                span: 0,
                bins: Vec::new(),
            });
        };
        if self.too_many {
            let bin = |t| bin_of(t, self.origin, self.width);
            return Err(TooMany {
                bins: bin(t_max) - bin(t_min) + 1,
                width: self.width,
                origin: self.origin,
                times: (t_min, t_max),
            });
        }
        if !self.told {
            let width = default_width(self.origin, t_min, t_max);
            self.widen(width / self.width);
        }
        let start = i128::from(self.origin) + self.first * i128::from(self.width);
        Ok(Binned {
            start,
            width: self.width,
            // Less than a bin.
            lead: (i128::from(t_min) - start) as u64,
            span: t_max.abs_diff(t_min),
            bins: self.bins.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The starts of bins with events, by one event after the other.
    fn naive(t: &[i64], p: &[u8], start: i128, width: u64, n: usize) -> Vec<RateBin> {
        let mut bins = vec![RateBin::default(); n];
        for (t, p) in t.iter().zip(p) {
            let bin = &mut bins[((i128::from(*t) - start) / i128::from(width)) as usize];
            *(if *p == 1 { &mut bin.on } else { &mut bin.off }) += 1;
        }
        bins
    }

    #[test]
    fn a_width_that_nobody_says_counts_as_one_that_is_told() {
        let far: Vec<i64> = vec![5, 4, 1 << 40, -(1 << 41), 7, 1 << 40, 0, 3_000_000_007];
        let near: Vec<i64> = (0..5_000).map(|i| i * 7_919 % 200_003 - 3_000).collect();
        for t in [far, near, vec![3], vec![i64::MIN, i64::MAX, 0]] {
            let p: Vec<u8> = (0..t.len()).map(|i| (i % 3 % 2) as u8).collect();
            let mut bins = Bins::new(t[0], None);
            t.chunks(3)
                .zip(p.chunks(3))
                .for_each(|(t, p)| bins.add_events(t, p));
            let chosen = bins.finish().unwrap();
            let n = chosen.bins.len();
            assert!(n <= 150 && (n > 50 || t.len() == 1));
            assert_eq!(chosen.bins, naive(&t, &p, chosen.start, chosen.width, n));
            let earliest = chosen.start + i128::from(chosen.lead);
            assert_eq!(Some(earliest), t.iter().min().map(|t| i128::from(*t)));
            let mut told = Bins::new(t[0], Some(chosen.width));
            told.add_events(&t, &p);
            assert_eq!(told.finish().unwrap(), chosen);
        }
    }

    #[test]
    fn too_many_bins_name_a_width_that_is_accepted() {
        let t = [10, 5_000_000_000, -7, i64::from(u32::MAX) * 100];
        let mut bins = Bins::new(10, Some(2));
        bins.add_events(&t, &[1; 4]);
        let many = bins.finish().unwrap_err();
        assert_eq!(many.bins, (t[3] as i128 + 8) / 2 + 1);
        let width = many.accepted(TimeBase::MICROSECONDS);
        assert_eq!(width, 5_000);
        let mut bins = Bins::new(10, Some(width));
        bins.add_events(&t, &[1; 4]);
        let all = bins.finish().unwrap();
        assert_eq!(all.span, t[3].abs_diff(-7));
        assert_eq!(all.bins.iter().map(|bin| bin.sum()).sum::<u64>(), 4);
    }
}
