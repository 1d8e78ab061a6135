//! The numbers that the layout of `small` is made of. They never change.

/// Events of a segment. Decoding starts at the first event of a segment.
pub(super) const SEGMENT_LEN: usize = 8192;
/// Events of a segment whose coordinates and polarities follow each other in a stream.
pub(super) const GROUP_LEN: usize = 1024;
/// Interleaved coders of a stream.
pub(super) const LANES: usize = 32;
/// Bits of a probability in one of several tables, and of a polarity.
pub(super) const TOTAL_BITS: u32 = 10;
/// Bits of a probability in a table that is alone.
pub(super) const ALONE_BITS: u32 = 12;
/// The sum of the frequencies of one of several tables.
pub(super) const TOTAL: u32 = 1 << TOTAL_BITS;
/// The lowest state: every state has this bit or a higher one.
pub(super) const LOWEST: u32 = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((SEGMENT_LEN, GROUP_LEN, LANES), (8192, 1024, 32));
        assert_eq!((TOTAL_BITS, ALONE_BITS, LOWEST), (10, 12, 65_536));
    }
}
