//! EVT3: 16-bit words that change a state; some of them are events.
//!
//! docs.prophesee.ai, "EVT 3.0 Format"; OpenEB, `hal/cpp/include/metavision/hal/decoders/evt3`. Bit 11 of
//! ADDR_Y is 0 for the master camera of a pair and 1 for the slave: OpenEB,
//! `standalone_samples/metavision_evt3_raw_file_decoder`.

mod run;
mod skip;

use evz_core::{PartReader, PartWriter, Result};

use super::Decoded;
use crate::clock::Evt3High;
use crate::staging::{MASK, P_SHIFT, PIXELS, Y_SHIFT};
use run::Run;

/// The kind of a word stands in its highest bits.
const KIND_SHIFT: u32 = 12;
const ADDR_Y: u16 = 0x0;
const ADDR_X: u16 = 0x2;
const VECT_BASE_X: u16 = 0x3;
const VECT_12: u16 = 0x4;
const VECT_8: u16 = 0x5;
const TIME_LOW: u16 = 0x6;
const CONTINUED_4: u16 = 0x7;
const TIME_HIGH: u16 = 0x8;
const EXT_TRIGGER: u16 = 0xa;
const OTHERS: u16 = 0xe;
const CONTINUED_12: u16 = 0xf;

/// Words that are decoded without asking whether their events fit.
const CHUNK: usize = 128;
/// The most events of as many words.
const CHUNK_EVENTS: usize = CHUNK * 12;

/// What the words so far say of the next event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Evt3 {
    high: Option<Evt3High>,
    low: u16,
    row: Option<u16>,
    vector: Option<Vector>,
}

/// Column and polarity where the next vector begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Vector {
    x: u32,
    p: u16,
}

