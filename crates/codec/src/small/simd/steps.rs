//! Steps of the entropy decoder: one event in each of the 32 lanes.
#![expect(unsafe_code, reason = "vector loads take pointers")]

use std::arch::x86_64::*;

use super::registers::{REGISTERS, WIDTH, lanes_of, splat, widen_bytes};
use crate::small::forever::{LANES, LOWEST};
use crate::small::lanes::{Lanes, Short};

/// For each set of lanes that take a word: which of the next words a lane takes.
static TAKE: [[u8; WIDTH]; 256] = {
    let mut table = [[0; WIDTH]; 256];
    let mut mask = 0;
    while mask < 256 {
        let (mut lane, mut word) = (0, 0);
        while lane < WIDTH {
            table[mask][lane] = word;
            word += (mask >> lane & 1) as u8;
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// Runs `step` for all whole steps; gives the number of events. `step` turns the states into new
/// ones that have not taken words yet.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
pub(super) fn steps<E>(
    lanes: &mut Lanes<'_>,
    events: impl Iterator<Item = E>,
    mut step: impl FnMut([__m256i; REGISTERS], E) -> [__m256i; REGISTERS],
) -> Result<usize, Short> {
    let (states, _) = lanes.states.as_chunks::<WIDTH>();
    let mut states: [_; REGISTERS] = std::array::from_fn(|r| {
        // SAFETY: an array of 8 states is what is read.
        unsafe { _mm256_loadu_si256(states[r].as_ptr().cast()) }
    });
    let mut words = lanes.words;
    let mut done = 0;
    // The last words, which are too few for a load, with zeros behind them.
    let mut last = [[0; 2]; 2 * LANES];
    let mut left = None;
    for event in events {
        // 32 words may be taken, and the last load reads 8 behind those before.
        let next = match left {
            None if words.len() >= LANES => words,
            None => {
                last[..words.len()].copy_from_slice(words);
                left = Some(words.len());
                &last
            }
            Some(left) => &last[words.len() - left..],
        };
        let next: &[_; LANES] = next.first_chunk().expect("there are as many");
        states = step(states, event);
        let mut taken = 0;
        for state in &mut states {
            let short = _mm256_cmpeq_epi32(_mm256_srli_epi32::<16>(*state), splat(0));
            let mask = _mm256_movemask_ps(_mm256_castsi256_ps(short)) as usize;
            // SAFETY: at most 8 words were taken for each register before: the 8 words from here on
            // are among the 32 of `next`.
            let eight = unsafe { _mm_loadu_si128(next.as_ptr().add(taken).cast()) };
            let order = widen_bytes(TAKE[mask]);
            let word = _mm256_permutevar8x32_epi32(_mm256_cvtepu16_epi32(eight), order);
            let longer = _mm256_or_si256(_mm256_slli_epi32::<16>(*state), word);
            *state = _mm256_blendv_epi8(*state, longer, short);
            taken += mask.count_ones() as usize;
        }
        match &mut left {
            None => words = &words[taken..],
            Some(left) => *left = left.checked_sub(taken).ok_or(Short)?,
        }
        done += LANES;
    }
    lanes.words = &words[words.len() - left.unwrap_or(words.len())..];
    for (out, state) in lanes
        .states
        .as_chunks_mut::<WIDTH>()
        .0
        .iter_mut()
        .zip(states)
    {
        *out = lanes_of(state);
    }
    Ok(done)
}

const _: () = assert!(
    LOWEST == 1 << 16,
    "a state is short exactly where its high half is 0"
);
