//! The numbers that files name, and what bounds a section. They never change.

/// The codec number of values as they are, little-endian.
pub const RAW: u16 = 0;
/// The codec number of values packed by pco, as a standalone file of it.
pub const PCO: u16 = 16;

/// What a standalone file begins with: its magic and the version of its frame.
pub(super) const PCO_HEAD: [u8; 5] = *b"pco!\x03";
/// The version of pco's format that is read: its major number, and the latest of its minor ones.
pub(super) const PCO_FORMAT: (u8, u8) = (4, 1);
/// A pco chunk of fewer values is the last of its section. Tables are built for each.
pub(super) const MIN_CHUNK_LEN: usize = 1024;
/// Values that a lookback reaches back, at most, as a power of two.
pub(super) const MAX_WINDOW_LOG: u32 = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((RAW, PCO), (0, 16));
        assert_eq!(PCO_HEAD, [112, 99, 111, 33, 3]);
        assert_eq!(PCO_FORMAT, (4, 1));
        assert_eq!((MIN_CHUNK_LEN, MAX_WINDOW_LOG), (1024, 15));
    }
}
