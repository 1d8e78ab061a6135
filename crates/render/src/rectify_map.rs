//! Where the pixels of a sensor lie once the distortion of its lens is taken out.

use evz_core::{Error, Place, Result, SensorSize};

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
    /// If there is not a position for each pixel, or none of them is on the frame.
    pub fn new(size: SensorSize, positions: Vec<[f32; 2]>) -> Result<Self> {
        let pixels = u64::from(size.width) * u64::from(size.height);
        if positions.len() as u64 != pixels {
            let what = format!(
                "a map of {} positions, and a sensor of {size} has {pixels} pixels",
                positions.len()
            );
            return Err(Error::invalid(what));
        }
        let map = Self { size, positions };
        if map.unseen() == pixels {
            let what = format!(
                "a map of {size} that leaves none of its pixels on the frame: all its positions are beyond it or no \
                 numbers"
            );
            return Err(Error::unsupported("", what));
        }
        Ok(map)
    }

    /// One out of an array of `(height, width, 2)`, the column first, which is called so in messages.
    ///
    /// # Errors
    /// If it is of another shape or larger than a sensor may be, or leaves no pixel on the frame.
    pub fn from_array(
        shape: &[u64],
        values: impl IntoIterator<Item = f32>,
        place: impl Into<Place>,
    ) -> Result<Self> {
        let place = place.into();
        let [height, width, 2] = shape[..] else {
            let sides: Vec<String> = shape.iter().map(u64::to_string).collect();
            let what = format!(
                "a map to rectify by is of shape (height, width, 2), and this is of ({})",
                sides.join(", ")
            );
            return Err(Error::unsupported(place, what));
        };
        let side = |side: u64| u32::try_from(side).ok().filter(|side| *side <= 1 << 16);
        let (Some(width), Some(height)) = (side(width), side(height)) else {
            let what = format!(
                "a map of {width}x{height}, and a sensor has at most 65536 columns and rows"
            );
            return Err(Error::unsupported(place, what));
        };
        let mut values = values.into_iter();
        let pairs = std::iter::from_fn(|| Some([values.next()?, values.next()?]));
        let map = Self::new(SensorSize { width, height }, pairs.collect());
        map.map_err(|e| e.within(place))
    }

    /// Pixels of which nothing is on the frame.
    pub fn unseen(&self) -> u64 {
        let SensorSize { width, height } = self.size;
        let is_seen = |at: f32, side: u32| at > -1.0 && at < side as f32;
        let unseen = self.positions.iter();
        let unseen = unseen.filter(|[x, y]| !(is_seen(*x, width) && is_seen(*y, height)));
        unseen.count() as u64
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
