//! `libcaer_cmp`: words of 16 bits, the kind in the upper 4, that change a state; those of y are
//! events. Times are microseconds after the time base of the packet, in 24 bits.

use evz_core::{EventBatch, PartReader, PartWriter, Result};

const KIND_SHIFT: u32 = 12;
const TIME_HIGH: u16 = 0;
const TIME_LOW: u16 = 1;
const ADDR_X: u16 = 2;
const ADDR_Y: u16 = 3;
const VECT_BASE_Y: u16 = 4;
const VECT_8: u16 = 5;

/// Bits of a coordinate; the one above is the polarity.
const PIXEL: u16 = 0x7ff;

/// The state between words. Pixels are kept from packet to packet, the time is not.
#[derive(Default)]
pub(crate) struct LibcaerCmp {
    /// Nanoseconds.
    time_base: i64,
    high: u16,
    low: u16,
    x: u16,
    base_y: u16,
    base_p: u8,
}

impl LibcaerCmp {
    pub(super) fn begin(&mut self, time_base: i64) {
        self.time_base = time_base;
        (self.high, self.low) = (0, 0);
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        part.sint(self.time_base);
        for n in [self.high, self.low, self.x, self.base_y] {
            part.uint(n.into());
        }
        part.uint(self.base_p.into());
    }

    pub(super) fn told(part: &mut PartReader<'_>) -> Result<Self> {
        Ok(Self {
            time_base: part.sint()?,
            high: part.narrow()?,
            low: part.narrow()?,
            x: part.narrow()?,
            base_y: part.narrow()?,
            base_p: part.narrow()?,
        })
    }

    /// Returns how many words are of no known kind.
    pub(super) fn decode(&mut self, bytes: &[u8], batch: &mut EventBatch) -> u64 {
        let (words, _) = bytes.as_chunks();
        let mut t = self.time();
        let mut unknown = 0;
        let mut push = |t, x, y, p| {
            batch.t.push(t);
            batch.x.push(x);
            batch.y.push(y);
            batch.p.push(p);
        };
        for &word in words {
            let word = u16::from_le_bytes(word);
            let (content, polarity) = (word & 0xfff, (word >> 11) as u8 & 1);
            match word >> KIND_SHIFT {
                TIME_HIGH => {
                    self.high = content;
                    t = self.time();
                }
                TIME_LOW => {
                    self.low = content;
                    t = self.time();
                }
                ADDR_X => self.x = content & PIXEL,
                ADDR_Y => push(t, self.x, content & PIXEL, polarity),
                VECT_BASE_Y => (self.base_y, self.base_p) = (content & PIXEL, polarity),
                VECT_8 => {
                    let valid = (0..8).filter(|i| word >> i & 1 == 1);
                    let y = |i| self.base_y.wrapping_add(i);
                    valid.for_each(|i| push(t, self.x, y(i), self.base_p));
                    self.base_y = self.base_y.wrapping_add(8);
                }
                _ => unknown += 1,
            }
        }
        unknown
    }

    fn time(&self) -> i64 {
        let microseconds = i64::from(self.high) << 12 | i64::from(self.low);
        self.time_base.wrapping_add(microseconds * 1000)
    }
}
