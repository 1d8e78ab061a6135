//! Which modes of the axes suit a chunk.

use super::axis::{Axis, Given, Mode, TIME_CONTEXTS};
use super::bucket::{PIXEL_BUCKETS, PixelBucket, zigzag};
use super::estimate::Histogram;
use super::frequency::MAX_SYMBOLS;
use super::sample::Sample;

/// Least and largest value of a coordinate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) min: u16,
    pub(super) max: u16,
}

impl Extent {
    pub(super) fn of(values: &[u16]) -> Self {
        let (min, max) = values
            .iter()
            .fold((u16::MAX, 0), |(min, max), &v| (v.min(min), v.max(max)));
        Self { min, max }
    }

    fn span(self) -> u16 {
        self.max - self.min
    }

    /// The least shift that leaves so many values.
    fn shift_to(self, values: usize) -> u8 {
        (0..=16)
            .find(|&shift| usize::from(self.span()).wrapping_shr(shift) < values)
            .expect("a shift of 16 leaves one value") as u8
    }
}

/// Which axis comes first, and the modes of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct AxisChoice {
    pub(super) swap: bool,
    pub(super) a: Axis,
    pub(super) b: Axis,
    bits: f32,
}

impl AxisChoice {
    /// The cheapest modes for a chunk with such a sample and extents of x and y.
    pub(super) fn new(sample: &Sample, x: Extent, y: Extent) -> Self {
        let straight = Self::of_order(sample, false, (&sample.y, y), (&sample.x, x));
        let swapped = Self::of_order(sample, true, (&sample.x, x), (&sample.y, y));
        if swapped.bits < straight.bits {
            swapped
        } else {
            straight
        }
    }

    fn of_order(
        sample: &Sample,
        swap: bool,
        (a, a_extent): (&[u16], Extent),
        (b, b_extent): (&[u16], Extent),
    ) -> Self {
        let mut counts = Histogram::default();
        let (a_axis, a_bits) = first_axis(sample, a, a_extent, &mut counts);
        let (b_axis, b_bits) = second_axis(sample, a, a_extent, b, b_extent, &mut counts);
        Self {
            swap,
            a: a_axis,
            b: b_axis,
            bits: a_bits + b_bits,
        }
    }
}

/// A direct axis with one table.
fn direct(extent: Extent, shift: u8) -> Axis {
    Axis {
        mode: Mode::Direct,
        given: Given::Nothing,
        shift,
        given_shift: 0,
        given_values: 1,
        symbols: usize::from(extent.span() >> shift) + 1,
        span: 0,
        base: extent.min,
    }
}

/// The cheapest of candidates, and its bits.
struct Best(Axis, f32);

impl Best {
    fn offer(&mut self, axis: Axis, bits: f32) {
        if bits < self.1 {
            *self = Self(axis, bits);
        }
    }
}

fn time_context(t: u8) -> usize {
    usize::from(t).min(TIME_CONTEXTS - 1)
}

/// The sum of a histogram's tables, as one table.
fn merged(counts: &Histogram) -> Histogram {
    let mut all = vec![0; counts.symbols];
    for row in counts.counts.chunks_exact(counts.symbols) {
        for (sum, &count) in all.iter_mut().zip(row) {
            *sum += count;
        }
    }
    Histogram {
        tables: 1,
        symbols: counts.symbols,
        counts: all,
    }
}

/// Offers the modes difference and xor, each with the contexts of time and with none.
fn offer_changes(sample: &Sample, v: &[u16], counts: &mut Histogram, axis: Axis, best: &mut Best) {
    for mode in [Mode::Delta, Mode::Xor] {
        let mut raw = 0u32;
        counts.start(TIME_CONTEXTS, PIXEL_BUCKETS);
        sample.pairs(|before, i| {
            let change = if mode == Mode::Delta {
                zigzag(v[i].wrapping_sub(v[before]))
            } else {
                v[i] ^ v[before]
            };
            let symbol = PixelBucket::symbol(change.into());
            raw += u32::from(PixelBucket::WIDTH[usize::from(symbol)]);
            counts.add(time_context(sample.t[i]), symbol);
        });
        let raw = raw as f32 * sample.scale;
        let axis = Axis {
            mode,
            symbols: PIXEL_BUCKETS,
            shift: 0,
            ..axis
        };
        let given = |given| Axis { given, ..axis };
        best.offer(given(Given::Time), raw + counts.bits(sample.scale));
        best.offer(
            given(Given::Nothing),
            raw + merged(counts).bits(sample.scale),
        );
    }
}

