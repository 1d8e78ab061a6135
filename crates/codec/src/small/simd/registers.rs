//! Vector registers of AVX2: 4 of them hold the 32 lanes.
#![expect(unsafe_code, reason = "vector loads and stores take pointers")]

use std::arch::x86_64::*;

use crate::small::forever::LANES;

/// Lanes of a register.
pub(super) const WIDTH: usize = 8;
/// Registers of a step.
pub(super) const REGISTERS: usize = LANES / WIDTH;

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn splat(v: u32) -> __m256i {
    _mm256_set1_epi32(v as i32)
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn widen_bytes(bytes: [u8; WIDTH]) -> __m256i {
    _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(i64::from_le_bytes(bytes)))
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn lanes_of(v: __m256i) -> [u32; WIDTH] {
    let mut out = [0; WIDTH];
    // SAFETY: an array of 8 numbers is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
    out
}

/// 32 numbers below 256 as bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn pack_bytes(v: [__m256i; REGISTERS]) -> __m256i {
    let low = _mm256_packus_epi32(v[0], v[1]);
    let high = _mm256_packus_epi32(v[2], v[3]);
    // Packing works in halves of registers: the permutation puts fours back in order.
    let packed = _mm256_packus_epi16(low, high);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    _mm256_permutevar8x32_epi32(packed, order)
}

/// 32 bytes, loaded one by one.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn bytes(of: impl Fn(usize) -> u8) -> __m256i {
    let b = |i| of(i) as i8;
    _mm256_setr_epi8(
        b(0),
        b(1),
        b(2),
        b(3),
        b(4),
        b(5),
        b(6),
        b(7),
        b(8),
        b(9),
        b(10),
        b(11),
        b(12),
        b(13),
        b(14),
        b(15),
        b(16),
        b(17),
        b(18),
        b(19),
        b(20),
        b(21),
        b(22),
        b(23),
        b(24),
        b(25),
        b(26),
        b(27),
        b(28),
        b(29),
        b(30),
        b(31),
    )
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn load(bytes: &[u8; LANES]) -> __m256i {
    // SAFETY: an array of 32 bytes is what is read.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn store(v: __m256i, out: &mut [u8; LANES]) {
    // SAFETY: an array of 32 bytes is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
}
