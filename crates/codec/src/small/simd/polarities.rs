//! Polarities, in contexts that are known or that cells of pixels remember.
#![expect(
    unsafe_code,
    reason = "the contexts come from functions that need AVX2"
)]

use std::arch::x86_64::*;

use super::registers::{REGISTERS, bytes, load, pack_bytes, splat, store};
use super::steps::steps;
use crate::small::forever::{LANES, TOTAL, TOTAL_BITS};
use crate::small::history::{Cells, History, LARGE_CELLS, LARGE_FULL, NOTHING, SMALL_FULL};
use crate::small::lanes::{Lanes, Short};
use crate::small::polarity::{CONTEXTS, PolarityModel};

/// Where the contexts of steps of bits come from.
pub(super) trait Contexts {
    /// The contexts of the next step.
    ///
    /// # Safety
    /// The machine has AVX2.
    unsafe fn next(&mut self) -> __m256i;

    /// Takes the bits of that step.
    ///
    /// # Safety
    /// The machine has AVX2.
    unsafe fn decoded(&mut self, bits: __m256i);
}

/// Contexts that cells remember, at places.
pub(super) struct Remembered<'a> {
    history: &'a mut History,
    x: std::slice::Iter<'a, [u16; LANES]>,
    y: std::slice::Iter<'a, [u16; LANES]>,
    cells: Cells,
    /// The memories of these cells.
    near: [u8; LANES],
    far: [u8; LANES],
}

impl<'a> Remembered<'a> {
    /// Of events at some x and y.
    pub(super) fn new(history: &'a mut History, (x, y): (&'a [u16], &'a [u16])) -> Self {
        Self {
            history,
            x: x.as_chunks().0.iter(),
            y: y.as_chunks().0.iter(),
            cells: Cells {
                small: [0; LANES],
                large: [0; LANES],
            },
            near: [NOTHING; LANES],
            far: [NOTHING; LANES],
        }
    }
}

impl Contexts for Remembered<'_> {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn next(&mut self) -> __m256i {
        let places = self.x.next().zip(self.y.next());
        let (x, y) = places.expect("each step has its places");
        self.cells = self.history.cells(x, y);
        let Cells { small, large } = &self.cells;
        let history = &*self.history;
        let near = bytes(|i| history.small[usize::from(small[i])]);
        let far = bytes(|i| history.large[usize::from(large[i]) % LARGE_CELLS]);
        store(near, &mut self.near);
        store(far, &mut self.far);
        let unseen = _mm256_cmpeq_epi8(near, _mm256_set1_epi8(NOTHING as i8));
        let seen = _mm256_add_epi8(near, _mm256_set1_epi8(2 * LARGE_FULL as i8));
        _mm256_blendv_epi8(seen, far, unseen)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn decoded(&mut self, bits: __m256i) {
        let remember = |memories: &mut [u8; LANES], full: u8| {
            let old = load(memories);
            let all = |v: u8| _mm256_set1_epi8(v as i8);
            let longer = _mm256_or_si256(_mm256_add_epi8(old, old), bits);
            let longer = _mm256_and_si256(longer, all(2 * full - 1));
            let new = _mm256_or_si256(longer, _mm256_and_si256(old, all(full)));
            store(new, memories);
        };
        remember(&mut self.near, SMALL_FULL);
        remember(&mut self.far, LARGE_FULL);
        let (small, large) = (&mut *self.history.small, &mut *self.history.large);
        let cells = self.cells.small.iter().zip(&self.cells.large);
        let memories = self.near.iter().zip(&self.far);
        for ((&near, &far), (&small_cell, &large_cell)) in memories.zip(cells) {
            small[usize::from(small_cell)] = near;
            large[usize::from(large_cell) % LARGE_CELLS] = far;
        }
    }
}

/// Contexts that are known before.
pub(super) struct Known<'a>(std::slice::Iter<'a, [u8; LANES]>);

impl<'a> Known<'a> {
    pub(super) fn new(contexts: &'a [u8]) -> Self {
        Self(contexts.as_chunks().0.iter())
    }
}

impl Contexts for Known<'_> {
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn next(&mut self) -> __m256i {
        load(self.0.next().expect("each step has its contexts"))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn decoded(&mut self, _: __m256i) {}
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn bits(
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    mut contexts: impl Contexts,
    out: &mut [u8],
) -> Result<usize, Short> {
    let likely = Lookup::new(model);
    let (outs, _) = out.as_chunks_mut::<LANES>();
    steps(lanes, outs.iter_mut(), |states, out| {
        // SAFETY: this function has AVX2.
        let likely = likely.of(unsafe { contexts.next() });
        let mut ones = [_mm256_setzero_si256(); REGISTERS];
        let mut next = states;
        for r in 0..REGISTERS {
            let one = likely[r];
            let place = _mm256_and_si256(states[r], splat(TOTAL - 1));
            let is_one = _mm256_cmpgt_epi32(one, place);
            let zero = _mm256_sub_epi32(splat(TOTAL), one);
            let frequency = _mm256_blendv_epi8(zero, one, is_one);
            let start = _mm256_andnot_si256(is_one, one);
            let high = _mm256_srli_epi32::<{ TOTAL_BITS as i32 }>(states[r]);
            let scaled = _mm256_mullo_epi32(frequency, high);
            next[r] = _mm256_add_epi32(scaled, _mm256_sub_epi32(place, start));
            ones[r] = _mm256_and_si256(is_one, splat(1));
        }
        let bits = pack_bytes(ones);
        store(bits, out);
        // SAFETY: this function has AVX2.
        unsafe { contexts.decoded(bits) };
        next
    })
}

/// A model in registers: low bytes and high bytes of 16 contexts in each.
#[derive(Clone, Copy)]
struct Lookup([[__m256i; 2]; CONTEXTS / 16]);

impl Lookup {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn new(model: &PolarityModel) -> Self {
        Self(std::array::from_fn(|table| {
            std::array::from_fn(|byte| {
                let bytes: [u8; 16] =
                    std::array::from_fn(|i| model[16 * table + i].to_le_bytes()[byte]);
                _mm256_broadcastsi128_si256(_mm_set_epi64x(
                    i64::from_le_bytes(*bytes[8..].first_chunk().expect("16 bytes")),
                    i64::from_le_bytes(*bytes.first_chunk().expect("16 bytes")),
                ))
            })
        }))
    }

    /// The frequencies in some contexts.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn of(&self, contexts: __m256i) -> [__m256i; REGISTERS] {
        // A blend looks at the highest bit of each byte only.
        let in_second = _mm256_slli_epi16::<3>(contexts);
        let in_third = _mm256_slli_epi16::<2>(contexts);
        let [low, high]: [__m256i; 2] = std::array::from_fn(|byte| {
            let [first, second, third] = self.0.map(|t| _mm256_shuffle_epi8(t[byte], contexts));
            let either = _mm256_blendv_epi8(first, second, in_second);
            _mm256_blendv_epi8(either, third, in_third)
        });
        // Pairs of bytes, in the halves of registers that they were in.
        let (even, odd) = (
            _mm256_unpacklo_epi8(low, high),
            _mm256_unpackhi_epi8(low, high),
        );
        [
            _mm256_cvtepu16_epi32(_mm256_castsi256_si128(even)),
            _mm256_cvtepu16_epi32(_mm256_castsi256_si128(odd)),
            _mm256_cvtepu16_epi32(_mm256_extracti128_si256::<1>(even)),
            _mm256_cvtepu16_epi32(_mm256_extracti128_si256::<1>(odd)),
        ]
    }
}

const _: () = assert!(CONTEXTS == 48, "as many as three registers hold");