fn first_axis(sample: &Sample, a: &[u16], extent: Extent, counts: &mut Histogram) -> (Axis, f32) {
    let axis = direct(extent, extent.shift_to(MAX_SYMBOLS));
    counts.start(TIME_CONTEXTS, axis.symbols);
    sample.pairs(|_, i| {
        let symbol = ((a[i] - extent.min) >> axis.shift) as u8;
        counts.add(time_context(sample.t[i]), symbol);
    });
    let raw = f32::from(axis.shift) * sample.scale * (sample.t.len() as f32);
    let mut best = Best(axis, raw + merged(counts).bits(sample.scale));
    let by_time = Axis {
        given: Given::Time,
        ..axis
    };
    best.offer(by_time, raw + counts.bits(sample.scale));
    offer_changes(sample, a, counts, axis, &mut best);
    (best.0, best.1)
}

fn second_axis(
    sample: &Sample,
    a: &[u16],
    a_extent: Extent,
    b: &[u16],
    extent: Extent,
    counts: &mut Histogram,
) -> (Axis, f32) {
    let least = extent.shift_to(MAX_SYMBOLS);
    let mut best = Best(direct(extent, least), f32::INFINITY);
    let all = sample.scale * (sample.t.len() as f32);
    for (values, shift) in [(1, 0), (24, 1), (48, 0), (48, 1), (96, 0)] {
        let axis = direct(extent, (least + shift).min(8));
        let given_shift = a_extent.shift_to(values);
        let axis = Axis {
            given: Given::First,
            given_shift,
            given_values: usize::from(a_extent.span()).wrapping_shr(given_shift.into()) + 1,
            ..axis
        };
        counts.start(axis.given_values, axis.symbols);
        for (&a, &b) in a.iter().zip(b) {
            counts.add(
                usize::from(a - a_extent.min) >> axis.given_shift,
                ((b - extent.min) >> axis.shift) as u8,
            );
        }
        best.offer(
            axis,
            f32::from(axis.shift) * all + counts.bits(sample.scale),
        );
    }
    // Differences along a row or column, direct elsewhere.
    for (values, shift) in [(1, 0), (48, 1)] {
        let axis = direct(extent, (least + shift).min(8));
        let given_shift = a_extent.shift_to(values);
        let axis = Axis {
            mode: Mode::Mixed,
            given: Given::First,
            given_shift,
            given_values: usize::from(a_extent.span()).wrapping_shr(given_shift.into()) + 1,
            ..axis
        };
        let mut raw = 0;
        counts.start(axis.tables(), PIXEL_BUCKETS.max(axis.symbols));
        sample.pairs(|before, i| {
            if a[i] == a[before] {
                let symbol = PixelBucket::symbol(zigzag(b[i].wrapping_sub(b[before])).into());
                raw += u32::from(PixelBucket::WIDTH[usize::from(symbol)]);
                counts.add(0, symbol);
            } else {
                raw += u32::from(axis.shift);
                counts.add(
                    1 + (usize::from(a[i] - a_extent.min) >> axis.given_shift),
                    ((b[i] - extent.min) >> axis.shift) as u8,
                );
            }
        });
        // Differences leave fewer symbols than a direct axis may have.
        if axis.symbols <= PIXEL_BUCKETS {
            best.offer(axis, raw as f32 * sample.scale + counts.bits(sample.scale));
        }
    }
    let axis = direct(extent, least);
    offer_changes(sample, b, counts, axis, &mut best);
    let mut raw = 0;
    counts.start(2, PIXEL_BUCKETS);
    sample.pairs(|before, i| {
        let symbol = PixelBucket::symbol(zigzag(b[i].wrapping_sub(b[before])).into());
        raw += u32::from(PixelBucket::WIDTH[usize::from(symbol)]);
        counts.add(usize::from(a[i] == a[before]), symbol);
    });
    let same = Axis {
        mode: Mode::Delta,
        given: Given::Same,
        symbols: PIXEL_BUCKETS,
        shift: 0,
        ..axis
    };
    best.offer(same, raw as f32 * sample.scale + counts.bits(sample.scale));
    (best.0, best.1)
}
