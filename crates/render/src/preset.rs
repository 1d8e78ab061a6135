//! Frames as the codes of others make them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use evz_core::{Error, Result, alternatives};

use crate::array_type::ArrayType;
use crate::bin_places::BinPlaces;
use crate::normalization::{Deviation, Normalization};
use crate::preparation::{ChannelOrder, Preparation};
use crate::representation::{Decay, Representation};
use crate::time_span::TimeSpan;

/// A representation and how it is prepared, as published code makes it out of the events of a window.
///
/// Values are those of the original, bit for bit or within 1e-5. Where the original divides by zero they are
/// finite: a voxel grid whose values are all alike is 0 everywhere, and times of which none is later than the
/// window's start are 0.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Preset {
    /// Its name, as options write it.
    pub name: &'static str,
    /// What is made of the events of a window.
    pub representation: Representation,
    /// How the values are prepared.
    pub preparation: Preparation,
    /// What it is, in a line.
    pub line: &'static str,
    /// What the code has as its axes, of which channels of evz are one: `[bins, H, W]`.
    pub axes: &'static str,
    /// Where it is from: repository, file and function.
    pub source: &'static str,
}

const PLAIN: Preparation = Preparation {
    channels: ChannelOrder::OffOn,
    clip: None,
    normalize: None,
    array_type: None,
    crop: None,
    resize: None,
    pad: None,
};

/// That of DSEC and of E-RAFT.
const OF_DSEC: (Representation, Preparation) = (
    Representation::Voxel {
        bins: 15,
        places: BinPlaces::EndsOf32Bits,
        span: TimeSpan::Events,
        by_polarity: false,
    },
    Preparation {
        normalize: Some(Normalization::NonZero(Deviation::Sample)),
        ..PLAIN
    },
);

impl Preset {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self {
            name: "e2vid",
            representation: Representation::voxel(5),
            preparation: Preparation {
                normalize: Some(Normalization::NonZero(Deviation::Whole)),
                ..PLAIN
            },
            line: "voxel grid, normalised",
            axes: "[bins, H, W] f32",
            source: "uzh-rpg/rpg_e2vid utils/inference_utils.py events_to_voxel_grid_pytorch, \
                     EventPreprocessor",
        },
        Self {
            name: "eraft",
            representation: OF_DSEC.0,
            preparation: OF_DSEC.1,
            line: "voxel grid, normalised as a sample; rectify for DSEC",
            axes: "[bins, H, W] f32",
            source: "uzh-rpg/E-RAFT utils/dsec_utils.py VoxelGrid",
        },
        Self {
            name: "dsec",
            representation: OF_DSEC.0,
            preparation: OF_DSEC.1,
            line: "the same",
            axes: "[bins, H, W] f32",
            source: "uzh-rpg/DSEC scripts/dataset/representations.py VoxelGrid",
        },
        Self {
            name: "rvt",
            representation: Representation::histogram(10),
            preparation: Preparation {
                clip: Some(10.0),
                array_type: Some(ArrayType::U8),
                ..PLAIN
            },
            line: "stacked histogram, OFF then ON, up to 10",
            axes: "[2 * bins, H, W] u8",
            source: "uzh-rpg/RVT data/utils/representations.py StackedHistogram",
        },
        Self {
            name: "tonic",
            representation: Representation::Voxel {
                bins: 10,
                places: BinPlaces::Starts,
                span: TimeSpan::Events,
                by_polarity: false,
            },
            preparation: PLAIN,
            line: "voxel grid whose last bin is before the last event",
            axes: "[bins, 1, H, W] f64",
            source: "neuromorphs/tonic tonic/functional/to_voxel_grid.py to_voxel_grid_numpy",
        },
        Self {
            name: "openeb",
            representation: Representation::Voxel {
                bins: 10,
                places: BinPlaces::Centers,
                span: TimeSpan::Window,
                by_polarity: true,
            },
            preparation: Preparation {
                channels: ChannelOrder::ByBin,
                clip: Some(63.75),
                normalize: Some(Normalization::By(63.75)),
                ..PLAIN
            },
            line: "event cube, OFF and ON of each bin, 0 to 1",
            axes: "[2 * bins, H, W] f32",
            source: "prophesee-ai/openeb sdk/modules/core/cpp/include/metavision/sdk/core/preprocessors/\
                     detail/event_cube_processor_impl.h EventCubeProcessor",
        },
        Self {
            name: "evflownet",
            representation: Representation::CountsAndTimes,
            preparation: Preparation {
                channels: ChannelOrder::OnOff,
                ..PLAIN
            },
            line: "ON and OFF events, and their latest times from 0 to 1",
            axes: "[H, W, 4] f32",
            source: "daniilidis-group/EV-FlowNet data/extract_rosbag_to_tf.py _save_events, \
                     src/data_loader.py EventDataDecoder",
        },
        Self {
            name: "spikingjelly",
            representation: Representation::Counts,
            preparation: Preparation {
                array_type: Some(ArrayType::F32),
                ..PLAIN
            },
            line: "OFF and ON events; windows by --frames",
            axes: "[2, H, W] f64",
            source: "fangwei123456/spikingjelly spikingjelly/datasets/utils.py \
                     integrate_events_segment_to_frame",
        },
        Self {
            name: "eventcv",
            representation: Representation::ExpDecay(Decay {
                tau: Duration::from_millis(30),
                by_polarity: true,
                span: TimeSpan::Events,
            }),
            preparation: Preparation {
                channels: ChannelOrder::OnOff,
                ..PLAIN
            },
            line: "time surface at the last event, ON and OFF",
            axes: "[2, H, W] f32",
            source: "eventcv-core 1.0.8 src/representation/time_surface.rs",
        },
        Self {
            name: "ess",
            representation: Representation::Voxel {
                bins: 5,
                places: BinPlaces::Ends,
                span: TimeSpan::Events,
                by_polarity: true,
            },
            preparation: Preparation {
                channels: ChannelOrder::OnOff,
                normalize: Some(Normalization::NonZero(Deviation::Whole)),
                ..PLAIN
            },
            line: "voxel grids of ON and of OFF events, normalised",
            axes: "[2 * bins, H, W] f32",
            source: "uzh-rpg/ess datasets/data_util.py generate_voxel_grid, normalize_voxel_grid",
        },
    ];
}

impl FromStr for Preset {
    type Err = Error;

    /// One by its name.
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|of| of.name == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|of| of.name);
            Error::invalid(format!(
                "nothing is like {text:?}; it is {}",
                alternatives(&names)
            ))
        })
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_can_be_made() {
        for preset in Preset::ALL {
            assert!(
                preset.preparation.of(preset.representation).is_ok(),
                "{preset}"
            );
            assert_eq!(preset.name.parse::<Preset>().unwrap(), preset);
        }
        let error = "e3vid".parse::<Preset>().unwrap_err().to_string();
        assert!(error.contains("e2vid") && error.contains("ess"), "{error}");
    }
}
