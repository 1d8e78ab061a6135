//! The clock of 32 bits, carried into 64.

/// How near to a wrap, on both sides, times are taken for one: 18 minutes. A step back of any other
/// kind, such as a clock that was set to 0, is kept as it is.
const NEAR: u32 = 1 << 30;

/// A clock that wraps every 2^32 microseconds, 71.6 minutes. The vendor calls the times signed; a
/// signed clock runs through the same bits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Clock {
    pub(super) last: u32,
    pub(super) wraps: i64,
}

impl Clock {
    /// The time in 64 bits.
    pub(super) fn unwrap(&mut self, t: u32) -> i64 {
        let (low, high) = (|t| t < NEAR, |t| t > u32::MAX - NEAR);
        if high(self.last) && low(t) {
            self.wraps += 1;
        } else if low(self.last) && high(t) && self.wraps > 0 {
            // An event that comes a little late.
            self.wraps -= 1;
        }
        self.last = t;
        (self.wraps << 32) + i64::from(t)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(times: &[u32]) -> Vec<i64> {
        let mut clock = Clock::default();
        times.iter().map(|&t| clock.unwrap(t)).collect()
    }

    #[test]
    fn only_a_wrap_is_carried() {
        let wrap = 1 << 32;
        assert_eq!(
            unwrapped(&[4_294_967_290, 5, 4_294_967_295, 6]),
            [wrap - 6, wrap + 5, wrap - 1, wrap + 6]
        );
        // Through the middle, where a signed clock jumps.
        assert_eq!(
            unwrapped(&[0x7fff_ffff, 0x8000_0000]),
            [0x7fff_ffff, 0x8000_0000]
        );
        // A stray time and a clock set to 0.
        assert_eq!(unwrapped(&[10, 3_000_000_000, 20]), [10, 3_000_000_000, 20]);
        // Nothing lies before the first wrap.
        assert_eq!(unwrapped(&[0, u32::MAX]), [0, i64::from(u32::MAX)]);
    }
}
