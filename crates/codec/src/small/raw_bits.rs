//! Raw bits, read from any place.

/// Bytes that loads may reach beyond raw bits.
pub(super) const PADDING: usize = 72;

/// The most bits that [`short_bits`] takes: wherever they start, 8 bytes hold them.
const MOST_SHORT_BITS: u32 = 56;

/// `width` raw bits, at most 56, from bit `at` on; zeros where the bytes do not go on for 8.
#[inline(always)]
pub(super) fn short_bits(bytes: &[u8], at: usize, width: u32) -> u64 {
    let word = bytes.get(at / 8..).and_then(|rest| rest.first_chunk());
    let word = u64::from_le_bytes(*word.unwrap_or(&[0; 8]));
    word >> (at % 8) & ((1 << width) - 1)
}

/// `width <= 64` raw bits from bit `at` on; zeros where the bytes do not go on for 16.
#[inline(always)]
pub(super) fn raw_bits(bytes: &[u8], at: usize, width: u32) -> u64 {
    if width <= MOST_SHORT_BITS {
        return short_bits(bytes, at, width);
    }
    let low = short_bits(bytes, at, 32);
    low | short_bits(bytes, at + 32, width - 32) << 32
}
