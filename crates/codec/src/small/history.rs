//! The last polarities around a pixel: the context of the next one.
//!
//! Cells of 4 by 4 pixels remember their last four polarities, cells of 16 by 16 their last three.
//! A large cell is asked where the small one has seen nothing yet, so that it costs little to
//! forget everything at the start of a segment. Memories change only at the end of a step of 32
//! events, and as if each event were the only one in its cell. So all contexts and all changes of a
//! step are found at once. This costs less than 0.1% of the size of a recording.

use super::forever::LANES;

/// Cells of 4 by 4 pixels. Pixels of larger sensors share them.
pub(super) const SMALL_CELLS: usize = 1 << 16;
/// Cells of 16 by 16 pixels.
pub(super) const LARGE_CELLS: usize = 1 << 12;

/// A memory that has seen no polarity. A memory is a one, followed by the polarities that it has
/// seen, the last one in the lowest bit. In a full memory the one stays where it is: [`SMALL_FULL`]
/// or [`LARGE_FULL`].
pub(super) const NOTHING: u8 = 1;
/// The one in front of as many polarities as a small cell remembers.
pub(super) const SMALL_FULL: u8 = 1 << 4;
/// The one in front of as many polarities as a large cell remembers.
pub(super) const LARGE_FULL: u8 = 1 << 3;

/// What a memory becomes with a polarity.
#[inline(always)]
fn remember(memory: u8, p: u8, full: u8) -> u8 {
    (memory << 1 | p) & (2 * full - 1) | memory & full
}

/// The memories of all cells.
#[derive(Debug)]
pub(super) struct History {
    pub(super) small: Box<[u8; SMALL_CELLS]>,
    pub(super) large: Box<[u8; LARGE_CELLS]>,
    /// Small cells in a row of them, and large ones.
    strides: (u16, u16),
}

/// The cells of a step.
#[derive(Debug)]
pub(super) struct Cells {
    pub(super) small: [u16; LANES],
    /// Below [`LARGE_CELLS`].
    pub(super) large: [u16; LANES],
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            small: Box::new([NOTHING; SMALL_CELLS]),
            large: Box::new([NOTHING; LARGE_CELLS]),
            strides: (0, 0),
        }
    }

    /// Forgets everything. `x_max` is the chunk's; it lays out the cells.
    pub(super) fn start(&mut self, x_max: u16) {
        self.strides = ((x_max >> 2) + 1, (x_max >> 4) + 1);
        self.small.fill(NOTHING);
        self.large.fill(NOTHING);
    }

    /// The cells of pixels.
    #[inline(always)]
    pub(super) fn cells(&self, x: &[u16; LANES], y: &[u16; LANES]) -> Cells {
        let (small, large) = self.strides;
        let mut cells = Cells {
            small: [0; LANES],
            large: [0; LANES],
        };
        for i in 0..LANES {
            cells.small[i] = (y[i] >> 2).wrapping_mul(small).wrapping_add(x[i] >> 2);
            let cell = (y[i] >> 4).wrapping_mul(large).wrapping_add(x[i] >> 4);
            cells.large[i] = cell % LARGE_CELLS as u16;
        }
        cells
    }

    /// The contexts of a step.
    #[inline(always)]
    pub(super) fn contexts(&self, cells: &Cells) -> [u8; LANES] {
        let mut contexts = [0; LANES];
        let cells = cells.small.iter().zip(&cells.large);
        for (context, (&small, &large)) in contexts.iter_mut().zip(cells) {
            // Both are looked up, as a branch could not be predicted.
            let near = self.small[usize::from(small)];
            let far = self.large[usize::from(large) % LARGE_CELLS];
            let unseen = u8::from(near == NOTHING).wrapping_neg();
            *context = far & unseen | (near + 2 * LARGE_FULL) & !unseen;
        }
        contexts
    }

    /// Remembers the polarities of a step; of events in one cell that is the last one.
    #[inline(always)]
    pub(super) fn remember(&mut self, cells: &Cells, p: &[u8]) {
        let (mut near, mut far) = ([0; LANES], [0; LANES]);
        for (i, &p) in p.iter().enumerate().take(LANES) {
            let small = self.small[usize::from(cells.small[i])];
            let large = self.large[usize::from(cells.large[i]) % LARGE_CELLS];
            near[i] = remember(small, p, SMALL_FULL);
            far[i] = remember(large, p, LARGE_FULL);
        }
        for i in 0..p.len().min(LANES) {
            self.small[usize::from(cells.small[i])] = near[i];
            self.large[usize::from(cells.large[i]) % LARGE_CELLS] = far[i];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::small::polarity::step;

    #[test]
    fn a_memory_holds_the_last_ones() {
        let seen = |full| {
            [1, 0, 0, 1, 1, 1]
                .iter()
                .scan(NOTHING, |memory, &p| {
                    *memory = remember(*memory, p, full);
                    Some(*memory)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(16), [0b11, 0b110, 0b1100, 0b11001, 0b10011, 0b10111]);
        assert_eq!(seen(8), [0b11, 0b110, 0b1100, 0b1001, 0b1011, 0b1111]);
    }

    #[test]
    fn an_unseen_cell_asks_the_large_one() {
        let mut history = History::new();
        history.start(1279);
        let cells = history.cells(&step(&[0, 4]), &step(&[]));
        assert_eq!(history.contexts(&cells)[..2], [1, 1]);
        history.remember(&cells, &[1]);
        let cells = history.cells(&step(&[8, 0]), &step(&[]));
        assert_eq!(history.contexts(&cells)[..2], [0b11, 16 + 0b11]);
        // The last event of a cell counts.
        let cells = history.cells(&step(&[0, 1]), &step(&[]));
        history.remember(&cells, &[1, 0]);
        let cells = history.cells(&step(&[3, 8, 16]), &step(&[3]));
        assert_eq!(history.contexts(&cells)[..3], [16 + 0b110, 0b110, 1]);
        // The largest coordinates have cells too.
        history.start(u16::MAX);
        let cells = history.cells(&[u16::MAX; LANES], &[u16::MAX; LANES]);
        history.remember(&cells, &[1]);
    }
}
