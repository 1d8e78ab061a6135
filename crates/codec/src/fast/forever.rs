//! The numbers that the layout of `fast` is made of. They never change.

use crate::plane::PLANE_LEN;

/// Events in a block. Decoding starts at the first event of a block.
pub(super) const BLOCK_LEN: usize = 1024;
/// Events in a mini-block: what shares widths and modes.
pub(super) const MINI_LEN: usize = PLANE_LEN;
/// Mini-blocks of a full block.
pub(super) const MINIS: usize = BLOCK_LEN / MINI_LEN;
/// Bytes of an entry of the table of contents.
pub(super) const TOC_ENTRY_SIZE: usize = 16;
/// Bytes of a mini-block's entry in the head of a block.
pub(super) const MINI_HEAD_SIZE: usize = 12;
/// Blocks start at multiples of it.
pub(super) const BLOCK_ALIGN: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((BLOCK_LEN, MINI_LEN), (1024, 256));
        assert_eq!((TOC_ENTRY_SIZE, MINI_HEAD_SIZE, BLOCK_ALIGN), (16, 12, 16));
    }
}
