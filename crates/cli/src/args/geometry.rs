//! Where on the frames events are.

use std::path::PathBuf;

use clap::Args;
use evz::render::{PreparationChoices, ResizeBy};
use evz::{Roi, SensorSize};

use super::values;

/// Where on the frames events are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Geometry")]
pub(crate) struct GeometryArgs {
    /// Take the distortion of the lens out, by a map from each pixel to its undistorted position: DSEC's
    /// rectify_map.h5, or an .npy of [height, width, 2], x first; or by the recording's own, of ROS and of M3ED:
    /// calibration (./calibration is a file). --roi is of the pixels of the sensor
    #[arg(long, value_name = "MAP")]
    pub(crate) rectify: Option<PathBuf>,
    /// Leave a region of each frame alone, once it is rectified; --crop does so with the events before
    #[arg(long, value_name = "X,Y,W,H", value_parser = values::roi, allow_hyphen_values = true)]
    pub(crate) crop_frames: Option<Roi>,
    /// Resize the frames of arrays, once they are normalised
    #[arg(long, value_name = "WxH", value_parser = values::size)]
    pub(crate) resize: Option<SensorSize>,
    /// By what, as PyTorch's interpolate: nearest, nearest-exact, area or bilinear [default: nearest]
    #[arg(long, value_name = "HOW", requires = "resize")]
    pub(crate) resize_by: Option<ResizeBy>,
    /// Put a margin around the frames of arrays that makes them so large, as much on either side; on the left and
    /// above what is left over, as E2VID
    #[arg(long, value_name = "WxH", value_parser = values::size, conflicts_with = "pad_multiple")]
    pub(crate) pad_to: Option<SensorSize>,
    /// The same to the next multiple of N in columns and in rows: 8, say, for a network that halves them three times
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) pad_multiple: Option<u32>,
}

impl GeometryArgs {
    /// Adds what is told to the choices of the library.
    pub(crate) fn choose(&self, choices: &mut PreparationChoices) {
        choices.crop = self.crop_frames;
        choices.resize = self.resize;
        choices.resize_by = self.resize_by;
        choices.pad_to = self.pad_to;
        choices.pad_multiple = self.pad_multiple;
    }

    /// What of that is told and is of arrays alone.
    pub(crate) fn of_arrays(&self) -> [(&'static str, bool); 3] {
        [
            ("--resize", self.resize.is_some()),
            ("--pad-to", self.pad_to.is_some()),
            ("--pad-multiple", self.pad_multiple.is_some()),
        ]
    }
}
