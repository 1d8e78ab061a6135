//! EVT2.1: 64-bit words, most of them the events of up to 32 neighbours in a row.
//!
//! docs.prophesee.ai, "EVT 2.1 Format"; OpenEB, `hal/cpp/include/metavision/hal/decoders/evt21`.

use evz_core::{PartReader, PartWriter, Result};

use super::Decoded;
use super::high::{VALUE, low, show, time};
use crate::WordOrder;
use crate::clock::Evt2High;
use crate::staging::{LOW_SHIFT, MASK, P_SHIFT, PIXELS, Y_SHIFT};

/// The kind of a word stands in its highest bits.
const KIND_SHIFT: u32 = 28;
pub(crate) const POS: u32 = 0x1;
pub(crate) const TIME_HIGH: u32 = 0x8;
pub(crate) const EXT_TRIGGER: u32 = 0xa;
pub(crate) const OTHERS: u32 = 0xe;
pub(crate) const CONTINUED: u32 = 0xf;

/// Events that a word can have.
const LANES: u32 = 32;

/// A word: the half with kind, time and pixel, and the half that says which neighbours have events.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) head: u32,
    pub(crate) mask: u32,
}

impl Word {
    pub(crate) fn read(bytes: [u8; 8], order: WordOrder) -> Self {
        let word = u64::from_le_bytes(bytes);
        let (low, high) = (word as u32, (word >> 32) as u32);
        match order {
            WordOrder::Little => Self {
                head: high,
                mask: low,
            },
            WordOrder::Legacy => Self {
                head: low,
                mask: high,
            },
        }
    }

    pub(crate) fn kind(self) -> u32 {
        self.head >> KIND_SHIFT
    }

    /// The column of the first neighbour.
    pub(crate) fn x(self) -> u32 {
        (self.head >> 11) & u32::from(PIXELS - 1)
    }

    pub(crate) fn y(self) -> u32 {
        self.head & u32::from(PIXELS - 1)
    }

    /// The high bits of the time, of TIME_HIGH.
    pub(crate) fn high(self) -> u32 {
        self.head & VALUE
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Evt21 {
    order: WordOrder,
    high: Option<Evt2High>,
}

impl Evt21 {
    pub(super) fn new(order: WordOrder) -> Self {
        Self { order, high: None }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        Evt2High::tell(self.high, part);
    }

    pub(super) fn told(&mut self, part: &mut PartReader<'_>) -> Result<()> {
        self.high = Evt2High::told(part)?;
        Ok(())
    }

    pub(super) fn decode(&mut self, bytes: &[u8], at: u64, out: &mut Decoded) {
        let (words, _) = bytes.as_chunks::<8>();
        for (i, &word) in words.iter().enumerate() {
            let (word, at) = (Word::read(word, self.order), at + i as u64 * 8);
            let kind = word.kind();
            match kind {
                TIME_HIGH => {
                    out.found.wraps += u64::from(show(&mut self.high, word.head));
                }
                _ if kind <= POS => match self.high {
                    Some(high) => decode_vector(word, high, at, out),
                    None => out.found.unplaced.add(word.mask.count_ones().into(), at),
                },
                EXT_TRIGGER => match self.high {
                    Some(high) => {
                        let id = (word.head >> 8) as u8 & 0x1f;
                        out.trigger(time(high, low(word.head)), word.head & 1 != 0, id);
                    }
                    None => out.found.unplaced.add(1, at),
                },
                OTHERS | CONTINUED => out.found.monitoring += 1,
                _ => out.found.unknown.add(1, at),
            }
        }
    }

    /// Goes on as if `bytes` had been decoded.
    pub(super) fn skip(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<8>();
        let words = words.iter().map(|&word| Word::read(word, self.order));
        for word in words.filter(|word| word.kind() == TIME_HIGH) {
            show(&mut self.high, word.head);
        }
    }
}

fn decode_vector(word: Word, high: Evt2High, at: u64, out: &mut Decoded) {
    let mut mask = word.mask;
    let room = u32::from(PIXELS) - word.x();
    if room < LANES {
        let beyond = mask >> room;
        out.found.off_grid.add(beyond.count_ones().into(), at);
        mask &= (1 << room) - 1;
    }
    out.staging.make_room(LANES as usize, &mut out.batch);
    out.staging.keep_near(time(high, 0), &mut out.batch);
    let pixel = word.y() << Y_SHIFT | word.kind() << P_SHIFT | word.x();
    let first = out.staging.pack_time(time(high, 0))
        | u64::from(low(word.head)) << LOW_SHIFT
        | u64::from(pixel);
    let staging = &mut out.staging;
    while mask != 0 {
        staging.packed[staging.n & MASK] = first + u64::from(mask.trailing_zeros());
        staging.n += 1;
        mask &= mask - 1;
    }
}
