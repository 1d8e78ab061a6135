//! The size of a plane. It never changes.

/// Numbers of a plane.
pub(crate) const PLANE_LEN: usize = 256;
/// Numbers that are packed or unpacked together.
pub(super) const LANES: usize = 16;
/// Bytes that a plane takes for each bit of width, and those of a bitmap.
pub(crate) const BIT_SIZE: usize = PLANE_LEN / 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn these_numbers_never_change() {
        assert_eq!((PLANE_LEN, LANES, BIT_SIZE), (256, 16, 32));
    }
}
