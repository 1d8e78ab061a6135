//! EVT4: 32-bit words, most of them an event with the low bits of its time; and vectors, of which the
//! word that follows says which of 32 neighbours have events.
//!
//! OpenEB, `hal/cpp/include/metavision/hal/decoders/evt4`: `evt4_event_types.h` for the words,
//! `evt4_decoder.h` for what they do.

use evz_core::{PartReader, PartWriter, Result};

use super::Decoded;
use super::high::{VALUE, low, show, time};
use crate::clock::Evt2High;
use crate::staging::{LOW_SHIFT, MASK, P_SHIFT, PIXELS, Y_SHIFT};

/// The kind of a word stands in its highest bits.
const KIND_SHIFT: u32 = 28;
const OTHER: u32 = 0x6;
const CONTINUED: u32 = 0x7;
const EXT_TRIGGER: u32 = 0x9;
const TIME_HIGH: u32 = 0xe;
/// Events and vectors have their polarity in the lowest bit of their kind.
const CD: u32 = 0xa >> 1;
const CD_VEC: u32 = 0xc >> 1;
const PADDING: u32 = 0xffff_ffff;

/// Events that a vector can have.
const LANES: usize = 32;
/// Words that are decoded without asking whether their events fit.
const CHUNK: usize = 128;
/// The most events of as many words: vectors of two words, and one that has begun before.
const CHUNK_EVENTS: usize = (CHUNK / 2 + 1) * LANES;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evt4 {
    high: Option<Evt2High>,
    /// A vector whose second word comes next.
    open: Option<u32>,
}

