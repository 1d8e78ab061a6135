//! Pictures in a terminal, one after the other.

use std::io::Write;

use evz::Result;
use evz::picture::{HalfBlocks, Palette, Picture, kitty, kitty_delete, sixel};

use super::asking::Answers;
use super::screen::Area;
use super::shown::{self, Way};

/// A cell of a terminal that does not say how large it is, in pixels.
const USUAL_CELL: (usize, usize) = (10, 20);

/// What draws pictures in a terminal, over the one before.
pub(super) struct Drawing {
    way: Way,
    cell: (usize, usize),
    /// The picture as it is shown.
    fitted: Picture,
    /// What stands on the screen in half blocks.
    before: Option<Picture>,
    /// The number of the image that stands there.
    image: u32,
}

impl Drawing {
    /// A drawing in the way that is told, or else in the best that the terminal says it knows.
    pub(super) fn new(told: Option<Way>, answers: &Answers) -> Self {
        let found = match answers {
            Answers { kitty: true, .. } => Way::Kitty,
            Answers { sixel: true, .. } => Way::Sixel,
            _ => shown::half_blocks(),
        };
        Self {
            way: told.unwrap_or(found),
            cell: answers.cell.unwrap_or(USUAL_CELL),
            fitted: Picture::default(),
            before: None,
            image: 0,
        }
    }

    /// Appends what clears the screen.
    pub(super) fn clear(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[0m\x1b[2J");
        self.before = None;
        self.delete(out);
        self.image = 0;
    }

    /// Appends what draws a picture in the middle of an area at the top of the screen.
    pub(super) fn draw(
        &mut self,
        picture: &Picture,
        palette: &Palette,
        area: Area,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let (columns, rows) = (area.columns, area.rows);
        let cell = match (self.way, area.cell) {
            (Way::HalfBlocks(_), _) => (1, 2),
            (_, Some(cell)) => cell,
            (_, None) => self.cell,
        };
        let (width, height) = picture.fitted(columns * cell.0, rows * cell.1);
        if width == 0 {
            return Ok(());
        }
        // Cells that it takes, and where they begin.
        let taken = (width.div_ceil(cell.0), height.div_ceil(cell.1));
        let at = ((columns - taken.0) / 2, (rows - taken.1) / 2);
        match self.way {
            Way::HalfBlocks(depth) => {
                picture.resample(width, height, &mut self.fitted);
                let blocks = HalfBlocks::new(palette, depth);
                blocks.encode(&self.fitted, self.before.as_ref(), at, out);
                std::mem::swap(self.before.get_or_insert_default(), &mut self.fitted);
            }
            Way::Sixel => {
                picture.resample(width, height, &mut self.fitted);
                go_to(at, out);
                sixel(&self.fitted, palette, out);
            }
            Way::Kitty => {
                // The terminal enlarges it, but would shrink single events to nothing.
                let (width, height) = (width.min(picture.width()), height.min(picture.height()));
                picture.resample(width, height, &mut self.fitted);
                go_to(at, out);
                // The new one covers the old before that goes.
                let image = self.image % 2 + 1;
                kitty(&self.fitted, palette, image, taken, out)?;
                self.delete(out);
                self.image = image;
            }
        }
        Ok(())
    }

    /// Appends what has the terminal forget the image that stands there.
    fn delete(&self, out: &mut Vec<u8>) {
        if self.image > 0 {
            kitty_delete(self.image, out);
        }
    }
}

fn go_to((column, row): (usize, usize), out: &mut Vec<u8>) {
    // A vector takes all.
    let _ = write!(out, "\x1b[{};{}H", row + 1, column + 1);
}
