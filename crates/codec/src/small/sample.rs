//! Runs of events from all over a chunk, on which choices are made.

use evz_core::EventSlice;

/// Events of a run.
const RUN: usize = 512;
/// Runs of a sample.
const RUNS: usize = 16;

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
        let mut sample = Self {
            run: RUN,
            ..Self::default()
        };
        if n <= RUN * RUNS {
            sample.run = n.max(1);
            sample.t.extend_from_slice(t);
            sample.x.extend_from_slice(events.x);
            sample.y.extend_from_slice(events.y);
        } else {
            for number in 0..RUNS {
                let at = number * (n - RUN) / (RUNS - 1);
                sample.t.extend_from_slice(&t[at..at + RUN]);
                sample.x.extend_from_slice(&events.x[at..at + RUN]);
                sample.y.extend_from_slice(&events.y[at..at + RUN]);
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
