//! Bytes to events.

use evz_core::{Columns, EventBatch, Note, SensorSize, ValuesMut};

use crate::encoding::{Encoding, Layout};
use crate::exposure::Crossings;

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
    /// Events beyond the sensor, and the byte of the first.
    pub(crate) beyond: Option<(u64, u64)>,
}

/// An event as its bytes have it.
struct Found<'a> {
    /// Byte 0.
    first: u8,
    t: i64,
    pixel: (u16, u16),
    /// What stands behind y.
    rest: &'a [u8],
    /// Its place in the batch.
    n: usize,
}

impl Decoder {
    pub(crate) fn new(encoding: Encoding, size: SensorSize) -> Self {
        Self {
            encoding,
            size,
            t: 0,
            last: 0,
            resets: 0,
            beyond: None,
        }
    }

    /// The same, at this time.
    pub(crate) fn at(self, t: i64) -> Self {
        Self { t, last: t, ..self }
    }

    /// The time so far.
    pub(crate) fn time(&self) -> i64 {
        self.t
    }

    /// Replaces the contents of `batch` by the events of `bytes`, which begin at byte `at` of the
    /// file, and adds the threshold crossings among them to `crossings`; returns how many bytes they
    /// take. What is left is less than an event.
    pub(crate) fn decode(
        &mut self,
        bytes: &[u8],
        at: u64,
        batch: &mut EventBatch,
        crossings: &mut Crossings,
    ) -> usize {
        batch.clear_for(&self.encoding.columns());
        // Each a loop of its own, which knows the layout.
        match self.encoding {
            Encoding::Dvs => self.run(Layout::DVS, bytes, at, batch, |found, _| {
                Some(found.first & 1)
            }),
            Encoding::Atis => self.run(Layout::ATIS, bytes, at, batch, |found, _| {
                let bit = found.first >> 1 & 1;
                if found.first & 1 == 0 {
                    return Some(bit);
                }
                crossings.push(found.t, found.pixel, bit == 1);
                None
            }),
            // They have no polarity.
            Encoding::Color => self.run(Layout::COLOR, bytes, at, batch, |found, further| {
                for (values, value) in further.iter_mut().zip(found.rest) {
                    values.bytes[found.n] = *value;
                }
                Some(1)
            }),
        }
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether time has passed behind the last event: another one must follow.
    pub(crate) fn awaits_event(&self) -> bool {
        self.t > self.last
    }

    /// What is to be known of the polarities.
    pub(crate) fn note(&self) -> Option<Note> {
        let what = "events of colour have no polarity: p is 1 for all of them";
        (self.encoding == Encoding::Color).then(|| Note::Other(what.to_owned()))
    }

    /// The state machine of every type of stream. `finish` is given what was found, and where further
    /// values go; it returns the polarity, or none of what is no event.
    #[inline(always)]
    fn run(
        &mut self,
        layout: Layout,
        bytes: &[u8],
        at: u64,
        batch: &mut EventBatch,
        mut finish: impl FnMut(Found<'_>, &mut [ValuesMut<'_>]) -> Option<u8>,
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
            // Rows count from the bottom, and there are at most 65,535.
            let pixel = (x, (height - 1) as u16 - y);
            let found = Found {
                first,
                t,
                pixel,
                rest: behind,
                n,
            };
            if let Some(p) = finish(found, &mut further) {
                (ts[n], xs[n], ys[n], ps[n]) = (t, pixel.0, pixel.1, p);
                n += 1;
            }
            rest = after;
        }
        self.t = t;
        batch.resize(n, Columns::ALL);
        bytes.len() - rest.len()
    }
}
