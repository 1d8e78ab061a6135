//! What is made of the events of a window.

use evz_core::{Columns, Error, Result, SensorSize, TimeBase};

/// A representation of the events of one window as channels of `height` by `width` values, after the
/// definitions of the field. Only the events of the window count, so that windows do not depend on
/// each other. A pixel without events is 0, but for the time surfaces.
///
/// A window is `[start, end)` in ticks: the one asked for, or, for windows by count, from the
/// earliest of its events to one tick behind the latest. The latest event of a pixel is the one
/// that stands last in the recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Representation {
    /// `i16 [1]`: ON events less OFF events; sums beyond -32768..=32767 are held there. The event
    /// frame of Rebecq et al., "Real-time Visual-Inertial Odometry for Event Cameras" (2017), and
    /// the "diff" frame of Metavision.
    Signed,
    /// `u16 [2]`: OFF events, then ON events; counts beyond 65535 are held there. The event counts
    /// of Maqueda et al., "Event-based Vision meets Deep Learning on Steering Prediction" (2018).
    Counts,
    /// `i16 [1]`: the polarity of the latest event, 1 for ON and -1 for OFF.
    Binary,
    /// `f32 [1]`: the polarity of the latest event, 1 or -1, times `exp(-(end - t) / tau)`. The
    /// exponential decay of Lagorce et al., "HOTS: A Hierarchy Of event-based Time-Surfaces" (2017),
    /// signed as Metavision's time decay frame.
    ExpDecay {
        /// Time constant in ticks, more than 0.
        tau: f64,
    },
    /// `f32 [1]`: the polarity of the latest event, 1 or -1, times `max(0, 1 - (end - t) / tau)`.
    LinearDecay {
        /// Time until nothing is left, in ticks, more than 0.
        tau: f64,
    },
    /// `f32 [2]`: the time of the latest OFF event, then that of the latest ON event, in seconds
    /// after the window's start; -1 where there is none. The surface of active events of Benosman et
    /// al., "Event-Based Visual Flow" (2014).
    TimeSurface,
    /// `f32 [1]`: the same, of the latest event whatever its polarity.
    MergedTimeSurface,
    /// `f32 [bins]`: each event adds its polarity, 1 or -1, to the two bins around
    /// `(bins - 1) * (t - first) / (last - first)`, in proportion to how near they are; first and
    /// last are the earliest and the latest event of the window. The voxel grid of Zhu et al.,
    /// "Unsupervised Event-based Learning of Optical Flow, Depth, and Egomotion" (2019), as in
    /// Rebecq et al., "High Speed and High Dynamic Range Video with an Event Camera" (E2VID, 2019).
    Voxel {
        /// Bins in time, at least 1.
        bins: usize,
    },
    /// `u16 [2 * bins]`: OFF events in each of `bins` equal parts of the time, then ON events; the
    /// part is `floor((t - first) * bins / max(last - first, 1))`, at most `bins - 1`. Counts beyond
    /// 65535 are held there. The stacked histogram of Gehrig and Scaramuzza, "Recurrent Vision
    /// Transformers for Object Detection with Event Cameras" (RVT, 2023).
    Histogram {
        /// Parts of the time, at least 1.
        bins: usize,
    },
}

/// Bins of a voxel grid, as in E2VID.
pub const DEFAULT_VOXEL_BINS: usize = 5;
/// Parts of a stacked histogram, as in RVT.
pub const DEFAULT_HISTOGRAM_BINS: usize = 10;
/// Time constant of a decay, in nanoseconds.
pub const DEFAULT_TAU_NS: u64 = 30_000_000;

/// The type of a representation's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// 16 bits, signed.
    I16,
    /// 16 bits, unsigned.
    U16,
    /// 32-bit float.
    F32,
}

impl ValueType {
    /// Bytes of a value.
    pub fn bytes(self) -> usize {
        match self {
            Self::I16 | Self::U16 => 2,
            Self::F32 => 4,
        }
    }
}

impl Representation {
    /// Images in a frame.
    pub fn channels(self) -> usize {
        match self {
            Self::Signed
            | Self::Binary
            | Self::ExpDecay { .. }
            | Self::LinearDecay { .. }
            | Self::MergedTimeSurface => 1,
            Self::Counts | Self::TimeSurface => 2,
            Self::Voxel { bins } => bins,
            Self::Histogram { bins } => bins.saturating_mul(2),
        }
    }

    /// The type of the values.
    pub fn value_type(self) -> ValueType {
        match self {
            Self::Signed | Self::Binary => ValueType::I16,
            Self::Counts | Self::Histogram { .. } => ValueType::U16,
            _ => ValueType::F32,
        }
    }

    /// The columns that it is made of.
    pub(crate) fn columns(self) -> Columns {
        Columns {
            t: !matches!(self, Self::Signed | Self::Counts | Self::Binary),
            p: self != Self::MergedTimeSurface,
            ..Columns::ALL
        }
    }

    /// Whether it has to be known when the first and the last event are, before any is looked at.
    pub(crate) fn needs_span(self) -> bool {
        matches!(self, Self::Voxel { .. } | Self::Histogram { .. })
    }

    /// What a pixel without events is.
    pub(crate) fn background(self) -> f32 {
        match self {
            Self::TimeSurface | Self::MergedTimeSurface => -1.0,
            _ => 0.0,
        }
    }

    /// Values in a frame of this size, if the representation can be made at all.
    pub(crate) fn frame_len(self, size: SensorSize) -> Result<usize> {
        match self {
            Self::ExpDecay { tau } | Self::LinearDecay { tau } if tau.is_nan() || tau <= 0.0 => {
                return Err(Error::invalid("a decay takes a tau of more than 0"));
            }
            Self::Voxel { bins: 0 } | Self::Histogram { bins: 0 } => {
                return Err(Error::invalid("there must be at least one bin"));
            }
            _ => {}
        }
        let pixels = u64::from(size.width) * u64::from(size.height);
        // Positions are held in 32 bits, and 65536x65536 pixels are what x and y can say.
        (self.channels() as u64)
            .checked_mul(pixels)
            .filter(|n| *n <= u64::from(u32::MAX))
            .map(|n| n as usize)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "{} channels of {size} pixels are more than the 4,294,967,295 values that a \
                     frame can hold; ask for fewer bins or give a smaller size",
                    self.channels()
                ))
            })
    }
}

/// Seconds a tick.
pub(crate) fn seconds(time_base: TimeBase) -> f64 {
    time_base.nanoseconds() as f64 * 1e-9
}
