//! When a file that grows gets an index, so that it can be read up to there.

use std::time::{Duration, Instant};

/// Bytes of events for one of a checkpoint, at least: so checkpoints take a sixteenth of a file at
/// most.
const BYTES_A_BYTE: u64 = 16;

/// The checkpoints of a file.
pub(super) struct Checkpoints {
    every: Duration,
    last: Instant,
    /// The end of the last one, and its length.
    end: u64,
    len: u64,
}

impl Checkpoints {
    /// One every so often.
    pub(super) fn new(every: Duration) -> Self {
        Self {
            every,
            last: Instant::now(),
            end: 0,
            len: 0,
        }
    }

    /// Whether it is time for one in a file of so many bytes.
    pub(super) fn are_due(&self, bytes: u64) -> bool {
        bytes.saturating_sub(self.end) >= BYTES_A_BYTE * self.len
            && self.last.elapsed() >= self.every
    }

    /// One was made from here to there.
    pub(super) fn made(&mut self, from: u64, to: u64) {
        self.last = Instant::now();
        (self.end, self.len) = (to, to - from);
    }
}
