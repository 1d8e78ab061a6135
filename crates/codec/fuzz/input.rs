//! The bytes of an input: what is asked of a decoder, then a payload.

use std::ops::Range;

use evz_codec::{ChunkTime, Payload};
use evz_core::Columns;

const HEAD_SIZE: usize = 33;

#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) n_events: u16,
    pub(crate) toc_len: u16,
    pub(crate) range: Range<u16>,
    pub(crate) columns: Columns,
    pub(crate) time: ChunkTime,
    /// A time to be found.
    pub(crate) t: i64,
    pub(crate) bytes: Vec<u8>,
}

impl Input {
    pub(crate) fn write(&self) -> Vec<u8> {
        let Columns { t, x, y, p, .. } = self.columns;
        let columns = [t, x, y, p]
            .iter()
            .rev()
            .fold(0, |bits, &wanted| bits << 1 | u8::from(wanted));
        let mut out = Vec::new();
        for v in [
            self.n_events,
            self.toc_len,
            self.range.start,
            self.range.end,
        ] {
            out.extend(v.to_le_bytes());
        }
        out.push(columns);
        out.extend(self.time.first.to_le_bytes());
        out.extend(self.time.divisor.to_le_bytes());
        out.extend(self.t.to_le_bytes());
        assert_eq!(out.len(), HEAD_SIZE);
        out.extend(&self.bytes);
        out
    }

    /// None if it is too short.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (head, bytes) = bytes.split_first_chunk::<HEAD_SIZE>()?;
        let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let long = |at: usize| std::array::from_fn(|i| head[at + i]);
        let wanted = |bit: u8| head[8] >> bit & 1 == 1;
        Some(Self {
            n_events: short(0),
            toc_len: short(2),
            range: short(4)..short(6),
            columns: Columns {
                t: wanted(0),
                x: wanted(1),
                y: wanted(2),
                p: wanted(3),
                ..Columns::NONE
            },
            time: ChunkTime {
                first: i64::from_le_bytes(long(9)),
                divisor: u64::from_le_bytes(long(17)),
            },
            t: i64::from_le_bytes(long(25)),
            bytes: bytes.to_vec(),
        })
    }

    pub(crate) fn payload(&self) -> Payload<'_> {
        Payload {
            bytes: &self.bytes,
            toc_len: self.toc_len.into(),
            n_events: self.n_events.into(),
            time: self.time,
            sorted: false,
        }
    }
}
