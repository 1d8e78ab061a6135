//! Linear decays by several time constants.

use std::time::Duration;

use evz_core::TimeBase;

use super::Block;
use crate::marks::Marks;
use crate::representation::time_constant;

/// The shortest time constant.
const SHORTEST: Duration = Duration::from_millis(1);

/// Time constants in ticks.
pub(super) struct Taus {
    n: usize,
    shortest: f64,
    longest: f64,
}

impl Taus {
    pub(super) fn new(n: usize, longest: Duration, base: TimeBase) -> Self {
        Self {
            n,
            shortest: time_constant(SHORTEST, base),
            longest: time_constant(longest, base),
        }
    }

    /// One of them: each is as many times the one before it.
    fn at(&self, k: usize) -> f64 {
        let share = match self.n {
            1 => 1.0,
            n => k as f64 / (n - 1) as f64,
        };
        self.shortest * (self.longest / self.shortest).powf(share)
    }

    /// Puts what is left of the latest event at `end`, a plane for each time constant.
    #[inline(always)]
    pub(super) fn paint(
        &self,
        frame: &mut [f32],
        block: Block<'_>,
        plane: usize,
        end: i64,
        marks: &mut Marks,
    ) {
        for k in 0..self.n {
            let tau = self.at(k);
            marks.note(block.pixels);
            for (at, t) in block.pixels.iter_mut().zip(block.t) {
                let age = end.abs_diff(*t) as f64;
                frame[*at as usize] = (1.0 - age / tau).max(0.0) as f32;
                *at += plane as u32;
            }
        }
    }
}
