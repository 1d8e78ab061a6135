//! Which kernels make a representation, and what they take.

use evz_core::{Error, Result, SensorSize, TimeBase};
use evz_render::Representation;

use crate::layout::{FRAME_ALIGN, LATEST_EXP, LATEST_LINEAR, LATEST_SECONDS};

/// What is made of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paint {
    /// Sums of signs, held at 16 bits.
    Signed,
    /// Events by polarity, held at 16 bits.
    Counts,
    /// The same by bin of time.
    Histogram { bins: u32 },
    /// The latest event of a pixel, or of a pixel and a polarity.
    Latest { by_polarity: bool, value: Value },
    /// Weights, added up where the frame's values are.
    Voxel { bins: u32 },
}

/// What becomes of the latest event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// Its sign.
    Sign,
    /// A number made of its time.
    Time { kind: u32, scale: f64 },
}

/// How a job's frames are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recipe {
    pub(crate) paint: Paint,
    pub(crate) needs_t: bool,
    pub(crate) needs_p: bool,
    /// Whether it has to be known when the first and the last event are.
    pub(crate) needs_span: bool,
    /// Values of a frame, and with what makes the next one start aligned.
    pub(crate) len: usize,
    pub(crate) stride: usize,
    /// Bytes of a value.
    pub(crate) value_bytes: usize,
}

impl Recipe {
    pub(crate) fn of(
        representation: Representation,
        size: SensorSize,
        time_base: TimeBase,
    ) -> Result<Self> {
        let bins = |bins: usize| match u32::try_from(bins) {
            Ok(bins) if bins > 0 => Ok(bins),
            _ => Err(Error::invalid(
                "there must be at least one bin, and at most 2^32 - 1",
            )),
        };
        let latest = |by_polarity, kind, scale| Paint::Latest {
            by_polarity,
            value: Value::Time { kind, scale },
        };
        let tick = time_base.nanoseconds() as f64 * 1e-9;
        let paint = match representation {
            Representation::Signed => Paint::Signed,
            Representation::Counts => Paint::Counts,
            Representation::Binary => Paint::Latest {
                by_polarity: false,
                value: Value::Sign,
            },
            Representation::ExpDecay { tau } | Representation::LinearDecay { tau }
                if tau.is_nan() || tau <= 0.0 =>
            {
                return Err(Error::invalid("a decay takes a tau of more than 0"));
            }
            Representation::ExpDecay { tau } => latest(false, LATEST_EXP, -1.0 / tau),
            Representation::LinearDecay { tau } => latest(false, LATEST_LINEAR, 1.0 / tau),
            Representation::TimeSurface => latest(true, LATEST_SECONDS, tick),
            Representation::MergedTimeSurface => latest(false, LATEST_SECONDS, tick),
            Representation::Voxel { bins: n } => Paint::Voxel { bins: bins(n)? },
            Representation::Histogram { bins: n } => Paint::Histogram { bins: bins(n)? },
        };
        let pixels = u64::from(size.width) * u64::from(size.height);
        let len = (representation.channels() as u64)
            .checked_mul(pixels)
            .filter(|n| *n <= u64::from(u32::MAX))
            .ok_or_else(|| Error::invalid("a frame holds at most 4,294,967,295 values"))?;
        Ok(Self {
            paint,
            needs_t: !matches!(
                paint,
                Paint::Signed
                    | Paint::Counts
                    | Paint::Latest {
                        value: Value::Sign,
                        ..
                    }
            ),
            needs_p: representation != Representation::MergedTimeSurface,
            needs_span: matches!(paint, Paint::Voxel { .. } | Paint::Histogram { .. }),
            len: len as usize,
            stride: len.next_multiple_of(FRAME_ALIGN).max(FRAME_ALIGN) as usize,
            value_bytes: representation.value_type().bytes(),
        })
    }

    /// Bins whose ends the clock of a frame has.
    pub(crate) fn bins(&self) -> u32 {
        match self.paint {
            Paint::Histogram { bins } => bins,
            _ => 0,
        }
    }

    /// Bytes of a frame's values.
    pub(crate) fn frame_bytes(&self) -> usize {
        self.stride * self.value_bytes
    }

    /// Bytes of the sums that a frame is made of; none where they are the values.
    pub(crate) fn sums_bytes(&self) -> usize {
        match self.paint {
            Paint::Voxel { .. } => 0,
            _ => self.stride * 4,
        }
    }
}
