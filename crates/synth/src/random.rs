//! Random numbers that are the same on every platform.

use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};

/// The generators of a recording: one for the scene and one for each slice, so that a slice needs
/// nothing of the slices before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seeds {
    key: u64,
}

impl Seeds {
    pub(crate) fn new(seed: u64) -> Self {
        // Mixed first: seeds 1 and 2 must not share slices a place apart.
        Self {
            key: SplitMix64::seed_from_u64(seed).next_u64(),
        }
    }

    pub(crate) fn scene(self) -> Random {
        // No recording has as many slices as would reach this one.
        self.slice(u64::MAX)
    }

    pub(crate) fn slice(self, index: u64) -> Random {
        Random(Xoshiro256PlusPlus::seed_from_u64(
            self.key.wrapping_add(index),
        ))
    }
}

/// A generator whose values are fixed by its algorithm and never by a library's taste.
pub(crate) struct Random(Xoshiro256PlusPlus);

impl Random {
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Uniform in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A pixel of a sensor `width` by `height`, all alike.
    #[inline]
    pub(crate) fn pixel(&mut self, width: u32, height: u32) -> (u16, u16) {
        let bits = self.bits();
        let scale = |half: u64, n: u32| ((half * u64::from(n)) >> 32) as u16;
        (scale(bits & 0xffff_ffff, width), scale(bits >> 32, height))
    }
}
