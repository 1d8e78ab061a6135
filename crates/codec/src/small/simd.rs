//! The steps of the entropy coder in vector registers of AVX2: 4 of them hold the 32 lanes.
//!
//! All give exactly what the loops in `rans` and `polarity` give. They do whole steps and leave the
//! rest to the loops.
#![expect(unsafe_code, reason = "vector loads and gathers take pointers")]

use std::arch::x86_64::*;

use super::head::Axis;
use super::history::{History, LARGE_CELLS, SMALL_CELLS};
use super::model::PolarityModel;
use super::rans::{ALONE_SLOTS, AloneSlots, LOWEST, Lanes, SLOTS, Short, Slots};
use super::{ALONE_BITS, LANES, TOTAL, TOTAL_BITS, values};

/// Lanes of a register.
const WIDTH: usize = 8;
/// Registers of a step.
const REGISTERS: usize = LANES / WIDTH;

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

/// Proof that this machine has what the functions here need.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vectors(());

impl Vectors {
    /// The proof, if there is one.
    pub(super) fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        has.then_some(Self(()))
    }

    /// As [`Lanes::symbols`], for whole steps; gives the number of events.
    pub(super) fn symbols(
        self,
        lanes: &mut Lanes<'_>,
        table: &AloneSlots,
        out: &mut [u8],
    ) -> Result<usize, Short> {
        // SAFETY: `detect` found the features.
        unsafe { symbols(lanes, table, out) }
    }

    /// As [`Lanes::symbols_in`], for whole steps; gives the number of events.
    pub(super) fn symbols_in(
        self,
        lanes: &mut Lanes<'_>,
        tables: &[Slots],
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Short> {
        // SAFETY: `detect` found the features.
        unsafe { symbols_in(lanes, tables, contexts, out) }
    }

    /// As [`values::times`], compiled for this machine.
    #[expect(
        clippy::too_many_arguments,
        reason = "those of the function it stands for"
    )]
    pub(super) fn times(
        self,
        symbols: &[u8],
        raw: &[u8],
        zigzag: bool,
        divisor: i64,
        t: i64,
        from: usize,
        out: &mut [i64],
    ) {
        // SAFETY: `detect` found the features.
        unsafe { times(symbols, raw, zigzag, divisor, t, from, out) }
    }

    /// As [`values::coordinates`], compiled for this machine.
    pub(super) fn coordinates(
        self,
        axis: &Axis,
        symbols: &[u8],
        contexts: Option<&[u8]>,
        raw: &[u8],
        out: &mut [u16],
    ) {
        // SAFETY: `detect` found the features.
        unsafe { coordinates(axis, symbols, contexts, raw, out) }
    }

    /// As `polarity::polarities`, for whole steps; gives the number of events.
    pub(super) fn polarities(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        history: &mut History,
        x: &[u16],
        y: &[u16],
        out: &mut [u8],
    ) -> Result<usize, Short> {
        // SAFETY: `detect` found the features.
        unsafe { polarities(lanes, model, history, x, y, out) }
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn times(
    symbols: &[u8],
    raw: &[u8],
    zigzag: bool,
    divisor: i64,
    t: i64,
    from: usize,
    out: &mut [i64],
) {
    // Differences that have a sign are rare: so the loop is compiled without them, and with.
    if zigzag {
        values::times(symbols, raw, true, divisor, t, from, out);
    } else {
        values::times(symbols, raw, false, divisor, t, from, out);
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn coordinates(axis: &Axis, symbols: &[u8], contexts: Option<&[u8]>, raw: &[u8], out: &mut [u16]) {
    values::coordinates(axis, symbols, contexts, raw, out);
}

#[target_feature(enable = "avx2,popcnt")]
fn symbols(lanes: &mut Lanes<'_>, table: &AloneSlots, out: &mut [u8]) -> Result<usize, Short> {
    let (outs, _) = out.as_chunks_mut::<LANES>();
    steps(lanes, outs.iter_mut(), |states, out| {
        let slots = states.map(|state| {
            let place = _mm256_and_si256(state, splat(ALONE_SLOTS as u32 - 1));
            // SAFETY: places are below the length of the table.
            unsafe { _mm256_i32gather_epi32::<4>(table.as_ptr().cast(), place) }
        });
        write_bytes(slots.map(|s| _mm256_and_si256(s, splat(255))), out);
        std::array::from_fn(|r| {
            advance(
                _mm256_srli_epi32::<{ ALONE_BITS as i32 }>(states[r]),
                slots[r],
            )
        })
    })
}

#[target_feature(enable = "avx2,popcnt")]
fn symbols_in(
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
            write_bytes(slots.map(|s| _mm256_and_si256(s, splat(255))), out);
            std::array::from_fn(|r| {
                advance(
                    _mm256_srli_epi32::<{ TOTAL_BITS as i32 }>(states[r]),
                    slots[r],
                )
            })
        },
    )
}

#[target_feature(enable = "avx2,popcnt")]
fn polarities(
    lanes: &mut Lanes<'_>,
    model: &PolarityModel,
    history: &mut History,
    x: &[u16],
    y: &[u16],
    out: &mut [u8],
) -> Result<usize, Short> {
    let model = model.map(u32::from);
    let (small_stride, large_stride) = history.strides;
    let (xs, _) = x.as_chunks::<LANES>();
    let (ys, _) = y.as_chunks::<LANES>();
    let (outs, _) = out.as_chunks_mut::<LANES>();
    let events = xs.iter().zip(ys).zip(outs);
    steps(lanes, events, |states, ((x, y), out)| {
        let mut ones = [_mm256_setzero_si256(); REGISTERS];
        let mut next = states;
        let mut cells = [[0u32; WIDTH]; 2 * REGISTERS];
        for r in 0..REGISTERS {
            let x = widen_words(x[r * WIDTH..].first_chunk().expect("32 values"));
            let y = widen_words(y[r * WIDTH..].first_chunk().expect("32 values"));
            let cell = |stride: u32, x: __m256i, y: __m256i| {
                _mm256_add_epi32(_mm256_mullo_epi32(y, splat(stride)), x)
            };
            let small = cell(
                small_stride,
                _mm256_srli_epi32::<2>(x),
                _mm256_srli_epi32::<2>(y),
            );
            let small = _mm256_and_si256(small, splat(SMALL_CELLS as u32 - 1));
            let large = cell(
                large_stride,
                _mm256_srli_epi32::<4>(x),
                _mm256_srli_epi32::<4>(y),
            );
            let large = _mm256_and_si256(large, splat(LARGE_CELLS as u32 - 1));
            cells[r] = lanes_of(small);
            cells[REGISTERS + r] = lanes_of(large);
            // SAFETY: indices are below the number of cells, and 4 bytes can be read from each, as
            // both maps end with 3 bytes of padding at least.
            let (near, far) = unsafe {
                (
                    _mm256_i32gather_epi32::<1>(history.small.as_ptr().cast(), small),
                    _mm256_i32gather_epi32::<1>(history.large.as_ptr().cast(), large),
                )
            };
            let near = _mm256_and_si256(near, splat(255));
            let far = _mm256_and_si256(far, splat(255));
            let unseen = _mm256_cmpeq_epi32(near, splat(1));
            let context = _mm256_blendv_epi8(_mm256_or_si256(near, splat(32)), far, unseen);
            let context = _mm256_and_si256(context, splat(63));
            // SAFETY: contexts are below 64, the length of the model.
            let one = unsafe { _mm256_i32gather_epi32::<4>(model.as_ptr().cast(), context) };
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
        write_bytes(ones, out);
        let (small, large) = cells.as_flattened().split_at(LANES);
        for ((&p, &small), &large) in out.iter().zip(small).zip(large) {
            history.remember_one(p, small as usize, large as usize);
        }
        next
    })
}

/// Runs `step` on the events of whole steps, from states to states that still want words; gives the
/// number of events.
#[inline]
#[target_feature(enable = "avx2,popcnt")]
fn steps<E>(
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

/// As `rans::advance`.
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

#[inline]
#[target_feature(enable = "avx2")]
fn splat(v: u32) -> __m256i {
    _mm256_set1_epi32(v as i32)
}

#[inline]
#[target_feature(enable = "avx2")]
fn widen_bytes(bytes: [u8; WIDTH]) -> __m256i {
    _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(i64::from_le_bytes(bytes)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn widen_words(words: &[u16; WIDTH]) -> __m256i {
    // SAFETY: an array of 8 words is what is read.
    _mm256_cvtepu16_epi32(unsafe { _mm_loadu_si128(words.as_ptr().cast()) })
}

#[inline]
#[target_feature(enable = "avx2")]
fn lanes_of(v: __m256i) -> [u32; WIDTH] {
    let mut out = [0; WIDTH];
    // SAFETY: an array of 8 numbers is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
    out
}

/// Writes 32 numbers below 256 as bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn write_bytes(v: [__m256i; REGISTERS], out: &mut [u8; LANES]) {
    let low = _mm256_packus_epi32(v[0], v[1]);
    let high = _mm256_packus_epi32(v[2], v[3]);
    // Packing works in halves of registers: the permutation puts fours back in order.
    let packed = _mm256_packus_epi16(low, high);
    let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    let bytes = _mm256_permutevar8x32_epi32(packed, order);
    // SAFETY: an array of 32 bytes is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), bytes) };
}

const _: () = assert!(
    LOWEST == 1 << 16,
    "a state is short exactly where its high half is 0"
);
