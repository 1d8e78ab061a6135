//! Where on the frames events are.

use std::path::PathBuf;

use clap::Args;

/// Where on the frames events are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Geometry")]
pub(crate) struct GeometryArgs {
    /// Take the distortion of the lens out, by a map from each pixel to its undistorted position: DSEC's
    /// rectify_map.h5, or an .npy of [height, width, 2], x first. --roi is of the pixels of the sensor
    #[arg(long, value_name = "MAP")]
    pub(crate) rectify: Option<PathBuf>,
}
