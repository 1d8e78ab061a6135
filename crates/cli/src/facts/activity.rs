//! How many events fall into each part of a time whose end is not known beforehand.

/// Bins kept: enough for the few that are drawn, whatever part of them is filled.
const BINS: usize = 4096;

/// A histogram over time whose bins double in width as the time grows.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Where the first bin begins.
    start: i128,
    /// Ticks a bin; 0 before the first event.
    width: i128,
    bins: Vec<u64>,
}

impl Activity {
    /// Counts these times.
    pub(super) fn add(&mut self, times: &[i64]) {
        for &t in times {
            let t = i128::from(t);
            if self.width == 0 {
                (self.start, self.width, self.bins) = (t, 1, vec![0; BINS]);
            }
            while t < self.start {
                self.grow_down();
            }
            while t - self.start >= self.width * BINS as i128 {
                self.grow_up();
            }
            self.bins[((t - self.start) / self.width) as usize] += 1;
        }
    }

    /// Doubles the width; what is there moves to the first half.
    fn grow_up(&mut self) {
        for i in 0..BINS {
            self.bins[i] = match 2 * i < BINS {
                true => self.bins[2 * i] + self.bins[2 * i + 1],
                false => 0,
            };
        }
        self.width *= 2;
    }

    /// Doubles the width; what is there moves to the second half.
    fn grow_down(&mut self) {
        for i in (0..BINS).rev() {
            self.bins[i] = match 2 * i >= BINS {
                true => self.bins[2 * i - BINS] + self.bins[2 * i + 1 - BINS],
                false => 0,
            };
        }
        self.start -= self.width * BINS as i128;
        self.width *= 2;
    }

    /// The counts in `n` equal parts of the time from `t_min` to `t_max`, both included; within a
    /// bin events count as evenly spread.
    pub(super) fn spread(&self, t_min: i64, t_max: i64, n: usize) -> Vec<f64> {
        let mut parts = vec![0.0; n];
        let first = i128::from(t_min);
        let step = (i128::from(t_max) - first + 1) as f64 / n as f64;
        for (i, &count) in self
            .bins
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let from = (self.start + i as i128 * self.width).max(first);
            let to = (self.start + (i as i128 + 1) * self.width).min(i128::from(t_max) + 1);
            let (from, to) = ((from - first) as f64 / step, (to - first) as f64 / step);
            let touched = (from as usize).min(n - 1)..(to as usize).min(n - 1) + 1;
            for (part, sum) in touched.clone().zip(&mut parts[touched]) {
                let covered = to.min((part + 1) as f64) - from.max(part as f64);
                *sum += count as f64 * (covered / (to - from)).clamp(0.0, 1.0);
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_event_is_lost_whichever_way_time_grows() {
        let mut activity = Activity::default();
        activity.add(&[0, 1, 5_000, 1_000_000, -3_000_000, i64::MAX, i64::MIN, 7]);
        assert_eq!(activity.bins.iter().sum::<u64>(), 8);
        let total: f64 = activity.spread(i64::MIN, i64::MAX, 64).iter().sum();
        assert!((total - 8.0).abs() < 1e-6);
    }

    #[test]
    fn events_land_in_their_part() {
        let mut activity = Activity::default();
        activity.add(&[0, 1, 2, 9]);
        assert_eq!(
            activity.spread(0, 9, 10),
            [1., 1., 1., 0., 0., 0., 0., 0., 0., 1.]
        );
    }
}
