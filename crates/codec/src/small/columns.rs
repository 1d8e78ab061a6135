//! Columns as symbols, contexts and raw bits, before there are tables to code them with.

use std::ops::Range;

use super::axis::{Axis, Mode};
use super::bits::BitWriter;
use super::bucket::{PixelBucket, TimeBucket, zigzag, zigzag_time};
use super::contexts::contexts;
use super::estimate::Histogram;
use super::forever::SEGMENT_LEN;
use crate::plane::{PLANE_LEN, pack};
use crate::time::ChunkTime;

/// Raw bits of segments, each a multiple of two bytes.
#[derive(Debug, Default)]
pub(super) struct RawBits {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl RawBits {
    pub(super) fn of(&self, segment: usize) -> &[u8] {
        let start = segment.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[segment]]
    }

    /// Appends those of the next segment.
    fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        let len = self.bytes.len().next_multiple_of(2);
        self.bytes.resize(len, 0);
        self.ends.push(len);
    }
}

/// One more than the largest symbol.
fn n_symbols(symbols: &[u8]) -> usize {
    usize::from(symbols.iter().copied().max().unwrap_or(0)) + 1
}

/// The segments of so many events.
fn segments(n: usize) -> impl Iterator<Item = Range<usize>> {
    (0..n)
        .step_by(SEGMENT_LEN)
        .map(move |start| start..n.min(start + SEGMENT_LEN))
}

/// Times.
#[derive(Debug)]
pub(super) struct Times {
    /// Counts of the segments' first events.
    pub(super) first: Vec<i64>,
    pub(super) zigzag: bool,
    pub(super) symbols: Vec<u8>,
    pub(super) n_symbols: usize,
    pub(super) raw: RawBits,
}

impl Times {
    pub(super) fn new(t: &[i64], time: ChunkTime) -> Self {
        let count = time.counter();
        let mut any = 0;
        for t in t.chunks(SEGMENT_LEN) {
            any |= t
                .windows(2)
                .fold(0, |any, w| any | count(w[1]).wrapping_sub(count(w[0])));
        }
        let zigzag = any < 0;
        let mut first = Vec::new();
        let mut symbols = vec![0; t.len()];
        let mut raw = RawBits::default();
        for (t, symbols) in t.chunks(SEGMENT_LEN).zip(symbols.chunks_mut(SEGMENT_LEN)) {
            let mut before = count(t[0]);
            first.push(before);
            raw.push(|raw| {
                let mut bits = BitWriter::new(raw);
                for (&t, symbol) in t.iter().zip(symbols) {
                    let k = count(t);
                    let mut step = k.wrapping_sub(before) as u64;
                    before = k;
                    if zigzag {
                        step = zigzag_time(step);
                    }
                    *symbol = TimeBucket::symbol(step);
                    let bucket = usize::from(*symbol);
                    let width = u32::from(TimeBucket::WIDTH[bucket]);
                    if width > 0 {
                        bits.put(step - TimeBucket::BASE[bucket], width);
                    }
                }
                bits.finish();
            });
        }
        Self {
            first,
            zigzag,
            n_symbols: n_symbols(&symbols),
            symbols,
            raw,
        }
    }

    pub(super) fn counts(&self) -> Vec<Histogram> {
        segments(self.symbols.len())
            .map(|range| {
                let mut histogram = Histogram::default();
                histogram.start(1, self.n_symbols);
                for &symbol in &self.symbols[range] {
                    histogram.add(0, symbol);
                }
                histogram
            })
            .collect()
    }
}

/// A coordinate.
#[derive(Debug)]
pub(super) struct Places {
    /// Its modes. `symbols` counts those up to the largest that occurs.
    pub(super) axis: Axis,
    pub(super) symbols: Vec<u8>,
    /// Empty if there is one table.
    pub(super) contexts: Vec<u8>,
    pub(super) raw: RawBits,
}

impl Places {
    /// Of values `v`; `t` and `first` are as for [`contexts`].
    pub(super) fn new(axis: Axis, first_base: u16, t: &[u8], first: &[u16], v: &[u16]) -> Self {
        let mut all = vec![0; v.len()];
        let mut several = false;
        let mut symbols = vec![0; v.len()];
        let mut raw = RawBits::default();
        for range in segments(v.len()) {
            let first = first.get(range.clone()).unwrap_or_default();
            let t = &t[range.clone()];
            let contexts = contexts(&axis, first_base, t, first, None, &mut all[range.clone()]);
            several = contexts.is_some();
            let (v, symbols) = (&v[range.clone()], &mut symbols[range]);
            raw.push(|raw| match axis.mode {
                Mode::Direct => direct(&axis, v, symbols, raw),
                Mode::Delta => changes(&axis, v, |_| true, symbols, raw),
                Mode::Xor => changes(&axis, v, |_| true, symbols, raw),
                Mode::Mixed => {
                    let contexts = contexts.expect("mixed mode has several tables");
                    changes(&axis, v, |i| contexts[i] == 0, symbols, raw);
                }
            });
        }
        if !several {
            all.clear();
        }
        Self {
            axis: Axis {
                symbols: n_symbols(&symbols),
                ..axis
            },
            symbols,
            contexts: all,
            raw,
        }
    }

    pub(super) fn counts(&self) -> Vec<Histogram> {
        segments(self.symbols.len())
            .map(|range| {
                let mut histogram = Histogram::default();
                histogram.start(self.axis.tables(), self.axis.symbols);
                if self.contexts.is_empty() {
                    for &symbol in &self.symbols[range] {
                        histogram.add(0, symbol);
                    }
                } else {
                    let contexts = &self.contexts[range.clone()];
                    for (&symbol, &context) in self.symbols[range].iter().zip(contexts) {
                        histogram.add(context.into(), symbol);
                    }
                }
                histogram
            })
            .collect()
    }
}

fn direct(axis: &Axis, v: &[u16], symbols: &mut [u8], raw: &mut Vec<u8>) {
    for (v, symbols) in v.chunks(PLANE_LEN).zip(symbols.chunks_mut(PLANE_LEN)) {
        let mut mini = [0; PLANE_LEN];
        for ((&v, above), symbol) in v.iter().zip(&mut mini).zip(symbols) {
            *above = v - axis.base;
            *symbol = (*above >> axis.shift) as u8;
        }
        pack(axis.shift.into(), &mini, raw);
    }
}

fn changes(
    axis: &Axis,
    v: &[u16],
    follows: impl Fn(usize) -> bool,
    symbols: &mut [u8],
    raw: &mut Vec<u8>,
) {
    let mut bits = BitWriter::new(raw);
    let mut before = 0;
    for (i, (&v, symbol)) in v.iter().zip(symbols).enumerate() {
        let (value, least, width);
        if follows(i) {
            value = match axis.mode {
                Mode::Xor => v ^ before,
                _ => zigzag(v.wrapping_sub(before)),
            };
            *symbol = PixelBucket::symbol(value.into());
            least = PixelBucket::BASE[usize::from(*symbol)] as u16;
            width = PixelBucket::WIDTH[usize::from(*symbol)];
        } else {
            value = v - axis.base;
            *symbol = (value >> axis.shift) as u8;
            least = u16::from(*symbol) << axis.shift;
            width = axis.shift;
        }
        before = v;
        if width > 0 {
            bits.put((value - least).into(), width.into());
        }
    }
    bits.finish();
}
