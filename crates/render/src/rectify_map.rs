//! Where the pixels of a sensor lie once the distortion of its lens is taken out.

use evz_core::{Error, Result, SensorSize};

/// A position for each pixel of a sensor, in pixels of the frame: that of its centre, so that a pixel which
/// stays where it is has its own column and row. A position that is beyond the frame or no number is that of a
/// pixel that is not seen.
///
/// It is the `rectify_map` of DSEC (Gehrig et al., "DSEC: A Stereo Event Camera Dataset for Driving Scenarios",
/// 2021), and what OpenCV's `undistortPoints` gives of all pixels where the camera matrix stays.
#[derive(Debug, Clone, PartialEq)]
pub struct RectifyMap {
    size: SensorSize,
    /// Column and row, row by row.
    positions: Vec<[f32; 2]>,
}

impl RectifyMap {
    /// One of a sensor of this size: the column and the row of each of its pixels, row by row.
    ///
    /// # Errors
    /// If there is not a position for each pixel.
    pub fn new(size: SensorSize, positions: Vec<[f32; 2]>) -> Result<Self> {
        let pixels = u64::from(size.width) * u64::from(size.height);
        if positions.len() as u64 != pixels {
            let what = format!(
                "a map of {} positions, and a sensor of {size} has {pixels} pixels",
                positions.len()
            );
            return Err(Error::invalid(what));
        }
        Ok(Self { size, positions })
    }

    /// The size of the sensor, and of the frames.
    pub fn size(&self) -> SensorSize {
        self.size
    }

    /// Looks whether it is of frames of this size.
    ///
    /// # Errors
    /// If not.
    pub(crate) fn check(&self, size: SensorSize) -> Result<()> {
        if self.size == size {
            return Ok(());
        }
        let what = format!(
            "the map to rectify by is of {}, and the sensor is of {size}",
            self.size
        );
        Err(Error::invalid(what).advise("take the map of this camera"))
    }

    /// The column and the row of a pixel.
    #[inline(always)]
    pub(crate) fn position(&self, pixel: u32) -> [f32; 2] {
        self.positions[pixel as usize]
    }
}
