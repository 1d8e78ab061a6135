//! How large pictures show a sensor.

use anyhow::Result;
use evz::{Error, SensorSize};

/// Rows of a picture, at least: single pixels are then seen, and a movie in 4:2:0 keeps their colours.
const ROWS: u32 = 720;

/// Columns of a picture at most, unless the sensor has more.
const COLUMNS: u32 = 1920;

/// Columns from which on single events are too small to be seen.
const WIDE: u32 = 1280;

/// Pixels of a picture at most, where it is larger than the sensor: 8192x8192.
const MAX_PIXELS: u64 = 1 << 26;

/// How many pixels of a picture one of the sensor is wide and high: as told, or as many as it takes to have
/// enough rows.
pub(crate) fn factor(told: Option<u32>, size: SensorSize) -> Result<usize> {
    let (width, height) = (size.width.max(1), size.height.max(1));
    let usual = ROWS.div_ceil(height).min(COLUMNS / width).max(1);
    let Some(factor) = told else {
        return Ok(usual as usize);
    };
    let fits = |n: u64| u64::from(width) * n * u64::from(height) * n <= MAX_PIXELS;
    if factor > 1 && !fits(factor.into()) {
        let most = (1..factor).rev().find(|n| fits((*n).into())).unwrap_or(1);
        let what = format!(
            "--upscale {factor} makes more than {MAX_PIXELS} pixels of {size}; pass {most} or less"
        );
        return Err(Error::invalid(what).into());
    }
    Ok(factor as usize)
}

/// Whether single events are to be made larger where nothing says so.
pub(crate) fn dilates(factor: usize, size: SensorSize) -> bool {
    factor == 1 && size.width >= WIDE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_sensors_are_shown_large() {
        let usual = |width, height| factor(None, SensorSize { width, height }).unwrap();
        for (width, height, expected) in [
            (346, 260, 3),
            (640, 480, 2),
            (640, 512, 2),
            (240, 180, 4),
            (304, 240, 3),
            (34, 34, 22),
            (1280, 720, 1),
            (1280, 100, 1),
            (2048, 2, 1),
            (1, 1, 720),
            (0, 0, 720),
        ] {
            assert_eq!(usual(width, height), expected, "{width}x{height}");
        }
    }

    #[test]
    fn what_is_told_is_taken_as_far_as_it_fits() {
        let size = |width, height| SensorSize { width, height };
        assert_eq!(factor(Some(1), size(346, 260)).unwrap(), 1);
        assert_eq!(factor(Some(1), size(65_536, 65_536)).unwrap(), 1);
        let large = size(1280, 720);
        let error = factor(Some(64), large).unwrap_err().to_string();
        assert!(error.ends_with("of 1280x720; pass 8 or less"), "{error}");
        assert_eq!(factor(Some(8), large).unwrap(), 8);
        assert!(factor(Some(9), large).is_err());
    }
}
