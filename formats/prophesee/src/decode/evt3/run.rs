//! The loop over most words: without a branch for what they are.

use super::{
    ADDR_X, ADDR_Y, CHUNK, CONTINUED_4, CONTINUED_12, EXT_TRIGGER, KIND_SHIFT, OTHERS, TIME_HIGH,
    TIME_LOW, VECT_8, VECT_12, VECT_BASE_X,
};
use crate::decode::Decoded;
use crate::staging::{LOW_SHIFT, MASK, Staging, Y_SHIFT};

/// The state of the loop over words.
pub(super) struct Run {
    /// The next event without its column and polarity.
    pub(super) event: u64,
    /// TIME_HIGH as it was last; the sensor repeats it.
    pub(super) high_word: u16,
    /// Words without events, counted by what they are.
    pub(super) others: u64,
}

/// What the word of a kind does in that loop: what it keeps of the next event, what it is multiplied
/// by to add to it, and what it counts as. Time and pixel keep the kind of their word above them.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Effect {
    keep: u64,
    times: u64,
    count: u64,
}

/// What counts as an event.
const EVENT: u64 = 1;
/// What counts as a row of the master camera, and as one of the slave.
const ROWS: [u64; 2] = [1 << 32, 1 << 40];
/// What counts as a counter of the sensor.
const MONITORING: u64 = 1 << 48;
/// What counts as a word of a reserved kind.
const UNKNOWN: u64 = 1 << 56;

// Each of these has 8 bits for the words of a chunk.
const _: () = assert!(CHUNK < 1 << 8);

/// Bit 11, which tells the rows of two cameras apart, is looked up with the kind, in no more time.
const EFFECT_SHIFT: u32 = KIND_SHIFT - 1;

const EFFECTS: [Effect; 32] = {
    const fn count(count: u64) -> Effect {
        Effect {
            keep: !0,
            times: 0,
            count,
        }
    }
    const fn put(shift: u32) -> Effect {
        Effect {
            keep: !(0xffff << shift),
            times: 1 << shift,
            count: 0,
        }
    }
    let mut effects = [count(UNKNOWN); 16];
    effects[ADDR_Y as usize] = put(Y_SHIFT);
    effects[ADDR_X as usize] = count(EVENT);
    effects[VECT_BASE_X as usize] = count(0);
    effects[VECT_12 as usize] = count(0);
    effects[VECT_8 as usize] = count(0);
    effects[TIME_LOW as usize] = put(LOW_SHIFT);
    effects[CONTINUED_4 as usize] = count(MONITORING);
    effects[TIME_HIGH as usize] = count(0);
    effects[EXT_TRIGGER as usize] = count(0);
    effects[OTHERS as usize] = count(MONITORING);
    effects[CONTINUED_12 as usize] = count(MONITORING);
    let mut with_bit = [count(0); 32];
    let mut i = 0;
    while i < with_bit.len() {
        with_bit[i] = effects[i / 2];
        i += 1;
    }
    let row = ADDR_Y as usize * 2;
    with_bit[row].count = ROWS[0];
    with_bit[row + 1].count = ROWS[1];
    with_bit
};

impl Run {
    /// Whether a word needs more than is in the loop.
    pub(super) fn is_rare(&self, word: u16) -> bool {
        let kind = word >> KIND_SHIFT;
        (VECT_BASE_X..=VECT_8).contains(&kind)
            | (kind == EXT_TRIGGER)
            | ((kind == TIME_HIGH) & (word != self.high_word))
    }

    /// Decodes words up to a rare one; returns how many.
    pub(super) fn decode(&mut self, words: &[[u8; 2]], staging: &mut Staging) -> usize {
        let (mut event, mut taken) = (self.event, 0);
        // Events in the low half, all else above it.
        let mut n = staging.n as u64;
        let packed = &mut *staging.packed;
        let mut take = |word: [u8; 2]| {
            let word = u16::from_le_bytes(word);
            packed[n as usize & MASK] = event | u64::from(word);
            let effect = &EFFECTS[usize::from(word >> EFFECT_SHIFT)];
            n += effect.count;
            event = (event & effect.keep) | u64::from(word).wrapping_mul(effect.times);
        };
        // Whether there is a rare word is asked of many at once.
        let (groups, _) = words.as_chunks::<8>();
        let is_rare = |&word: &[u8; 2]| self.is_rare(u16::from_le_bytes(word));
        let is_clean = |group: &&[[u8; 2]; 8]| {
            let rare = group.iter().fold(false, |any, word| any | is_rare(word));
            !rare
        };
        let clean = groups.iter().take_while(is_clean).count();
        for group in &groups[..clean] {
            group.iter().for_each(|&word| take(word));
            taken += group.len();
        }
        for &word in &words[taken..] {
            if is_rare(&word) {
                break;
            }
            take(word);
            taken += 1;
        }
        self.event = event;
        self.others += n & !u64::from(u32::MAX);
        staging.n = n as u32 as usize;
        taken
    }
}

/// What a word counts as.
pub(super) fn count_of(word: u16) -> u64 {
    EFFECTS[usize::from(word >> EFFECT_SHIFT)].count
}

/// Takes note of the words without events among these, as they were counted.
pub(super) fn count_others(counts: u64, words: &[[u8; 2]], at: u64, out: &mut Decoded) {
    let count = |what: u64| (counts / what) & 0xff;
    for (rows, what) in out.found.rows.iter_mut().zip(ROWS) {
        *rows += count(what);
    }
    out.found.monitoring += count(MONITORING);
    let unknown = count(UNKNOWN);
    if unknown > 0 {
        let is_unknown = |word: &[u8; 2]| count_of(u16::from_le_bytes(*word)) == UNKNOWN;
        let first = words.iter().position(is_unknown).unwrap_or_default();
        out.found.unknown.add(unknown, at + first as u64 * 2);
    }
}
