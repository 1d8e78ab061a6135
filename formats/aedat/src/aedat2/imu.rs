//! IMU samples, each of seven words.

use crate::side::Imu;

/// Words of a sample, numbered: acceleration along x, y, z, temperature, rotation about x, y, z.
const WORDS: usize = 7;

/// Where each of the words goes in a sample.
const PLACES: [usize; WORDS] = [1, 2, 3, 0, 4, 5, 6];

/// Puts samples together of words that come in order.
pub(super) struct Assembler {
    sample: Imu,
    next: usize,
    /// Whole samples.
    pub(super) samples: u64,
    /// Words that belong to no whole sample.
    lost: u64,
}

impl Default for Assembler {
    fn default() -> Self {
        Self {
            sample: Imu {
                t: 0,
                values: [f32::NAN; 10],
            },
            next: 0,
            samples: 0,
            lost: 0,
        }
    }
}

impl Assembler {
    /// Adds a word; gives the sample that it completes. Values are counts of the sensor, for the
    /// file does not say what a count is worth.
    pub(super) fn add(&mut self, t: i64, code: u8, value: i16) -> Option<Imu> {
        let code = usize::from(code);
        if code != self.next {
            self.lost += self.next as u64;
            self.next = 0;
        }
        if code != self.next {
            self.lost += 1;
            return None;
        }
        if code == 0 {
            self.sample.t = t;
        }
        self.sample.values[PLACES[code]] = value.into();
        self.next += 1;
        if self.next < WORDS {
            return None;
        }
        self.next = 0;
        self.samples += 1;
        Some(Imu { ..self.sample })
    }

    /// Words that belong to no whole sample, when there are no more.
    pub(super) fn end(&mut self) -> u64 {
        std::mem::take(&mut self.lost) + std::mem::take(&mut self.next) as u64
    }
}
