//! `libcaer`: an event in 64 bits as libcaer holds them: 32 bits with the polarity in bit 1, y in
//! bits 2 to 16 and x in bits 17 to 31, then 31 bits of microseconds after the time base.

use evz_core::{EventBatch, PartReader, PartWriter, Result};

/// Microseconds after which the clock of a packet starts again.
const TURN: i64 = 1 << 31;

/// The state within a packet.
pub(crate) struct Libcaer {
    /// Nanoseconds.
    time_base: i64,
    last: i64,
}

impl Libcaer {
    pub(super) fn new(time_base: i64) -> Self {
        Self { time_base, last: 0 }
    }

    pub(super) fn tell(&self, part: &mut PartWriter) {
        part.sint(self.time_base);
        part.sint(self.last);
    }

    pub(super) fn told(part: &mut PartReader<'_>) -> Result<Self> {
        Ok(Self {
            time_base: part.sint()?,
            // No packet says more than 31 bits.
            last: i64::from(part.sint()? as i32),
        })
    }

    pub(super) fn decode(&mut self, bytes: &[u8], batch: &mut EventBatch) {
        let (words, _) = bytes.as_chunks::<8>();
        for &[a, b, c, d, time @ ..] in words {
            let data = u32::from_le_bytes([a, b, c, d]);
            let time = i64::from(i32::from_le_bytes(time));
            // A fall of half a turn is a new one; a smaller one is a step back.
            if self.last - time > TURN / 2 {
                self.time_base = self.time_base.wrapping_add(TURN * 1000);
            }
            self.last = time;
            batch.t.push(self.time_base.wrapping_add(time * 1000));
            batch.x.push((data >> 17) as u16 & 0x7fff);
            batch.y.push((data >> 2) as u16 & 0x7fff);
            batch.p.push((data >> 1) as u8 & 1);
        }
    }
}
