//! Tables of slots, filled in 8 slots at a time.
#![expect(unsafe_code, reason = "vector stores take pointers")]

use std::arch::x86_64::*;

use super::registers::{WIDTH, splat};
use crate::small::slots::{self, FILL, Slot};

#[target_feature(enable = "avx2,bmi1,bmi2")]
pub(super) fn fill_table(levels: &[u8], bits: u32, out: &mut [Slot]) {
    let places = std::array::from_fn(|r| {
        let at = |i| ((WIDTH * r + i) << 20) as i32;
        _mm256_setr_epi32(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
    });
    let places: [__m256i; FILL / WIDTH] = places;
    slots::fill_table(levels, bits, out, |slots, first| {
        let (slots, _) = slots.as_chunks_mut::<WIDTH>();
        for (slots, place) in slots.iter_mut().zip(places) {
            // SAFETY: an array of 8 slots is what is written.
            unsafe {
                let slot = _mm256_add_epi32(splat(first), place);
                _mm256_storeu_si256(slots.as_mut_ptr().cast(), slot);
            }
        }
    });
}
