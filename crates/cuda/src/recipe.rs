//! Which kernels make a representation, and what they take.

use std::time::Duration;

use evz_core::{Error, Result};
use evz_render::{BinPlaces, FrameSpec, Representation};

use crate::layout::{
    BINS_CENTERS, BINS_ENDS, BINS_ENDS32, BINS_STARTS, FRAME_ALIGN, LATEST_EXP, LATEST_LINEAR,
    LATEST_SECONDS,
};

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
    Voxel {
        bins: u32,
        /// Where they are, as the kernels write it.
        places: u32,
        by_polarity: bool,
    },
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
    /// Whether its bins or decays are of the time from the first event to the last one, not of the window.
    pub(crate) of_events: bool,
    /// Whether time runs backwards.
    pub(crate) reversed: bool,
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
        let len = representation.frame_len(size)?;
        let bins = |bins: usize| {
            // One before the first and some behind the last are numbers, too.
            let most = "there can be at most 2,147,483,646 bins";
            let bins = u32::try_from(bins).ok().filter(|n| *n < i32::MAX as u32);
            bins.ok_or_else(|| Error::invalid(most))
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
            Representation::ExpDecay(of) => {
                latest(of.by_polarity, LATEST_EXP, -1.0 / ticks(of.tau))
            }
            Representation::LinearDecay(of) => {
                latest(of.by_polarity, LATEST_LINEAR, 1.0 / ticks(of.tau))
            }
            Representation::TimeSurface => latest(true, LATEST_SECONDS, tick),
            Representation::MergedTimeSurface => latest(false, LATEST_SECONDS, tick),
            Representation::Voxel {
                bins: n,
                places,
                by_polarity,
                ..
            } => Paint::Voxel {
                bins: bins(n)?,
                places: match places {
                    BinPlaces::Ends => BINS_ENDS,
                    BinPlaces::EndsOf32Bits => BINS_ENDS32,
                    BinPlaces::Starts => BINS_STARTS,
                    BinPlaces::Centers => BINS_CENTERS,
                },
                by_polarity,
            },
            Representation::Histogram { bins: n, .. } => Paint::Histogram { bins: bins(n)? },
            _ => {
                let what = format!("{} is painted by the CPU alone", facts.name);
                return Err(Error::unsupported("the GPU", what).advise("take the device cpu"));
            }
        };
        Ok(Self {
            paint,
            needs_t: facts.columns.t,
            needs_p: facts.columns.p,
            of_events: facts.needs_span,
            reversed,
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
            Paint::Histogram { bins } | Paint::Voxel { bins, .. } => u64::from(bins) + 1,
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
