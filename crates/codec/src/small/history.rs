//! The last polarities around a pixel, from which the next one is told.
//!
//! Cells of 4 by 4 pixels remember their last four polarities, cells of 16 by 16 likewise; the large
//! ones are asked where the small one has seen nothing yet, which makes it cheap to start anew with
//! every segment. Memories change only behind each step of 32 events, all at once: so the contexts of
//! a step are known before it is decoded, at a cost of less than 1% of a recording.

use super::LANES;

/// Contexts of a polarity.
pub(super) const CONTEXTS: usize = 64;

/// Cells of 4 by 4 pixels. Pixels of larger sensors share them.
pub(super) const SMALL_CELLS: usize = 1 << 16;
/// Cells of 16 by 16 pixels.
pub(super) const LARGE_CELLS: usize = 1 << 12;
/// Vector loads of a cell reach behind it.
const PADDING: usize = 4;

/// Polarities that a memory holds.
const DEPTH: u32 = 4;
/// The memory of a cell that has seen nothing; a one in front of up to four polarities.
const NOTHING: u8 = 1;

/// What a memory becomes with a polarity.
#[inline(always)]
fn remember(memory: u8, p: u8) -> u8 {
    let longer = u32::from(memory) << 1 | u32::from(p);
    // Where five polarities push the one in front to the next bit, it comes back, over the oldest.
    ((longer | longer >> 1 & 1 << DEPTH) & ((2 << DEPTH) - 1)) as u8
}

/// The memories of all cells.
#[derive(Debug)]
pub(super) struct History {
    pub(super) small: Box<[u8; SMALL_CELLS + PADDING]>,
    pub(super) large: Box<[u8; LARGE_CELLS + PADDING]>,
    /// Small cells in a row of them, and large ones.
    pub(super) strides: (u32, u32),
    /// The cells of the step that is decoded.
    cells: [(u16, u16); LANES],
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            small: Box::new([NOTHING; SMALL_CELLS + PADDING]),
            large: Box::new([NOTHING; LARGE_CELLS + PADDING]),
            strides: (0, 0),
            cells: [(0, 0); LANES],
        }
    }

    /// Forgets everything. `x_max` is the chunk's; it lays out the cells.
    pub(super) fn start(&mut self, x_max: u16) {
        let x_max = u32::from(x_max);
        self.strides = ((x_max >> 2) + 1, (x_max >> 4) + 1);
        self.small.fill(NOTHING);
        self.large.fill(NOTHING);
    }

    /// The contexts of a step.
    #[inline(always)]
    pub(super) fn contexts(&mut self, x: &[u16], y: &[u16], out: &mut [u8; LANES]) {
        for (((&x, &y), out), cells) in x.iter().zip(y).zip(out).zip(&mut self.cells) {
            let (x, y) = (u32::from(x), u32::from(y));
            let small = (y >> 2) * self.strides.0 + (x >> 2);
            let large = ((y >> 4) * self.strides.1 + (x >> 4)) % LARGE_CELLS as u32;
            *cells = (small as u16, large as u16);
            let near = self.small[usize::from(small as u16)];
            let far = self.large[large as usize];
            *out = if near == NOTHING {
                far
            } else {
                near | 1 << (DEPTH + 1)
            };
        }
    }

    /// Remembers the polarities of the step whose contexts were asked for last.
    #[inline(always)]
    pub(super) fn remember(&mut self, p: &[u8]) {
        for (&p, (small, large)) in p.iter().zip(self.cells) {
            self.remember_one(p, small.into(), large.into());
        }
    }

    /// Remembers a polarity in a small and a large cell.
    #[inline(always)]
    pub(super) fn remember_one(&mut self, p: u8, small: usize, large: usize) {
        let small = &mut self.small[small % SMALL_CELLS];
        *small = remember(*small, p);
        let large = &mut self.large[large % LARGE_CELLS];
        *large = remember(*large, p);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_holds_the_last_four() {
        let mut memory = NOTHING;
        let mut seen = Vec::new();
        for p in [1, 0, 0, 1, 1, 1] {
            memory = remember(memory, p);
            seen.push(memory);
        }
        assert_eq!(seen, [0b11, 0b110, 0b1100, 0b11001, 0b10011, 0b10111]);
    }

    #[test]
    fn an_unseen_cell_asks_the_large_one() {
        let mut history = History::new();
        history.start(1279);
        let mut contexts = [0; LANES];
        history.contexts(&[0, 4], &[0, 0], &mut contexts);
        assert_eq!(contexts[..2], [1, 1]);
        history.remember(&[1, 0]);
        history.contexts(&[3, 8, 16], &[3, 0, 0], &mut contexts);
        assert_eq!(contexts[..3], [0b10_0011, 0b110, 1]);
        // The largest coordinates have cells too.
        history.start(u16::MAX);
        history.contexts(&[u16::MAX], &[u16::MAX], &mut contexts);
        history.remember(&[1]);
    }
}
