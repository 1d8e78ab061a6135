//! Events that are seen where they would be without the distortion of the lens.

use std::sync::Arc;

use evz_core::{Result, SensorSize};

use crate::rectify_map::RectifyMap;
use crate::representation::Representation;
use crate::spec::FrameSpec;

/// Where events are put in frames of one representation.
#[derive(Debug, Clone)]
pub(crate) struct Rectification {
    map: Arc<RectifyMap>,
    /// Whether an event is shared among the four pixels around it, or is all in the nearest one.
    pub(crate) shares: bool,
}

/// The four pixels around a position, in the order in which DSEC's `VoxelGrid` adds to them.
pub(crate) const CORNERS: [Corner; 4] = [
    Corner(0.0, 0.0),
    Corner(0.0, 1.0),
    Corner(1.0, 0.0),
    Corner(1.0, 1.0),
];

/// One of them: how many columns and rows it is from the one left above.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Corner(f32, f32);

impl Rectification {
    /// That of frames by a map.
    ///
    /// # Errors
    /// If the map is of another size.
    pub(crate) fn new(map: Arc<RectifyMap>, spec: FrameSpec) -> Result<Self> {
        map.check(spec.size)?;
        // Sums of floats alone can take a part of an event.
        let shares = matches!(
            spec.representation,
            Representation::Voxel { .. } | Representation::LeakySum(_)
        );
        Ok(Self { map, shares })
    }

    /// Whether an event of a pixel is seen in the frame, if only in part.
    #[inline(always)]
    pub(crate) fn sees(&self, pixel: u32) -> bool {
        let [x, y] = self.map.position(pixel);
        let SensorSize { width, height } = self.map.size();
        match self.shares {
            true => x > -1.0 && x < width as f32 && y > -1.0 && y < height as f32,
            false => self.nearest(x, y).is_some(),
        }
    }

    /// Which pixel of the frame takes an event of a pixel, or the part of it that this corner has, and how much.
    #[inline(always)]
    pub(crate) fn share(&self, pixel: u32, corner: Corner) -> Option<(u32, f32)> {
        let [x, y] = self.map.position(pixel);
        if !self.shares {
            return Some((self.nearest(x, y)?, 1.0));
        }
        let (column, row) = (x.floor() + corner.0, y.floor() + corner.1);
        let weight = (1.0 - (column - x).abs()) * (1.0 - (row - y).abs());
        Some((self.pixel(column, row)?, weight))
    }

    #[inline(always)]
    fn nearest(&self, x: f32, y: f32) -> Option<u32> {
        self.pixel(x.round_ties_even(), y.round_ties_even())
    }

    /// The pixel of a whole column and row, if it is one of the frame.
    #[inline(always)]
    fn pixel(&self, column: f32, row: f32) -> Option<u32> {
        let SensorSize { width, height } = self.map.size();
        let is_one = column >= 0.0 && column < width as f32 && row >= 0.0 && row < height as f32;
        is_one.then(|| row as u32 * width + column as u32)
    }
}
