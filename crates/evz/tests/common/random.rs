//! Pseudo-random numbers.

/// Pseudo-random numbers.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `n`, or 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % n.max(1)
    }
}
