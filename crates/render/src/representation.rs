//! What is made of the events of a window.

use std::time::Duration;

use evz_core::{Error, Result, SensorSize, TimeBase};

use crate::bin_places::BinPlaces;
use crate::facts::ValueType;
use crate::paint::tore;
use crate::time_span::TimeSpan;

/// A representation of the events of one window as channels of `height` by `width` values, after the
/// definitions of the field. Only the events of the window count, so that windows do not depend on
/// each other. A pixel without events is 0, but of the time surfaces and of TORE volumes.
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
    /// `u16 [1]`: events of both polarities; counts beyond 65535 are held there. The 2D histogram of
    /// Gallego et al., "Event-based Vision: A Survey" (2020), section 3.1.
    Total,
    /// `i16 [1]`: the polarity of the latest event, 1 for ON and -1 for OFF.
    Binary,
    /// `f32 [1]`: the polarity of the latest event, 1 or -1, times `exp(-(end - t) / tau)`. The
    /// exponential decay of Lagorce et al., "HOTS: A Hierarchy Of event-based Time-Surfaces" (2017),
    /// signed as Metavision's time decay frame. By polarity it is `f32 [2]`: that of the latest OFF event, then
    /// that of the latest ON event, both positive, as HOTS has it.
    ExpDecay(Decay),
    /// `f32 [1]`: the polarity of the latest event, 1 or -1, times `max(0, 1 - (end - t) / tau)`. By polarity
    /// it is `f32 [2]`, as the exponential decay.
    LinearDecay(Decay),
    /// `f32 [1]`: the sum of the polarities of all events, 1 or -1, each times `exp(-(end - t) / tau)`: a leaky
    /// integrator, as the accumulator of dv-processing with an exponential decay, but without its limits. By
    /// polarity it is `f32 [2]`, the sum of OFF events and that of ON events, both positive.
    LeakySum(Decay),
    /// `f32 [1]`: the same divided by the number of events of the pixel, or of the pixel and the polarity: the
    /// averaged time surface of EventCV, of pixels and not of cells as that of Sironi et al., "HATS: Histograms
    /// of Averaged Time Surfaces for Robust Event-based Object Classification" (2018).
    MeanDecay(Decay),
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
    /// By polarity it is `f32 [2 * bins]`: a grid of the OFF events, then one of the ON events, both
    /// positive.
    Voxel {
        /// Bins in time, at least 1.
        bins: usize,
        /// Where they lie in their span.
        places: BinPlaces,
        /// The time that they divide.
        span: TimeSpan,
        /// Whether OFF and ON events have a grid each.
        by_polarity: bool,
    },
    /// `u16 [2 * bins]`: OFF events in each of `bins` equal parts of the time, then ON events; the
    /// part is `floor((t - first) * bins / max(last - first, 1))`, at most `bins - 1`. Counts beyond
    /// 65535 are held there. The stacked histogram of Gehrig and Scaramuzza, "Recurrent Vision
    /// Transformers for Object Detection with Event Cameras" (RVT, 2023).
    Histogram {
        /// Parts of the time, at least 1.
        bins: usize,
        /// The time that they divide.
        span: TimeSpan,
    },
    /// `i16 [bins]`: ON events less OFF events; the last channel is of the whole time from the first event to
    /// the last one, the one before it of its first half, then of its first quarter, and so on: an event at
    /// that very part is in the next channel. The mixed-density event stack of RVT, after Nam et al., "Stereo
    /// Depth from Events Cameras: Concentrate and Focus on the Future" (2022).
    MixedDensity {
        /// Channels, at least 1.
        bins: usize,
    },
    /// `f32 [2 * depth]`: the ages at the window's end of the `depth` latest OFF events, the youngest first,
    /// then those of the ON events, each as `ln(age + 1) - ln(151)` of an age in microseconds, which is held to
    /// 150 to 5,000,000; where there is none, it is that of the oldest. The time-ordered recent events of
    /// Baldwin et al., "Time-Ordered Recent Event (TORE) Volumes for Event Cameras" (2021).
    Tore {
        /// Events of each pixel and polarity, at least 1.
        depth: usize,
    },
    /// `f32 [2 * side * side]`: of cells of pixels, row by row, what the events of a cell see around them, on
    /// average, of OFF events and then of ON events. An event sees 1 in the middle of `side` by `side` pixels
    /// and `exp(-age / tau)` at the place of each event before it, of its cell and polarity. Histograms of averaged
    /// time surfaces of Sironi et al. (HATS, 2018), whose window of time is that of the frame.
    Hats {
        /// Pixels of a cell, a side, at least 1: 10 are those of the paper.
        cell: usize,
        /// Pixels of the surface that an event sees, a side: an odd number.
        side: usize,
        /// Time constant, more than 0.
        tau: Duration,
    },
    /// `f32 [4]`: OFF events, ON events, and the time of the latest OFF event and of the latest ON event after
    /// the window's start, divided by the latest time of the frame; 0 where there is none. The input of Zhu et
    /// al., "EV-FlowNet: Self-Supervised Optical Flow Estimation for Event-based Cameras" (2018).
    CountsAndTimes,
    /// `f32 [2 * bins]`: `max(0, 1 - (end - t) / tau)` of the latest OFF event with `bins` time constants, from
    /// 1 ms to `tau` in equal ratios, then the same of the latest ON event. The multi-channel time surface of
    /// EventCV.
    Mcts {
        /// Time constants, at least 1; if it is 1, that is `tau`.
        bins: usize,
        /// The longest of them, more than 0.
        tau: Duration,
        /// What the end is of.
        span: TimeSpan,
    },
    /// `u16 [3]`: of the latest event, if it is not older than `tau`: 255 if it is ON, its age as
    /// `floor(255 * (end - t) / tau + 1/2)`, 255 if it is OFF. The colours of Huang et al., "EventPoint:
    /// Self-Supervised Interest Point Detection and Description for Event-based Camera" (2023).
    Tencode {
        /// The age of what is left out, more than 0.
        tau: Duration,
        /// What the end is of.
        span: TimeSpan,
    },
}

