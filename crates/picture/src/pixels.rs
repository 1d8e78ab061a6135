//! The pixels of a picture.

use crate::palette::{BACKGROUND, Palette};
use crate::scale::Magnitudes;

/// A picture: an index into a [`Palette`] for each pixel. Drawn over again, it keeps its memory.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) indices: Vec<u8>,
    /// The grey under each pixel, where a picture has a ground.
    pub(crate) ground: Vec<u8>,
    /// The grey under text.
    pub(crate) blank: u8,
    pub(crate) scratch: Scratch,
}

/// What drawing needs and the picture does not show.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    pub(crate) values: Vec<f32>,
    pub(crate) magnitudes: Magnitudes,
    pub(crate) spread: Vec<u8>,
    pub(crate) text: String,
}

impl Picture {
    /// Pixels in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The pixels row by row from the top, as indices into the palette of the style.
    pub fn indices(&self) -> &[u8] {
        &self.indices
    }

    /// Appends the pixels as red, green, blue.
    pub fn append_rgb(&self, palette: &Palette, rgb: &mut Vec<u8>) {
        let colours = palette.colours();
        let from = rgb.len();
        rgb.resize(from + 3 * self.indices.len(), 0);
        for (pixel, index) in rgb[from..].chunks_exact_mut(3).zip(&self.indices) {
            pixel.copy_from_slice(&colours[usize::from(*index)]);
        }
    }

    /// Fills what lies in the picture of a rectangle.
    pub(crate) fn fill(&mut self, x: usize, y: usize, width: usize, height: usize, index: u8) {
        let columns = x.min(self.width)..(x + width).min(self.width);
        for row in y..(y + height).min(self.height) {
            let row = row * self.width;
            let pixels = row + columns.start..row + columns.end;
            self.indices[pixels.clone()].fill(index);
            if index == BACKGROUND && !self.ground.is_empty() {
                self.ground[pixels].fill(self.blank);
            }
        }
    }

    pub(crate) fn resize(&mut self, width: usize, height: usize) {
        self.width = width;
        self.height = height;
        self.indices.clear();
        self.indices.resize(width * height, BACKGROUND);
        self.ground.clear();
    }
}
