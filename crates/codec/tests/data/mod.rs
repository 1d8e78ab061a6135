//! Recordings for tests, made from a seed.

use evz_core::{Event, EventBatch};

/// A small generator of numbers (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

/// Kinds of recordings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Independent pixels, times that rise a little.
    Aer,
    /// Rows at one time, as an arbiter gives them.
    Bursts,
    /// Times that now and then run backwards, or jump far.
    Unsorted,
    /// Any bits at all.
    Random,
    /// Only extremes.
    Extremes,
    /// One event over and over.
    Constant,
}

pub(crate) const KINDS: [Kind; 6] = [
    Kind::Aer,
    Kind::Bursts,
    Kind::Unsorted,
    Kind::Random,
    Kind::Extremes,
    Kind::Constant,
];

impl Kind {
    /// `n` events, their times multiples of `step` from the first (modulo 2^64).
    pub(crate) fn events(self, n: usize, step: i64, seed: u64) -> EventBatch {
        let mut random = Random(seed);
        let mut k = 1_700_000_000_000_000i64;
        let mut row = 0;
        (0..n)
            .map(|_| {
                let r = random.next();
                let (x, y) = (r as u16, (r >> 16) as u16);
                let (mut x, mut y, p) = (x % 1280, y % 720, (r >> 32) as u8 & 1);
                match self {
                    Self::Aer => k += (r >> 40) as i64 % 5,
                    Self::Bursts => {
                        if r >> 60 == 0 {
                            k += 1 + (r >> 40) as i64 % 100;
                            row = y;
                        }
                        y = row ^ ((r >> 50) & 1) as u16;
                    }
                    Self::Unsorted => match r >> 56 {
                        0 => k -= 1 + (r >> 40) as i64 % 1_000,
                        1 => k += 1 << ((r >> 40) % 50),
                        _ => k += (r >> 40) as i64 % 5,
                    },
                    Self::Random => {
                        k = random.next() as i64;
                        (x, y) = (r as u16, (r >> 16) as u16);
                    }
                    Self::Extremes => {
                        k = [i64::MIN, i64::MAX, 0, -1][random.below(4) as usize];
                        x = [0, u16::MAX, 0x8000, 0x7fff][random.below(4) as usize];
                        y = [0, u16::MAX, 0x8000, 0x7fff][random.below(4) as usize];
                    }
                    Self::Constant => (x, y) = (640, 360),
                }
                Event {
                    t: k.wrapping_mul(step),
                    x,
                    y,
                    p,
                }
            })
            .collect()
    }
}
