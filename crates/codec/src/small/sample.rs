//! Runs of events from all over a chunk, on which choices are made.

use evz_core::EventSlice;

/// Runs of a sample.
const RUNS: usize = 16;
/// Events of a run: a share of a short chunk, as the choice is to cost no more of it than of a long one.
const RUN: usize = 512;
const SHORT_RUN: usize = 32;
const SHARE: usize = 8;

/// The events of a sample. The first of a run has no event before it, so it does not count.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) t: Vec<u8>,
    pub(super) x: Vec<u16>,
    pub(super) y: Vec<u16>,
    /// Events of the chunk for each event of the sample that counts.
    pub(super) scale: f32,
    run: usize,
}

impl Sample {
    /// Takes runs from events and their symbols of time.
    pub(super) fn new(events: EventSlice<'_>, t: &[u8]) -> Self {
        let n = events.len();
        let run = (n / (SHARE * RUNS)).clamp(SHORT_RUN, RUN);
        let mut sample = Self {
            run,
            ..Self::default()
        };
        if n <= run * RUNS {
            sample.run = n.max(1);
            sample.t.extend_from_slice(t);
            sample.x.extend_from_slice(events.x);
            sample.y.extend_from_slice(events.y);
        } else {
            for number in 0..RUNS {
                let at = number * (n - run) / (RUNS - 1);
                sample.t.extend_from_slice(&t[at..at + run]);
                sample.x.extend_from_slice(&events.x[at..at + run]);
                sample.y.extend_from_slice(&events.y[at..at + run]);
            }
        }
        let counted = sample.t.len() - sample.t.len().div_ceil(sample.run);
        sample.scale = n as f32 / counted.max(1) as f32;
        sample
    }

    /// Calls `visit` with the numbers of each event and the one before.
    #[inline(always)]
    pub(super) fn pairs(&self, mut visit: impl FnMut(usize, usize)) {
        for start in (0..self.t.len()).step_by(self.run) {
            for i in start + 1..self.t.len().min(start + self.run) {
                visit(i - 1, i);
            }
        }
    }
}
