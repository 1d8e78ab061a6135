//! What can be chosen of a representation.

use std::time::Duration;

use crate::bin_places::BinPlaces;
use crate::representation::{Decay, Representation};
use crate::time_span::TimeSpan;

impl Representation {
    /// The same with so many bins, if it has bins.
    pub fn with_bins(mut self, n: usize) -> Self {
        if let Self::Voxel { bins, .. }
        | Self::Histogram { bins, .. }
        | Self::MixedDensity { bins }
        | Self::Mcts { bins, .. } = &mut self
        {
            *bins = n;
        }
        self
    }

    /// The same with so many events of each pixel and polarity, if it has a depth.
    pub fn with_depth(mut self, n: usize) -> Self {
        if let Self::Tore { depth } = &mut self {
            *depth = n;
        }
        self
    }

    /// The same with this time constant, if it has one.
    pub fn with_tau(mut self, time: Duration) -> Self {
        match &mut self {
            Self::Mcts { tau, .. } | Self::Tencode { tau, .. } | Self::Hats { tau, .. } => {
                *tau = time;
            }
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.tau = time;
                }
            }
        }
        self
    }

    /// The same with channels of each polarity or without, if that can be chosen.
    pub fn split_by_polarity(mut self, split: bool) -> Self {
        match &mut self {
            Self::Voxel { by_polarity, .. } => *by_polarity = split,
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.by_polarity = split;
                }
            }
        }
        self
    }

    /// The same within this time of a window, if that can be chosen.
    pub fn within(mut self, time: TimeSpan) -> Self {
        match &mut self {
            Self::Voxel { span, .. }
            | Self::Histogram { span, .. }
            | Self::Mcts { span, .. }
            | Self::Tencode { span, .. } => *span = time,
            other => {
                if let Some(decay) = other.decay_mut() {
                    decay.span = time;
                }
            }
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

    fn decay_mut(&mut self) -> Option<&mut Decay> {
        match self {
            Self::ExpDecay(of)
            | Self::LinearDecay(of)
            | Self::LeakySum(of)
            | Self::MeanDecay(of) => Some(of),
            _ => None,
        }
    }
}