impl Evt3 {
    pub(super) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        let (words, _) = bytes.as_chunks::<2>();
        let start = self.decode_start(words, at, out);
        let at = at + start as u64 * 2;
        for (i, words) in words[start..].chunks(CHUNK).enumerate() {
            out.staging.make_room(CHUNK_EVENTS, &mut out.batch);
            self.decode_chunk(words, at + (i * CHUNK * 2) as u64, out);
        }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        Evt3High::tell(self.high, part);
        part.uint(self.low.into());
        part.maybe(self.row.map(u64::from));
        part.maybe(self.vector.map(|v| u64::from(v.x) << 1 | u64::from(v.p)));
    }

    pub(super) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.high = Evt3High::told(part)?;
        self.low = part.uint()? as u16 & 0xfff;
        self.row = part.maybe()?.map(|row| row as u16 & (PIXELS - 1));
        let vector = part.maybe()?;
        self.vector = vector.map(|v| Vector {
            x: u32::try_from(v >> 1).unwrap_or(u32::MAX),
            p: v as u16 & 1,
        });
        Ok(())
    }

    fn has_started(&self) -> bool {
        self.high.is_some() && self.row.is_some()
    }

    /// What a word does to the state. Whether the clock has started again.
    fn note(&mut self, word: u16) -> bool {
        let content = word & 0xfff;
        match word >> KIND_SHIFT {
            ADDR_Y => self.row = Some(content & (PIXELS - 1)),
            VECT_BASE_X => self.vector = Some(Vector::starting_at(content)),
            VECT_12 | VECT_8 => {
                if let Some(vector) = &mut self.vector {
                    vector.x = vector.x.saturating_add(vector_mask(word).1);
                }
            }
            TIME_LOW => self.low = content,
            TIME_HIGH => match &mut self.high {
                Some(high) if high.value() == content.into() => {}
                Some(high) => {
                    // What was said of the low bits was said of another time.
                    self.low = 0;
                    return high.show(content.into());
                }
                None => {
                    self.low = 0;
                    self.high = Some(Evt3High::starting_at(content.into()));
                }
            },
            _ => {}
        }
        false
    }

    /// Decodes words until the time and the row are known; returns how many.
    fn decode_start(&mut self, words: &[[u8; 2]], at: u64, out: &mut Decoded) -> usize {
        words
            .iter()
            .enumerate()
            .position(|(i, &word)| {
                if self.has_started() {
                    return true;
                }
                let at = at + i as u64 * 2;
                let word = u16::from_le_bytes(word);
                match word >> KIND_SHIFT {
                    ADDR_X => out.found.unplaced.add(1, at),
                    VECT_12 | VECT_8 => {
                        let events = vector_mask(word).0.count_ones();
                        out.found.unplaced.add(events.into(), at);
                    }
                    EXT_TRIGGER => match self.high {
                        Some(high) => decode_trigger(time(high, self.low), word, out),
                        None => out.found.unplaced.add(1, at),
                    },
                    _ => run::count_others(run::count_of(word), &words[i..=i], at, out),
                }
                out.found.wraps += u64::from(self.note(word));
                false
            })
            .unwrap_or(words.len())
    }

    fn decode_chunk(&mut self, words: &[[u8; 2]], at: u64, out: &mut Decoded) {
        let (Some(mut high), Some(row)) = (self.high, self.row) else {
            return;
        };
        out.staging.keep_near(time(high, 0), &mut out.batch);
        let row = u64::from(row) << Y_SHIFT;
        let mut run = Run {
            event: out.staging.pack_time(time(high, self.low)) | row,
            high_word: high_word(high),
            others: 0,
        };
        let mut next = 0;
        while next < words.len() {
            next += run.decode(&words[next..], &mut out.staging);
            while let Some(&word) = words.get(next)
                && run.is_rare(u16::from_le_bytes(word))
            {
                let word = u16::from_le_bytes(word);
                match word >> KIND_SHIFT {
                    VECT_BASE_X => {
                        self.note(word);
                    }
                    VECT_12 | VECT_8 => {
                        self.decode_vector(word, run.event, at + next as u64 * 2, out);
                        self.note(word);
                    }
                    TIME_HIGH => {
                        out.found.wraps += u64::from(high.show((word & 0xfff).into()));
                        out.staging.keep_near(time(high, 0), &mut out.batch);
                        let row = run.event & (u64::from(PIXELS - 1) << Y_SHIFT);
                        run.event = out.staging.pack_time(time(high, 0)) | row;
                        run.high_word = word;
                    }
                    _ => decode_trigger(out.staging.time_of(run.event), word, out),
                }
                next += 1;
            }
        }
        run::count_others(run.others, words, at, out);
        self.high = Some(high);
        self.low = (out.staging.time_of(run.event) & 0xfff) as u16;
        self.row = Some((run.event >> Y_SHIFT) as u16 & (PIXELS - 1));
    }

    fn decode_vector(&self, word: u16, event: u64, at: u64, out: &mut Decoded) {
        let (mut mask, len) = vector_mask(word);
        let Some(vector) = self.vector else {
            out.found.unplaced.add(mask.count_ones().into(), at);
            return;
        };
        let room = u32::from(PIXELS).saturating_sub(vector.x);
        if room < len {
            let beyond = mask >> room;
            out.found.off_grid.add(beyond.count_ones().into(), at);
            mask &= (1 << room) - 1;
        }
        let first = event | u64::from(vector.p) << P_SHIFT;
        let staging = &mut out.staging;
        while mask != 0 {
            let x = vector.x + mask.trailing_zeros();
            staging.packed[staging.n & MASK] = first | u64::from(x);
            staging.n += 1;
            mask &= mask - 1;
        }
    }
}

impl Vector {
    fn starting_at(content: u16) -> Self {
        Self {
            x: u32::from(content & (PIXELS - 1)),
            p: content >> P_SHIFT,
        }
    }
}

fn time(high: Evt3High, low: u16) -> i64 {
    high.ticks() << 12 | i64::from(low)
}

/// The word that says this time once more.
fn high_word(high: Evt3High) -> u16 {
    TIME_HIGH << KIND_SHIFT | high.value() as u16
}

/// The pixels that a vector has events of, and how many there could be.
fn vector_mask(word: u16) -> (u32, u32) {
    let len = if word >> KIND_SHIFT == VECT_12 { 12 } else { 8 };
    (u32::from(word) & ((1 << len) - 1), len)
}

fn decode_trigger(t: i64, word: u16, out: &mut Decoded) {
    out.trigger(t, word & 1 != 0, (word >> 8) as u8 & 0xf);
}
