//! The steps of the entropy coder in vector registers of AVX2: 4 of them hold the 32 lanes.
//!
//! All give exactly what the loops in `rans` and `polarity` give. They do whole steps and leave the
//! rest to the loops.
#![expect(unsafe_code, reason = "vector loads and gathers take pointers")]

use std::arch::x86_64::*;

use super::contexts;
use super::head::Axis;
use super::history::{Cells, History, LARGE_CELLS, LARGE_FULL, NOTHING, SMALL_FULL};
use super::model::PolarityModel;
use super::polarity::CONTEXTS;
use super::rans::{self, ALONE_SLOTS, AloneSlots, FILL, LOWEST, Lanes, SLOTS, Short, Slot, Slots};
use super::values::{self, Walk};
use super::{ALONE_BITS, LANES, TOTAL, TOTAL_BITS};

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
        walk: &mut Walk,
        symbols: &[u8],
        contexts: Option<&[u8]>,
        raw: &[u8],
        out: &mut [u16],
    ) {
        // SAFETY: `detect` found the features.
        unsafe { coordinates(axis, walk, symbols, contexts, raw, out) }
    }

    /// As [`contexts::contexts`], compiled for this machine.
    pub(super) fn contexts<'a>(
        self,
        axis: &Axis,
        first_base: u16,
        t: &[u8],
        first: &[u16],
        before: Option<u16>,
        out: &'a mut [u8],
    ) -> Option<&'a [u8]> {
        // SAFETY: `detect` found the features.
        unsafe { contexts(axis, first_base, t, first, before, out) }
    }

    /// As [`rans::fill_table`], compiled for this machine.
    pub(super) fn fill_table(self, levels: &[u8], bits: u32, out: &mut [Slot]) {
        // SAFETY: `detect` found the features.
        unsafe { fill_table(levels, bits, out) }
    }

    /// As `polarity::by_history`, for whole steps; gives the number of events.
    pub(super) fn polarities(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        history: &mut History,
        places: (&[u16], &[u16]),
        out: &mut [u8],
    ) -> Result<usize, Short> {
        let contexts = Remembered {
            history,
            x: places.0.as_chunks().0.iter(),
            y: places.1.as_chunks().0.iter(),
            cells: Cells {
                small: [0; LANES],
                large: [0; LANES],
            },
            near: [NOTHING; LANES],
            far: [NOTHING; LANES],
        };
        // SAFETY: `detect` found the features.
        unsafe { bits(lanes, model, contexts, out) }
    }

    /// As `polarity::by_contexts`, for whole steps; gives the number of events.
    pub(super) fn bits(
        self,
        lanes: &mut Lanes<'_>,
        model: &PolarityModel,
        contexts: &[u8],
        out: &mut [u8],
    ) -> Result<usize, Short> {
        let contexts = Known(contexts.as_chunks().0.iter());
        // SAFETY: `detect` found the features.
        unsafe { bits(lanes, model, contexts, out) }
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
fn coordinates(
    axis: &Axis,
    walk: &mut Walk,
    symbols: &[u8],
    contexts: Option<&[u8]>,
    raw: &[u8],
    out: &mut [u16],
) {
    values::coordinates(axis, walk, symbols, contexts, raw, out);
}

#[target_feature(enable = "avx2")]
fn contexts<'a>(
    axis: &Axis,
    first_base: u16,
    t: &[u8],
    first: &[u16],
    before: Option<u16>,
    out: &'a mut [u8],
) -> Option<&'a [u8]> {
    contexts::contexts(axis, first_base, t, first, before, out)
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn fill_table(levels: &[u8], bits: u32, out: &mut [Slot]) {
    let places = std::array::from_fn(|r| {
        let at = |i| ((WIDTH * r + i) << 20) as i32;
        _mm256_setr_epi32(at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7))
    });
    let places: [__m256i; FILL / WIDTH] = places;
    rans::fill_table(levels, bits, out, |slots, first| {
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

#[target_feature(enable = "avx2,popcnt")]
fn symbols(lanes: &mut Lanes<'_>, table: &AloneSlots, out: &mut [u8]) -> Result<usize, Short> {
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

/// Where the contexts of steps of bits come from.
trait Contexts {
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
struct Remembered<'a> {
    history: &'a mut History,
    x: std::slice::Iter<'a, [u16; LANES]>,
    y: std::slice::Iter<'a, [u16; LANES]>,
    cells: Cells,
    /// The memories of these cells.
    near: [u8; LANES],
    far: [u8; LANES],
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
struct Known<'a>(std::slice::Iter<'a, [u8; LANES]>);

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
fn bits(
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
fn lanes_of(v: __m256i) -> [u32; WIDTH] {
    let mut out = [0; WIDTH];
    // SAFETY: an array of 8 numbers is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
    out
}

/// 32 numbers below 256 as bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn pack_bytes(v: [__m256i; REGISTERS]) -> __m256i {
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
fn bytes(of: impl Fn(usize) -> u8) -> __m256i {
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
fn load(bytes: &[u8; LANES]) -> __m256i {
    // SAFETY: an array of 32 bytes is what is read.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(v: __m256i, out: &mut [u8; LANES]) {
    // SAFETY: an array of 32 bytes is what is written.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
}

const _: () = assert!(
    LOWEST == 1 << 16,
    "a state is short exactly where its high half is 0"
);
