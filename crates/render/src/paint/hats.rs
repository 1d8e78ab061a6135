//! Averaged time surfaces of cells of pixels.

use super::Block;
use super::ticks::exp;
use crate::marks::Marks;

/// Time constants after which an event is as good as forgotten: less than 1e-13 of it is left.
const FORGOTTEN: f64 = 30.0;

/// The events that were seen, by polarity and cell.
#[derive(Default)]
pub(crate) struct Seen {
    cells: Vec<Vec<CellEvent>>,
    /// What becomes of the values: 32 bits would lose the last of thousands of events.
    sums: Vec<f64>,
    latest: Option<i64>,
    /// Whether one was earlier than one before it: then what follows an old one may be young.
    unordered: bool,
}

/// An event in a cell of pixels.
#[derive(Clone)]
struct CellEvent {
    t: i64,
    x: u16,
    y: u16,
}

/// Cells of pixels, and the neighbourhood of an event that counts.
pub(super) struct Cells {
    /// Sides of a cell and of a neighbourhood, in pixels.
    pub(super) cell: usize,
    pub(super) side: usize,
    /// Time constant in ticks.
    pub(super) tau: f64,
    /// Columns of the sensor, and cells of it.
    pub(super) width: usize,
    pub(super) plane: usize,
}

impl Cells {
    /// Adds what each event sees around it: itself, and what is left of those before it in its cell.
    #[inline(always)]
    pub(super) fn paint(&self, len: usize, block: &Block<'_>, seen: &mut Seen, marks: &mut Marks) {
        let (side, radius) = (self.side, self.side / 2);
        let columns = self.width.div_ceil(self.cell);
        seen.cells.resize(2 * self.plane, Vec::new());
        seen.sums.resize(len, 0.0);
        let events = block.pixels.iter().zip(block.t).zip(block.p);
        for ((&pixel, &t), &p) in events {
            let (x, y) = (pixel as usize % self.width, pixel as usize / self.width);
            let cell = y / self.cell * columns + x / self.cell;
            let polarity = usize::from(p & 1);
            seen.unordered |= seen.latest.is_some_and(|latest| t < latest);
            seen.latest = seen.latest.max(Some(t));
            let before = &mut seen.cells[polarity * self.plane + cell];
            let mut add = |row: usize, column: usize, value: f32| {
                let channel = (polarity * side + row) * side + column;
                let at = channel * self.plane + cell;
                seen.sums[at] += f64::from(value);
                marks.note(&[at as u32]);
            };
            add(radius, radius, 1.0);
            for earlier in before.iter().rev() {
                let age = t.abs_diff(earlier.t) as f64 / self.tau;
                if age > FORGOTTEN && !seen.unordered {
                    break;
                }
                let row = (usize::from(earlier.y) + radius).wrapping_sub(y);
                let column = (usize::from(earlier.x) + radius).wrapping_sub(x);
                if row < side && column < side {
                    add(row, column, exp(-age as f32));
                }
            }
            before.push(CellEvent {
                t,
                x: x as u16,
                y: y as u16,
            });
        }
    }
}

/// Divides what all events of a cell and a polarity see by their number.
pub(super) fn average(frame: &mut [f32], seen: &Seen, plane: usize) {
    let each = frame.len() / 2;
    let cells = seen.cells.iter();
    for (number, events) in cells.enumerate().filter(|(_, of)| !of.is_empty()) {
        let (polarity, cell) = (number / plane, number % plane);
        for channel in 0..each / plane {
            let at = polarity * each + channel * plane + cell;
            frame[at] = (seen.sums[at] / events.len() as f64) as f32;
        }
    }
}
