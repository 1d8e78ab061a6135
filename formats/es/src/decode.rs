//! Bytes to events.

use evz_core::{Columns, EventBatch, SensorSize};

use crate::header::Kind;

/// Bytes of an event of DVS and of ATIS.
const EVENT_LEN: usize = 5;

/// "DVS events": the time fills byte 0 but for bit 0, the polarity.
const DVS_BITS: u32 = 1;
/// "ATIS events": the time fills it but for bit 0, which marks threshold crossings, and bit 1, the
/// polarity.
const ATIS_BITS: u32 = 2;

/// Decodes the events of a stream in their order.
#[derive(Debug)]
pub(crate) struct Decoder {
    kind: Kind,
    size: SensorSize,
    /// The time so far.
    t: i64,
    /// The time of the last event or threshold crossing.
    last: i64,
    /// Reset bytes.
    pub(crate) resets: u64,
    /// Threshold crossings.
    pub(crate) crossings: u64,
    /// Events beyond the sensor, and the byte of the first.
    pub(crate) beyond: Option<(u64, u64)>,
}

impl Decoder {
    pub(crate) fn new(kind: Kind, size: SensorSize) -> Self {
        Self {
            kind,
            size,
            t: 0,
            last: 0,
            resets: 0,
            crossings: 0,
            beyond: None,
        }
    }

    /// Replaces the contents of `batch` by the events of `bytes`, which begin at byte `at` of the
    /// file; returns how many bytes they take. What is left is less than an event.
    pub(crate) fn decode(&mut self, bytes: &[u8], at: u64, batch: &mut EventBatch) -> usize {
        match self.kind {
            Kind::Dvs => self.run::<DVS_BITS>(bytes, at, batch),
            Kind::Atis => self.run::<ATIS_BITS>(bytes, at, batch),
        }
    }

    /// Whether time has passed behind the last event: another one must follow.
    pub(crate) fn awaits_event(&self) -> bool {
        self.t > self.last
    }

    /// The state machines of "DVS events" and "ATIS events": they differ in how many bits of byte 0
    /// are not the time's. Where all bits of the time are set it is no event: the other bits are 0
    /// for a reset, or say how often the longest time has passed.
    fn run<const BITS: u32>(&mut self, bytes: &[u8], at: u64, batch: &mut EventBatch) -> usize {
        const { assert!(BITS == DVS_BITS || BITS == ATIS_BITS) };
        let no_event = u8::MAX << BITS;
        let longest = i64::from(u8::MAX >> BITS);
        let room = bytes.len() / EVENT_LEN;
        batch.resize(room, Columns::ALL);
        let (ts, xs) = (&mut batch.t[..room], &mut batch.x[..room]);
        let (ys, ps) = (&mut batch.y[..room], &mut batch.p[..room]);
        let (width, height) = (self.size.width, self.size.height);
        let (mut rest, mut n, mut t) = (bytes, 0, self.t);
        while let Some((&first, after)) = rest.split_first() {
            if first >= no_event {
                let times = first - no_event;
                self.resets += u64::from(times == 0);
                t += longest * i64::from(times);
                rest = after;
                continue;
            }
            let Some((&[_, x0, x1, y0, y1], after)) = rest.split_first_chunk::<EVENT_LEN>() else {
                break;
            };
            t += i64::from(first >> BITS);
            self.last = t;
            if BITS == ATIS_BITS && first & 1 == 1 {
                self.crossings += 1;
                rest = after;
                continue;
            }
            let (x, y) = (u16::from_le_bytes([x0, x1]), u16::from_le_bytes([y0, y1]));
            if u32::from(x) >= width || u32::from(y) >= height {
                let first = at + (bytes.len() - rest.len()) as u64;
                self.beyond.get_or_insert((0, first)).0 += 1;
                rest = after;
                continue;
            }
            (ts[n], xs[n]) = (t, x);
            // Rows count from the bottom, and there are at most 65,535.
            ys[n] = (height - 1) as u16 - y;
            ps[n] = first >> (BITS - 1) & 1;
            n += 1;
            rest = after;
        }
        self.t = t;
        batch.resize(n, Columns::ALL);
        bytes.len() - rest.len()
    }
}
