//! The sensor and regions of it.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// Width and height of a sensor in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SensorSize {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl FromStr for SensorSize {
    type Err = Error;

    /// `346x260`: sides of 1 to 65536.
    fn from_str(text: &str) -> Result<Self> {
        let side = |n: &str| n.parse().ok().filter(|n| (1..=1 << 16).contains(n));
        let sides = text.split_once('x');
        let sides = sides.and_then(|(width, height)| side(width).zip(side(height)));
        let (width, height) = sides.ok_or_else(|| {
            let what = format!("{text:?} is not WxH, such as 640x480, with sides of 1 to 65536");
            Error::invalid(what)
        })?;
        Ok(Self { width, height })
    }
}

impl SensorSize {
    /// Whether a pixel lies on the sensor.
    pub fn contains(&self, x: u16, y: u16) -> bool {
        u32::from(x) < self.width && u32::from(y) < self.height
    }
}

impl fmt::Display for SensorSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// A rectangle of pixels: its left and top edge, its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roi {
    /// First column inside.
    pub x: u16,
    /// First row inside.
    pub y: u16,
    /// Number of columns.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
}

impl Roi {
    /// Whether a pixel lies inside.
    #[inline]
    pub fn contains(&self, x: u16, y: u16) -> bool {
        u32::from(x.wrapping_sub(self.x)) < self.width
            && u32::from(y.wrapping_sub(self.y)) < self.height
            && x >= self.x
            && y >= self.y
    }

    /// Whether any pixel of the box from `(x_min, y_min)` to `(x_max, y_max)`, both inside it, lies
    /// in this region.
    pub fn meets(&self, x_min: u16, x_max: u16, y_min: u16, y_max: u16) -> bool {
        self.width > 0
            && self.height > 0
            && u64::from(self.x) <= u64::from(x_max)
            && u64::from(self.x) + u64::from(self.width) > u64::from(x_min)
            && u64::from(self.y) <= u64::from(y_max)
            && u64::from(self.y) + u64::from(self.height) > u64::from(y_min)
    }
}

/// `X,Y,W,H`: left, top, width and height in pixels.
impl FromStr for Roi {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wanted = || {
            let what = format!("{text:?} is not X,Y,W,H: left, top, width and height in pixels");
            Error::invalid(what)
        };
        let numbers: Vec<u32> = text
            .split(',')
            .map(|n| n.trim().parse().map_err(|_| wanted()))
            .collect::<Result<_>>()?;
        let [x, y, width, height] = numbers[..] else {
            return Err(wanted());
        };
        let side = |n| u16::try_from(n).map_err(|_| Error::invalid("pixels count from 0 to 65535"));
        if width == 0 || height == 0 {
            return Err(Error::invalid("a region has at least one pixel"));
        }
        Ok(Self {
            x: side(x)?,
            y: side(y)?,
            width,
            height,
        })
    }
}

impl fmt::Display for Roi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{},{},{}", self.x, self.y, self.width, self.height)
    }
}
