//! Which kernels make a representation, and what they take.

use std::time::Duration;

use evz_core::{Error, Result};
use evz_render::{BinPlaces, Decay, FrameSpec, Representation, TimeSpan};

use crate::layout::{FRAME_ALIGN, LATEST_EXP, LATEST_LINEAR, LATEST_SECONDS};

/// Looks whether a GPU paints such frames.
///
/// # Errors
/// If it does not, or such a frame is too large.
pub fn paints(spec: FrameSpec) -> Result<()> {
    Recipe::of(spec).map(drop)
}

/// What is made of events.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Paint {
    /// Sums of signs, held at 16 bits.
    Signed,
    /// Events, by polarity or of both together, held at 16 bits.
    Counts { by_polarity: bool },
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
    pub(crate) fn of(spec: FrameSpec) -> Result<Self> {
        let FrameSpec {
            representation,
            size,
            time_base,
            reversed,
        } = spec;
        let facts = representation.facts();
        if reversed {
            let what = "frames of reversed time are painted by the CPU alone";
            return Err(Error::unsupported("the GPU", what).advise("take the device cpu"));
        }
        let len = representation.frame_len(size)?;
        let bins = |bins: usize| {
            let most = "there can be at most 4,294,967,295 bins";
            u32::try_from(bins).map_err(|_| Error::invalid(most))
        };
        let latest = |by_polarity, kind, scale| Paint::Latest {
            by_polarity,
            value: Value::Time { kind, scale },
        };
        let tick = time_base.approximate_nanoseconds() * 1e-9;
        let ticks = |tau: Duration| tau.as_nanos() as f64 / time_base.approximate_nanoseconds();
        let paint = match representation {
            Representation::Signed => Paint::Signed,
            Representation::Counts => Paint::Counts { by_polarity: true },
            Representation::Total => Paint::Counts { by_polarity: false },
            Representation::Binary => Paint::Latest {
                by_polarity: false,
                value: Value::Sign,
            },
            Representation::ExpDecay(Decay {
                tau,
                by_polarity: false,
                span: TimeSpan::Window,
            }) => latest(false, LATEST_EXP, -1.0 / ticks(tau)),
            Representation::LinearDecay(Decay {
                tau,
                by_polarity: false,
                span: TimeSpan::Window,
            }) => latest(false, LATEST_LINEAR, 1.0 / ticks(tau)),
            Representation::TimeSurface => latest(true, LATEST_SECONDS, tick),
            Representation::MergedTimeSurface => latest(false, LATEST_SECONDS, tick),
            Representation::Voxel {
                bins: n,
                places: BinPlaces::Ends,
                span: TimeSpan::Events,
                by_polarity: false,
            } => Paint::Voxel { bins: bins(n)? },
            Representation::Histogram {
                bins: n,
                span: TimeSpan::Events,
            } => Paint::Histogram { bins: bins(n)? },
            _ => {
                let what = format!(
                    "{} of these options is painted by the CPU alone",
                    facts.name
                );
                return Err(Error::unsupported("the GPU", what).advise("take the device cpu"));
            }
        };
        Ok(Self {
            paint,
            needs_t: facts.columns.t,
            needs_p: facts.columns.p,
            needs_span: facts.needs_span,
            len,
            stride: len.next_multiple_of(FRAME_ALIGN).max(FRAME_ALIGN),
            value_bytes: facts.value_type.bytes(),
        })
    }

    /// Bins whose ends the clock of a frame has.
    pub(crate) fn bins(&self) -> u32 {
        match self.paint {
            Paint::Histogram { bins } => bins,
            _ => 0,
        }
    }

    /// Starts of the bins that a frame by bands has, with the end of the last.
    pub(crate) fn starts(&self) -> u64 {
        match self.paint {
            Paint::Histogram { bins } | Paint::Voxel { bins } => u64::from(bins) + 1,
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
