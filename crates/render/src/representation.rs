//! What is made of the events of a window.

use std::time::Duration;

use evz_core::{Columns, Error, Result, SensorSize, TimeBase};

use crate::bins::{BinPlaces, BinSpan};
use crate::facts::{Parameter, RepresentationFacts, ValueType};
use crate::paint::tore;

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
    /// signed as Metavision's time decay frame. By polarity it is `f32 [2]`: `exp(-(end - t) / tau)` of the
    /// latest OFF event, then of the latest ON event, as HOTS has it.
    ExpDecay {
        /// Time constant, more than 0.
        tau: Duration,
        /// Whether OFF and ON events have a channel each.
        by_polarity: bool,
    },
    /// `f32 [1]`: the polarity of the latest event, 1 or -1, times `max(0, 1 - (end - t) / tau)`. By polarity
    /// it is `f32 [2]`, as the exponential decay.
    LinearDecay {
        /// Time until nothing is left, more than 0.
        tau: Duration,
        /// Whether OFF and ON events have a channel each.
        by_polarity: bool,
    },
    /// `f32 [1]`: the sum of the polarities of all events, 1 or -1, each times `exp(-(end - t) / tau)`: a leaky
    /// integrator, as the accumulator of dv-processing with an exponential decay, but without its limits. By
    /// polarity it is `f32 [2]`, the same sum of OFF events and of ON events, both positive.
    LeakySum {
        /// Time constant, more than 0.
        tau: Duration,
        /// Whether OFF and ON events have a channel each.
        by_polarity: bool,
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
    /// By polarity it is `f32 [2 * bins]`: a grid of the OFF events, then one of the ON events, both
    /// positive.
    Voxel {
        /// Bins in time, at least 1.
        bins: usize,
        /// Where they lie in their span.
        places: BinPlaces,
        /// The time that they divide.
        span: BinSpan,
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
        span: BinSpan,
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
    /// `f32 [4]`: OFF events, ON events, and the time of the latest OFF event and of the latest ON event after
    /// the window's start, divided by the latest time of the frame; 0 where there is none. The input of Zhu et
    /// al., "EV-FlowNet: Self-Supervised Optical Flow Estimation for Event-based Cameras" (2018).
    CountsAndTimes,
}

/// Time constant of a decay.
const TAU: Duration = Duration::from_millis(30);

impl Representation {
    /// Each representation once, in the order in which they are listed, with as many bins and the time
    /// constant that it has by default.
    pub const ALL: [Self; 14] = [
        Self::Signed,
        Self::Counts,
        Self::Total,
        Self::Binary,
        Self::exp_decay(TAU),
        Self::linear_decay(TAU),
        Self::leaky_sum(TAU),
        Self::TimeSurface,
        Self::MergedTimeSurface,
        Self::voxel(5),
        Self::histogram(10),
        Self::MixedDensity { bins: 10 },
        Self::Tore { depth: 8 },
        Self::CountsAndTimes,
    ];

    /// [`ExpDecay`](Self::ExpDecay) of both polarities in one channel.
    pub const fn exp_decay(tau: Duration) -> Self {
        let by_polarity = false;
        Self::ExpDecay { tau, by_polarity }
    }

    /// [`LinearDecay`](Self::LinearDecay) of both polarities in one channel.
    pub const fn linear_decay(tau: Duration) -> Self {
        let by_polarity = false;
        Self::LinearDecay { tau, by_polarity }
    }

    /// [`LeakySum`](Self::LeakySum) of both polarities in one channel.
    pub const fn leaky_sum(tau: Duration) -> Self {
        let by_polarity = false;
        Self::LeakySum { tau, by_polarity }
    }

    /// [`Voxel`](Self::Voxel) of so many bins, the first at the first event and the last at the last one.
    pub const fn voxel(bins: usize) -> Self {
        Self::Voxel {
            bins,
            places: BinPlaces::Ends,
            span: BinSpan::Events,
            by_polarity: false,
        }
    }

    /// [`Histogram`](Self::Histogram) of so many bins, from the first event to the last one.
    pub const fn histogram(bins: usize) -> Self {
        let span = BinSpan::Events;
        Self::Histogram { bins, span }
    }

    /// The table of facts: a row each.
    pub const fn facts(self) -> RepresentationFacts {
        const PLAIN: RepresentationFacts = RepresentationFacts::PLAIN;
        const DECAYS: Parameter = Parameter::Tau { default: TAU };
        match self {
            Self::Signed => RepresentationFacts {
                name: "signed",
                line: "ON events less OFF events",
                ..PLAIN
            },
            Self::Counts => RepresentationFacts {
                name: "counts",
                value_type: ValueType::U16,
                by_polarity: true,
                line: "OFF events, ON events",
                ..PLAIN
            },
            Self::Total => RepresentationFacts {
                name: "total",
                value_type: ValueType::U16,
                columns: Columns {
                    p: false,
                    ..Columns::XYP
                },
                line: "events of both polarities",
                ..PLAIN
            },
            Self::Binary => RepresentationFacts {
                name: "binary",
                line: "latest polarity: 1 ON, -1 OFF, 0 none",
                ..PLAIN
            },
            Self::ExpDecay { by_polarity, .. } => RepresentationFacts {
                name: "exp-decay",
                value_type: ValueType::F32,
                by_polarity,
                may_split: true,
                columns: Columns::TXYP,
                parameter: DECAYS,
                line: "latest polarity, times exp(-age / tau)",
                ..PLAIN
            },
            Self::LinearDecay { by_polarity, .. } => RepresentationFacts {
                name: "linear-decay",
                value_type: ValueType::F32,
                by_polarity,
                may_split: true,
                columns: Columns::TXYP,
                parameter: DECAYS,
                line: "latest polarity, times max(0, 1 - age / tau)",
                ..PLAIN
            },
            Self::LeakySum { by_polarity, .. } => RepresentationFacts {
                name: "leaky-sum",
                value_type: ValueType::F32,
                by_polarity,
                may_split: true,
                columns: Columns::TXYP,
                parameter: DECAYS,
                line: "polarities of all events, each times exp(-age / tau)",
                ..PLAIN
            },
            Self::TimeSurface => RepresentationFacts {
                name: "time-surface",
                value_type: ValueType::F32,
                by_polarity: true,
                columns: Columns::TXYP,
                holds_times: true,
                line: "seconds from start to latest event, OFF and ON; -1 none",
                ..PLAIN
            },
            Self::MergedTimeSurface => RepresentationFacts {
                name: "merged-time-surface",
                value_type: ValueType::F32,
                columns: Columns {
                    p: false,
                    ..Columns::TXYP
                },
                holds_times: true,
                line: "the same, of both polarities",
                ..PLAIN
            },
            // As many bins as in E2VID.
            Self::Voxel {
                span, by_polarity, ..
            } => RepresentationFacts {
                name: "voxel",
                value_type: ValueType::F32,
                by_polarity,
                may_split: true,
                needs_span: matches!(span, BinSpan::Events),
                columns: Columns::TXYP,
                parameter: Parameter::Bins { default: 5 },
                line: "polarities, spread over the two nearest bins in time",
                ..PLAIN
            },
            // As many bins as in RVT.
            Self::Histogram { span, .. } => RepresentationFacts {
                name: "histogram",
                value_type: ValueType::U16,
                by_polarity: true,
                needs_span: matches!(span, BinSpan::Events),
                columns: Columns::TXYP,
                parameter: Parameter::Bins { default: 10 },
                line: "OFF events by time, ON events by time",
                ..PLAIN
            },
            Self::MixedDensity { .. } => RepresentationFacts {
                name: "mixed-density",
                needs_span: true,
                columns: Columns::TXYP,
                parameter: Parameter::Bins { default: 10 },
                is_drawn: false,
                line: "signed, of ever longer parts of the window, the last all of it",
                ..PLAIN
            },
            // As deep as in the paper.
            Self::Tore { .. } => RepresentationFacts {
                name: "tore",
                value_type: ValueType::F32,
                by_polarity: true,
                columns: Columns::TXYP,
                parameter: Parameter::Depth { default: 8 },
                is_drawn: false,
                line: "logarithms of the ages of the latest events",
                ..PLAIN
            },
            Self::CountsAndTimes => RepresentationFacts {
                name: "counts-and-times",
                value_type: ValueType::F32,
                by_polarity: true,
                columns: Columns::TXYP,
                planes: 2,
                is_drawn: false,
                line: "OFF and ON events, and their latest times from 0 to 1",
                ..PLAIN
            },
        }
    }

    /// The same with so many bins, if it has bins.
    pub fn with_bins(mut self, n: usize) -> Self {
        if let Self::Voxel { bins, .. }
        | Self::Histogram { bins, .. }
        | Self::MixedDensity { bins } = &mut self
        {
            *bins = n;
        }
        self
    }

    /// The same with this time constant, if it decays.
    pub fn with_tau(mut self, time: Duration) -> Self {
        if let Self::ExpDecay { tau, .. }
        | Self::LinearDecay { tau, .. }
        | Self::LeakySum { tau, .. } = &mut self
        {
            *tau = time;
        }
        self
    }

    /// The same with so many events of each pixel and polarity, if it has a depth.
    pub fn with_depth(self, depth: usize) -> Self {
        match self {
            Self::Tore { .. } => Self::Tore { depth },
            other => other,
        }
    }

    /// The same with channels of each polarity or without, if that can be chosen.
    pub fn split_by_polarity(mut self, split: bool) -> Self {
        if let Self::ExpDecay { by_polarity, .. }
        | Self::LinearDecay { by_polarity, .. }
        | Self::LeakySum { by_polarity, .. }
        | Self::Voxel { by_polarity, .. } = &mut self
        {
            *by_polarity = split;
        }
        self
    }

    /// The same with bins that divide this time, if it has bins.
    pub fn with_bin_span(mut self, of: BinSpan) -> Self {
        if let Self::Voxel { span, .. } | Self::Histogram { span, .. } = &mut self {
            *span = of;
        }
        self
    }

    /// The same with bins that lie so in their span, if it is a voxel grid.
    pub fn with_bin_places(mut self, of: BinPlaces) -> Self {
        if let Self::Voxel { places, .. } = &mut self {
            *places = of;
        }
        self
    }

    /// Images in a frame.
    pub fn channels(self) -> usize {
        let bins = match self {
            Self::Voxel { bins, .. }
            | Self::Histogram { bins, .. }
            | Self::MixedDensity { bins } => bins,
            Self::Tore { depth } => depth,
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
            Self::ExpDecay { tau, .. }
            | Self::LinearDecay { tau, .. }
            | Self::LeakySum { tau, .. }
                if tau.is_zero() =>
            {
                return Err(Error::invalid("a decay takes a tau of more than 0"));
            }
            Self::Voxel { bins: 0, .. }
            | Self::Histogram { bins: 0, .. }
            | Self::MixedDensity { bins: 0 } => {
                return Err(Error::invalid("there must be at least one bin"));
            }
            Self::Tore { depth: 0 } => {
                return Err(Error::invalid(
                    "there must be a depth of at least one event",
                ));
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

    #[test]
    fn defaults_are_those_of_the_table() {
        for of in Representation::ALL {
            let row = match of.facts().parameter {
                Parameter::None => of,
                Parameter::Bins { default } => of.with_bins(default),
                Parameter::Tau { default } => of.with_tau(default),
                Parameter::Depth { default } => of.with_depth(default),
            };
            assert_eq!(row, of);
            let named = Representation::ALL.map(|r| r.facts().name == of.facts().name);
            assert_eq!(named.iter().filter(|same| **same).count(), 1, "{of:?}");
        }
    }
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
