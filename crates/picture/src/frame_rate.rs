//! Pictures a second.

use std::fmt;

use evz_core::{Error, Result, gcd};

/// How many pictures a movie shows in how many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    frames: u32,
    seconds: u32,
}

/// The rate of a movie that says nothing else.
pub const DEFAULT_FRAME_RATE: FrameRate = FrameRate {
    frames: 30,
    seconds: 1,
};

impl Default for FrameRate {
    fn default() -> Self {
        DEFAULT_FRAME_RATE
    }
}

impl FrameRate {
    /// So many pictures in so many seconds: 30000 in 1001.
    ///
    /// # Errors
    /// If there are more than 1000 in a second, or less than one in 100 seconds, or numbers beyond
    /// 4,294,967,295 are needed to say how many.
    pub fn new(frames: u64, seconds: u64) -> Result<Self> {
        let divisor = gcd(frames, seconds).max(1);
        let reduced = (
            u32::try_from(frames / divisor),
            u32::try_from(seconds / divisor),
        );
        let in_range =
            frames.saturating_mul(100) >= seconds && frames <= seconds.saturating_mul(1000);
        match reduced {
            (Ok(frames), Ok(seconds)) if frames > 0 && seconds > 0 && in_range => {
                Ok(Self { frames, seconds })
            }
            _ => Err(Error::invalid(format!(
                "a movie cannot show {frames} frames in {seconds} seconds; ask for 0.01 to 1000 a second"
            ))),
        }
    }

    /// Pictures in [`FrameRate::seconds`] seconds.
    pub fn frames(self) -> u32 {
        self.frames
    }

    /// Seconds that [`FrameRate::frames`] take.
    pub fn seconds(self) -> u32 {
        self.seconds
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seconds {
            1 => write!(f, "{}", self.frames),
            seconds => write!(f, "{}/{seconds}", self.frames),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_reduced_and_bounded() {
        let shown = |frames, seconds| FrameRate::new(frames, seconds).map(|r| r.to_string());
        assert_eq!(shown(30, 1).unwrap(), "30");
        assert_eq!(shown(1_000_000_000, 40_000_000).unwrap(), "25");
        assert_eq!(shown(30_000, 1_001).unwrap(), "30000/1001");
        assert_eq!(shown(1, 100).unwrap(), "1/100");
        for (frames, seconds) in [
            (0, 1),
            (1, 0),
            (0, 0),
            (1001, 1),
            (1, 101),
            (1 << 40, (1 << 40) - 1),
        ] {
            let error = shown(frames, seconds).unwrap_err().to_string();
            assert!(error.ends_with("ask for 0.01 to 1000 a second"), "{error}");
        }
    }
}
