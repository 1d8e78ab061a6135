//! What a movie is: its format, size, colours and rate.

use evz_core::Error;

use crate::format::PictureFormat;
use crate::frame_rate::{DEFAULT_FRAME_RATE, FrameRate};
use crate::palette::Palette;

/// The format, size, colours and rate of a movie.
#[derive(Debug, Clone)]
pub struct MovieOptions {
    pub(crate) format: PictureFormat,
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) palette: Palette,
    pub(crate) rate: FrameRate,
}

impl MovieOptions {
    /// A movie of pictures of one size.
    pub fn new(format: PictureFormat, width: usize, height: usize, palette: Palette) -> Self {
        Self {
            format,
            width,
            height,
            palette,
            rate: DEFAULT_FRAME_RATE,
        }
    }

    /// How fast it is shown.
    pub fn with_frame_rate(mut self, rate: FrameRate) -> Self {
        self.rate = rate;
        self
    }
}

/// The error of a movie without pictures in a format that cannot be without.
pub(crate) fn no_pictures(place: &str) -> Error {
    Error::invalid(format!("{place}: there is no picture to put into it"))
}
