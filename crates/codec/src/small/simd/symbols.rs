//! Symbols from tables of slots.
#![expect(unsafe_code, reason = "gathers take pointers")]

use std::arch::x86_64::*;

use super::registers::{WIDTH, pack_bytes, splat, store, widen_bytes};
use super::steps::steps;
use crate::small::forever::{ALONE_BITS, LANES, TOTAL_BITS};
use crate::small::lanes::{Lanes, Short};
use crate::small::slots::{ALONE_SLOTS, AloneSlots, SLOTS, Slots};

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn symbols(
    lanes: &mut Lanes<'_>,
    table: &AloneSlots,
    out: &mut [u8],
) -> Result<usize, Short> {
    let (outs, _) = out.as_chunks_mut::<LANES>();
    steps(lanes, outs.iter_mut(), |states, out| {
        let slots = states.map(|state| {
            let place = _mm256_and_si256(state, splat(ALONE_SLOTS as u32 - 1));
            // SAFETY: places are below the length of the table.
            unsafe { _mm256_i32gather_epi32::<4>(table.as_ptr().cast(), place) }
        });
        store(
            pack_bytes(slots.map(|s| _mm256_and_si256(s, splat(255)))),
            out,
        );
        std::array::from_fn(|r| {
            advance(
                _mm256_srli_epi32::<{ ALONE_BITS as i32 }>(states[r]),
                slots[r],
            )
        })
    })
}

#[target_feature(enable = "avx2,popcnt")]
pub(super) fn symbols_in(
    lanes: &mut Lanes<'_>,
    tables: &[Slots],
    contexts: &[u8],
    out: &mut [u8],
) -> Result<usize, Short> {
    // Every index of a gather is then one of `tables`.
    let most = contexts.iter().fold(0, |most, &c| most.max(c));
    assert!(usize::from(most) < tables.len());
    let (outs, _) = out.as_chunks_mut::<LANES>();
    let (contexts, _) = contexts.as_chunks::<LANES>();
    steps(
        lanes,
        outs.iter_mut().zip(contexts),
        |states, (out, contexts)| {
            let slots = std::array::from_fn(|r| {
                let eight = contexts[r * WIDTH..].first_chunk().expect("32 bytes");
                let table = _mm256_slli_epi32::<{ TOTAL_BITS as i32 }>(widen_bytes(*eight));
                let place = _mm256_and_si256(states[r], splat(SLOTS as u32 - 1));
                let index = _mm256_or_si256(table, place);
                // SAFETY: contexts are below `tables.len()`, places below the length of a table.
                unsafe { _mm256_i32gather_epi32::<4>(tables.as_ptr().cast(), index) }
            });
            store(
                pack_bytes(slots.map(|s| _mm256_and_si256(s, splat(255)))),
                out,
            );
            std::array::from_fn(|r| {
                advance(
                    _mm256_srli_epi32::<{ TOTAL_BITS as i32 }>(states[r]),
                    slots[r],
                )
            })
        },
    )
}

/// As `lanes::advance`.
#[inline]
#[target_feature(enable = "avx2")]
fn advance(high: __m256i, slot: __m256i) -> __m256i {
    let less = _mm256_and_si256(_mm256_srli_epi32::<8>(slot), splat(0xfff));
    let behind = _mm256_srli_epi32::<20>(slot);
    _mm256_add_epi32(
        _mm256_mullo_epi32(less, high),
        _mm256_add_epi32(high, behind),
    )
}