impl Evt4 {
    pub(super) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        let (words, _) = bytes.as_chunks::<4>();
        let start = self.find_start(words, at, out);
        let at = at + start as u64 * 4;
        for (i, words) in words[start..].chunks(CHUNK).enumerate() {
            out.staging.make_room(CHUNK_EVENTS, &mut out.batch);
            self.decode_chunk(words, at + (i * CHUNK * 4) as u64, out);
        }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        Evt2High::tell(self.high, part);
        part.maybe(self.open.map(u64::from));
    }

    pub(super) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.high = Evt2High::told(part)?;
        // Any word may be a vector's: what is none decodes to other events, which are found out.
        self.open = part.maybe()?.map(|word| word as u32);
        Ok(())
    }

    /// Goes on as if `bytes` had been decoded.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<4>();
        for words in words.chunks(CHUNK) {
            let before = self.clone();
            // Without a branch, as long as the clock cannot have started again.
            let mut leaps = self.high.is_none();
            let mut last = self.high.map_or(0, |high| high.value());
            let (mut word, mut is_mask) = (0, self.open.is_some());
            for bytes in words {
                word = u32::from_le_bytes(*bytes);
                let kind = word >> KIND_SHIFT;
                let is_high = !is_mask & (kind == TIME_HIGH);
                let value = if is_high { word & VALUE } else { last };
                leaps |= value.abs_diff(last) >= 1 << 27;
                last = value;
                is_mask = !is_mask & (kind >> 1 == CD_VEC);
            }
            self.open = is_mask.then_some(word);
            match &mut self.high {
                Some(high) if !leaps => high.stay(last),
                high => before.each_high(words, |word| {
                    show(high, word);
                }),
            }
        }
    }

    /// Bytes so far that wait for those that follow.
    pub(super) fn waiting(&self) -> usize {
        if self.open.is_some() { 4 } else { 0 }
    }

    /// Calls `show` with every TIME_HIGH.
    fn each_high(&self, words: &[[u8; 4]], mut show: impl FnMut(u32)) {
        let mut is_mask = self.open.is_some();
        for word in words.iter().map(|word| u32::from_le_bytes(*word)) {
            let kind = word >> KIND_SHIFT;
            if !is_mask && kind == TIME_HIGH {
                show(word);
            }
            is_mask = !is_mask && kind >> 1 == CD_VEC;
        }
    }

    /// Reads words until one has said the time; returns how many.
    fn find_start(&mut self, words: &[[u8; 4]], at: u64, out: &mut Decoded) -> usize {
        for (i, &word) in words.iter().enumerate() {
            if self.high.is_some() {
                return i;
            }
            let (word, at) = (u32::from_le_bytes(word), at + i as u64 * 4);
            if self.open.take().is_some() {
                out.found.unplaced.add(word.count_ones().into(), at - 4);
                continue;
            }
            match word >> KIND_SHIFT {
                TIME_HIGH => {
                    show(&mut self.high, word);
                }
                kind if kind >> 1 == CD_VEC => self.open = Some(word),
                kind if kind >> 1 == CD || kind == EXT_TRIGGER => out.found.unplaced.add(1, at),
                _ => count_other(word, at, out),
            }
        }
        words.len()
    }

    fn decode_chunk(&mut self, words: &[[u8; 4]], at: u64, out: &mut Decoded) {
        let Some(mut high) = self.high else {
            return;
        };
        out.staging.keep_near(time(high, 0), &mut out.batch);
        let mut state = out.staging.pack_time(time(high, 0));
        let mut high_word = TIME_HIGH << KIND_SHIFT | high.value();
        let mut n = out.staging.n;
        let mut rest = words.iter().map(|&word| u32::from_le_bytes(word));
        let len = words.len();
        // Where the last word that was taken begins.
        let place = |rest: usize| at + (len - rest - 1) as u64 * 4;
        if let Some(head) = self.open.take() {
            match rest.next() {
                Some(mask) => {
                    decode_vector(state, head, mask, place(rest.len()) - 4, out);
                    n = out.staging.n;
                }
                None => self.open = Some(head),
            }
        }
        while let Some(word) = rest.next() {
            let kind = word >> KIND_SHIFT;
            if kind >> 1 == CD || word == high_word {
                out.staging.packed[n & MASK] = event(state, word);
                n += usize::from(kind >> 1 == CD);
                continue;
            }
            let at = place(rest.len());
            out.staging.n = n;
            match kind {
                kind if kind >> 1 == CD_VEC => match rest.next() {
                    Some(mask) => decode_vector(state, word, mask, at, out),
                    None => self.open = Some(word),
                },
                TIME_HIGH => {
                    out.found.wraps += u64::from(high.show(word & VALUE));
                    high_word = word;
                    let t = time(high, 0);
                    out.staging.keep_near(t, &mut out.batch);
                    state = out.staging.pack_time(t);
                }
                EXT_TRIGGER => {
                    let t = time(high, low(word));
                    out.trigger(t, word & 1 != 0, (word >> 8) as u8 & 0x1f);
                }
                _ => count_other(word, at, out),
            }
            n = out.staging.n;
        }
        out.staging.n = n;
        self.high = Some(high);
    }
}

/// The event of a word, or the first of a vector; `state` has its time.
fn event(state: u64, word: u32) -> u64 {
    let (x, y) = (pixel(word >> 11), pixel(word));
    let p = word >> KIND_SHIFT & 1;
    state
        | u64::from(low(word)) << LOW_SHIFT
        | u64::from(y << Y_SHIFT)
        | u64::from(p << P_SHIFT | x)
}

/// The column or row in the lowest bits.
fn pixel(word: u32) -> u32 {
    word & u32::from(PIXELS - 1)
}

/// Adds the events of the vector that begins at byte `at`; there is room for them.
fn decode_vector(state: u64, head: u32, mut mask: u32, at: u64, out: &mut Decoded) {
    let room = u32::from(PIXELS) - pixel(head >> 11);
    if room < LANES as u32 {
        let beyond = mask >> room;
        out.found.off_grid.add(beyond.count_ones().into(), at);
        mask &= (1 << room) - 1;
    }
    let first = event(state, head);
    let staging = &mut out.staging;
    while mask != 0 {
        staging.packed[staging.n & MASK] = first + u64::from(mask.trailing_zeros());
        staging.n += 1;
        mask &= mask - 1;
    }
}

fn count_other(word: u32, at: u64, out: &mut Decoded) {
    match word >> KIND_SHIFT {
        OTHER | CONTINUED => out.found.monitoring += 1,
        _ if word == PADDING => out.found.padding += 1,
        _ => out.found.unknown.add(1, at),
    }
}