/// What a decay is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    /// Time constant, more than 0.
    pub tau: Duration,
    /// Whether OFF and ON events have a channel each.
    pub by_polarity: bool,
    /// What the end is of.
    pub span: TimeSpan,
}

impl Decay {
    /// One with this time constant until the end of the window, of both polarities in one channel.
    pub const fn new(tau: Duration) -> Self {
        Self {
            tau,
            by_polarity: false,
            span: TimeSpan::Window,
        }
    }
}

impl Representation {
    /// Size of the images in a frame: that of the sensor, or of the cells that it has.
    pub fn frame_size(self, sensor: SensorSize) -> SensorSize {
        let cell = match self {
            Self::Hats { cell, .. } => u32::try_from(cell.max(1)).unwrap_or(u32::MAX),
            _ => 1,
        };
        SensorSize {
            width: sensor.width.div_ceil(cell),
            height: sensor.height.div_ceil(cell),
        }
    }

    /// Images in a frame.
    pub fn channels(self) -> usize {
        let bins = match self {
            Self::Voxel { bins, .. }
            | Self::Histogram { bins, .. }
            | Self::MixedDensity { bins }
            | Self::Mcts { bins, .. } => bins,
            Self::Tore { depth } => depth,
            Self::Hats { side, .. } => side.saturating_mul(side),
            _ => self.facts().planes,
        };
        bins.saturating_mul(self.facts().polarities())
    }

    /// The type of the values.
    pub fn value_type(self) -> ValueType {
        self.facts().value_type
    }

    /// What a pixel without events is.
    pub fn background(self) -> f32 {
        match self {
            Self::Tore { .. } => tore::none(),
            _ if self.facts().holds_times => -1.0,
            _ => 0.0,
        }
    }

    /// Values in a frame of this size.
    ///
    /// # Errors
    /// If there are more than 4,294,967,295, there is no bin, or a time constant is not more than 0.
    pub fn frame_len(self, size: SensorSize) -> Result<usize> {
        match self {
            Self::ExpDecay(Decay { tau, .. })
            | Self::LinearDecay(Decay { tau, .. })
            | Self::LeakySum(Decay { tau, .. })
            | Self::MeanDecay(Decay { tau, .. })
            | Self::Mcts { tau, .. }
            | Self::Hats { tau, .. }
            | Self::Tencode { tau, .. }
                if tau.is_zero() =>
            {
                return Err(Error::invalid("a decay takes a tau of more than 0"));
            }
            Self::Voxel { bins: 0, .. }
            | Self::Histogram { bins: 0, .. }
            | Self::MixedDensity { bins: 0 }
            | Self::Mcts { bins: 0, .. } => {
                return Err(Error::invalid("there must be at least one bin"));
            }
            Self::Tore { depth: 0 } => {
                return Err(Error::invalid(
                    "there must be a depth of at least one event",
                ));
            }
            Self::Hats { cell, side, .. } if cell == 0 || side % 2 == 0 => {
                let what = "cells have a pixel or more, and surfaces an odd number of them a side";
                return Err(Error::invalid(what));
            }
            _ => {}
        }
        let size = self.frame_size(size);
        let pixels = u64::from(size.width) * u64::from(size.height);
        // Positions are held in 32 bits, and 65536x65536 pixels are what x and y can say.
        (self.channels() as u64)
            .checked_mul(pixels)
            .filter(|n| *n <= u64::from(u32::MAX))
            .map(|n| n as usize)
            .ok_or_else(|| {
                Error::invalid(format!(
                    "{} channels of {size} pixels are more than the 4,294,967,295 values that a \
                     frame can hold; ask for fewer channels or give a smaller size",
                    self.channels()
                ))
            })
    }
}

/// A time constant in ticks.
pub(crate) fn time_constant(tau: Duration, time_base: TimeBase) -> f64 {
    tau.as_nanos() as f64 / time_base.approximate_nanoseconds()
}

/// Seconds a tick.
pub(crate) fn seconds(time_base: TimeBase) -> f64 {
    time_base.approximate_nanoseconds() * 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation of each variant starts with the type and the channels of its row.
    #[test]
    fn the_documentation_says_what_the_table_has() {
        let source = include_str!("representation.rs");
        let documented: Vec<&str> = source
            .lines()
            .filter_map(|line| line.strip_prefix("    /// `")?.split_once("`: "))
            .map(|(kind, _)| kind)
            .collect();
        let facts = Representation::ALL.map(|of| {
            let facts = of.facts();
            format!("{} [{}]", facts.value_type, facts.channels_text())
        });
        assert_eq!(documented, facts);
    }
}
