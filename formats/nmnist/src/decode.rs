//! Records to events.

use evz_core::EventBatch;

use crate::encoding::Encoding;

/// The row of a record that marks an overflow: the first below the sensor.
const MARK: u8 = 240;
/// Microseconds that a mark adds to what follows.
const OVERFLOW: i64 = 1 << OVERFLOW_BITS;
/// Bits of the clock that overflows.
pub(crate) const OVERFLOW_BITS: u32 = 13;

/// Decodes the records of a file in their order.
#[derive(Debug, Clone)]
pub(crate) struct Decoder {
    pub(crate) encoding: Encoding,
    /// Overflow marks so far.
    pub(crate) marks: u64,
    /// Events so far whose record has bits that the layout leaves empty.
    pub(crate) stray: u64,
}

impl Decoder {
    pub(crate) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            marks: 0,
            stray: 0,
        }
    }

    /// Adds the events of all whole records to `batch`; returns how many bytes are left behind them.
    pub(crate) fn decode(&mut self, bytes: &[u8], batch: &mut EventBatch) -> usize {
        match self.encoding {
            Encoding::Nmnist => {
                let (records, rest) = bytes.as_chunks();
                self.nmnist(records, batch);
                rest.len()
            }
            Encoding::Cvpr2016 => {
                let (records, rest) = bytes.as_chunks();
                self.cvpr2016(records, batch);
                rest.len()
            }
        }
    }

    /// "Download" on the pages of N-MNIST and N-Caltech101: bits 39 to 32 are x, 31 to 24 y, 23 the
    /// polarity, 22 to 0 the time.
    fn nmnist(&mut self, records: &[[u8; 5]], batch: &mut EventBatch) {
        // Marks are rare: the runs of events between them are decoded a column at a time.
        let mut rest = records;
        while !rest.is_empty() {
            let run = rest.iter().position(|r| r[1] == MARK);
            let (events, after) = rest.split_at(run.unwrap_or(rest.len()));
            let overflows = self.marks as i64 * OVERFLOW;
            let time = |r: &[u8; 5]| u32::from_be_bytes([0, r[2] & 0x7f, r[3], r[4]]);
            (batch.t).extend(events.iter().map(|r| overflows + i64::from(time(r))));
            batch.x.extend(events.iter().map(|r| u16::from(r[0])));
            batch.y.extend(events.iter().map(|r| u16::from(r[1])));
            batch.p.extend(events.iter().map(|r| r[2] >> 7));
            self.marks += u64::from(run.is_some());
            rest = after.get(1..).unwrap_or_default();
        }
    }

    /// "Format" of the page of CVPR 2016: a word of time, then x in the bits of 0x1ff, y in those of
    /// 0x1fe00, polarity in 0x20000.
    fn cvpr2016(&mut self, records: &[[u8; 8]], batch: &mut EventBatch) {
        let time = |r: &[u8; 8]| u32::from_le_bytes([r[0], r[1], r[2], r[3]]);
        let data = |r: &[u8; 8]| u32::from_le_bytes([r[4], r[5], r[6], r[7]]);
        batch.t.extend(records.iter().map(|r| i64::from(time(r))));
        (batch.x).extend(records.iter().map(|r| (data(r) & 0x1ff) as u16));
        (batch.y).extend(records.iter().map(|r| (data(r) >> 9 & 0xff) as u16));
        (batch.p).extend(records.iter().map(|r| (data(r) >> 17 & 1) as u8));
        self.stray += records.iter().filter(|r| data(r) >> 18 != 0).count() as u64;
    }
}
