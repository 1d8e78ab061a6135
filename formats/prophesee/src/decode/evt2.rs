//! EVT2: 32-bit words, most of them an event with the low bits of its time.
//!
//! docs.prophesee.ai, "EVT 2.0 Format"; OpenEB, `hal/cpp/include/metavision/hal/decoders/evt2`.

use evz_core::{PartReader, PartWriter, Result};

use super::Decoded;
use super::high::{VALUE, low, show, time};
use crate::clock::Evt2High;
use crate::staging::{LOW_SHIFT, MASK, P_SHIFT, PIXELS, Y_SHIFT};

/// The kind of a word stands in its highest bits.
const KIND_SHIFT: u32 = 28;
const CD_ON: u32 = 0x1;
const TIME_HIGH: u32 = 0x8;
const EXT_TRIGGER: u32 = 0xa;
const IMU: u32 = 0xd;
const OTHERS: u32 = 0xe;
const CONTINUED: u32 = 0xf;

/// Words that are decoded without asking whether their events fit.
const CHUNK: usize = 256;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evt2 {
    high: Option<Evt2High>,
}

impl Evt2 {
    pub(super) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        let (words, _) = bytes.as_chunks::<4>();
        let start = self.find_start(words, at, out);
        let at = at + start as u64 * 4;
        for (i, words) in words[start..].chunks(CHUNK).enumerate() {
            out.staging.make_room(CHUNK, &mut out.batch);
            self.decode_chunk(words, at + (i * CHUNK * 4) as u64, out);
        }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        Evt2High::tell(self.high, part);
    }

    pub(super) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.high = Evt2High::told(part)?;
        Ok(())
    }

    /// Goes on as if `bytes` had been decoded.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<4>();
        for words in words.chunks(CHUNK) {
            let words = || words.iter().map(|word| u32::from_le_bytes(*word));
            let is_high = |word: u32| word >> KIND_SHIFT == TIME_HIGH;
            // Without a branch, as long as the clock cannot have started again.
            let mut leaps = self.high.is_none();
            let mut last = self.high.map_or(0, |high| high.value());
            for word in words() {
                let value = if is_high(word) { word & VALUE } else { last };
                leaps |= value.abs_diff(last) >= 1 << 27;
                last = value;
            }
            match &mut self.high {
                Some(high) if !leaps => high.stay(last),
                high => words().filter(|&word| is_high(word)).for_each(|word| {
                    show(high, word);
                }),
            }
        }
    }

    /// Reads words until one has said the time; returns how many.
    fn find_start(&mut self, words: &[[u8; 4]], at: u64, out: &mut Decoded) -> usize {
        for (i, &word) in words.iter().enumerate() {
            if self.high.is_some() {
                return i;
            }
            let (word, at) = (u32::from_le_bytes(word), at + i as u64 * 4);
            match word >> KIND_SHIFT {
                TIME_HIGH => {
                    show(&mut self.high, word);
                }
                kind if kind <= CD_ON || kind == EXT_TRIGGER => out.found.unplaced.add(1, at),
                kind => count_other(kind, at, out),
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
        for (i, &word) in words.iter().enumerate() {
            let word = u32::from_le_bytes(word);
            let kind = word >> KIND_SHIFT;
            if kind > CD_ON && word != high_word {
                match kind {
                    TIME_HIGH => {
                        out.found.wraps += u64::from(high.show(word & VALUE));
                        high_word = word;
                        let t = time(high, 0);
                        out.staging.n = n;
                        out.staging.keep_near(t, &mut out.batch);
                        n = out.staging.n;
                        state = out.staging.pack_time(t);
                    }
                    EXT_TRIGGER => {
                        let t = time(high, low(word));
                        out.trigger(t, word & 1 != 0, (word >> 8) as u8 & 0x1f);
                    }
                    _ => count_other(kind, at + i as u64 * 4, out),
                }
                continue;
            }
            let x = (word >> 11) & u32::from(PIXELS - 1);
            let y = word & u32::from(PIXELS - 1);
            let pixel = y << Y_SHIFT | kind << P_SHIFT | x;
            out.staging.packed[n & MASK] =
                state | u64::from(low(word)) << LOW_SHIFT | u64::from(pixel);
            n += usize::from(kind <= CD_ON);
        }
        out.staging.n = n;
        self.high = Some(high);
    }
}

fn count_other(kind: u32, at: u64, out: &mut Decoded) {
    if kind == OTHERS || kind == CONTINUED {
        out.found.monitoring += 1;
    } else {
        out.found.imu += u64::from(kind == IMU);
        out.found.unknown.add(1, at);
    }
}
