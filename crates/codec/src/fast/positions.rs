//! Where the exceptions of a block are.

use super::forever::{MINI_LEN, MINIS};
use super::width::most;

/// Most exceptions of a block: 255 in each of three columns of its mini-blocks.
const MOST: usize = 3 * MINIS * u8::MAX as usize;
/// Residuals that are looked at together.
const GROUP: usize = 16;

/// The positions of a block's exceptions, one mini-block's column after the other.
#[derive(Debug)]
pub(super) struct Positions {
    /// With room for one more group: the position of every residual of a group is written, and
    /// those that are no exceptions are overwritten.
    positions: [u8; MOST + GROUP],
    len: usize,
}

impl Default for Positions {
    fn default() -> Self {
        Self {
            positions: [0; MOST + GROUP],
            len: 0,
        }
    }
}

impl Positions {
    /// Adds and gives the positions of the `count` residuals that are wider than `width`.
    #[inline(always)]
    pub(super) fn push<T: Copy + Into<u64>>(
        &mut self,
        residuals: &[T; MINI_LEN],
        count: u8,
        width: u8,
    ) -> &[u8] {
        let start = self.len;
        if count > 0 {
            let most = most(width.into());
            for (number, group) in residuals.chunks_exact(GROUP).enumerate() {
                // Most groups have none.
                if group.iter().fold(0, |any, &r| any | r.into()) <= most {
                    continue;
                }
                for (i, &r) in group.iter().enumerate() {
                    // No branch: which ones are exceptions cannot be foreseen.
                    self.positions[self.len] = (number * GROUP + i) as u8;
                    self.len += usize::from(r.into() > most);
                }
            }
        }
        debug_assert_eq!(self.len - start, usize::from(count));
        &self.positions[start..self.len]
    }

    pub(super) fn all(&self) -> &[u8] {
        &self.positions[..self.len]
    }
}
