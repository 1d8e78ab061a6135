//! Bytes to events.

use evz_core::{Columns, EventBatch, Note, SensorSize, ValuesMut};

use crate::encoding::{CROSSING, Encoding, Layout};

/// Decodes the events of a stream in their order.
#[derive(Debug)]
pub(crate) struct Decoder {
    encoding: Encoding,
    size: SensorSize,
    /// The time so far.
    t: i64,
    /// The time of the last event.
    last: i64,
    /// Reset bytes.
    pub(crate) resets: u64,
    /// Threshold crossings.
    crossings: u64,
    /// Events beyond the sensor, and the byte of the first.
    pub(crate) beyond: Option<(u64, u64)>,
}

impl Decoder {
    pub(crate) fn new(encoding: Encoding, size: SensorSize) -> Self {
        Self {
            encoding,
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
        batch.clear_for(&self.encoding.columns());
        // Each a loop of its own, which knows the layout.
        match self.encoding {
            Encoding::Dvs => self.run(Layout::DVS, bytes, at, batch, |first, _, _, _| first & 1),
            Encoding::Atis => {
                let used = self.run(Layout::ATIS, bytes, at, batch, |first, _, n, further| {
                    further[0].bytes[n] = first & 1;
                    first >> 1 & 1
                });
                let crossings = batch.extra.iter().flat_map(|v| v.as_slice().as_bytes());
                self.crossings += crossings.map(|is| u64::from(*is)).sum::<u64>();
                used
            }
            // They have no polarity.
            Encoding::Color => self.run(Layout::COLOR, bytes, at, batch, |_, rest, n, further| {
                for (values, value) in further.iter_mut().zip(rest) {
                    values.bytes[n] = *value;
                }
                1
            }),
        }
    }

    /// Whether time has passed behind the last event: another one must follow.
    pub(crate) fn awaits_event(&self) -> bool {
        self.t > self.last
    }

    /// What is to be known of the polarities.
    pub(crate) fn note(&self) -> Option<Note> {
        let what = match (self.encoding, self.crossings) {
            (Encoding::Color, _) => {
                "events of colour have no polarity: p is 1 for all of them".to_owned()
            }
            (_, 0) => return None,
            (_, n) => format!(
                "{n} of the events are threshold crossings, halves of exposure measurements: \
                 {CROSSING} is 1 for them, and p tells the second half from the first, not ON from OFF"
            ),
        };
        Some(Note::Other(what))
    }

    /// The state machine of every type of stream. `finish` is given byte 0 of an event, what stands
    /// behind y, and where its further values go; it returns the polarity.
    #[inline(always)]
    fn run(
        &mut self,
        layout: Layout,
        bytes: &[u8],
        at: u64,
        batch: &mut EventBatch,
        finish: impl Fn(u8, &[u8], usize, &mut [ValuesMut<'_>]) -> u8,
    ) -> usize {
        let room = bytes.len() / layout.len;
        batch.resize(room, Columns::ALL);
        let (ts, xs) = (&mut batch.t[..room], &mut batch.x[..room]);
        let (ys, ps) = (&mut batch.y[..room], &mut batch.p[..room]);
        let further = batch.extra.iter_mut();
        let mut further: Vec<_> = further.filter_map(|v| v.get_mut(0..room)).collect();
        let (width, height) = (self.size.width, self.size.height);
        let (mut rest, mut n, mut t) = (bytes, 0, self.t);
        while let Some((&first, after)) = rest.split_first() {
            if first >= layout.reset {
                let times = first - layout.reset;
                self.resets += u64::from(times == 0);
                t += i64::from(layout.longest) * i64::from(times);
                rest = after;
                continue;
            }
            let Some((event, after)) = rest.split_at_checked(layout.len) else {
                break;
            };
            let &[_, x0, x1, y0, y1, ref behind @ ..] = event else {
                break;
            };
            t += i64::from(first >> layout.flags);
            self.last = t;
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
            ps[n] = finish(first, behind, n, &mut further);
            n += 1;
            rest = after;
        }
        self.t = t;
        batch.resize(n, Columns::ALL);
        bytes.len() - rest.len()
    }
}
