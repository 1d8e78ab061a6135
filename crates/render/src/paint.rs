//! The loops over events, one for each representation.

use std::ops::Range;

use evz_core::TimeBase;

use crate::carries::Carries;
use crate::frame::Values;
use crate::marks::Marks;
use crate::representation::{Representation, seconds, time_constant};

/// Events that lie on the sensor.
pub(crate) struct Block<'a> {
    /// `y * width + x`; the loops make it the positions of the values that they write to.
    pub(crate) pixels: &'a mut [u32],
    /// Times, where the representation needs them.
    pub(crate) t: &'a [i64],
    /// Polarities, where the representation needs them.
    pub(crate) p: &'a [u8],
    /// Room for a value for each event.
    pub(crate) values: &'a mut [f32],
}

/// The times that a representation refers to.
pub(crate) struct Clock {
    pub(crate) window: Range<i64>,
    /// Time of the earliest event and of the latest one, where the representation needs it.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) time_base: TimeBase,
}

/// Adds the events to the values of the frame.
#[inline(always)]
pub(crate) fn paint(
    representation: Representation,
    values: &mut Values,
    plane: usize,
    block: Block<'_>,
    clock: &Clock,
    marks: &mut Marks,
    carries: &mut Carries,
) {
    match (representation, values) {
        (Representation::Signed, Values::I16(frame)) => {
            marks.note(block.pixels);
            signed(frame, &block, carries);
        }
        (Representation::Binary, Values::I16(frame)) => {
            marks.note(block.pixels);
            for (&at, &p) in block.pixels.iter().zip(block.p) {
                frame[at as usize] = sign(p);
            }
        }
        (Representation::Counts, Values::U16(frame)) => {
            by_polarity(block.pixels, block.p, plane);
            marks.note(block.pixels);
            count(frame, block.pixels);
        }
        (Representation::Total, Values::U16(frame)) => {
            marks.note(block.pixels);
            count(frame, block.pixels);
        }
        (Representation::Histogram { bins }, Values::U16(frame)) => {
            by_polarity(block.pixels, block.p, plane * bins);
            by_bin(block.pixels, block.t, plane, bins, clock);
            marks.note(block.pixels);
            count(frame, block.pixels);
        }
        (Representation::ExpDecay { tau }, Values::F32(frame)) => {
            let rate = -1.0 / time_constant(tau, clock.time_base);
            before(block.values, block.t, clock, |age| exp((age * rate) as f32));
            signs(block.values, block.p);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::LinearDecay { tau }, Values::F32(frame)) => {
            let rate = 1.0 / time_constant(tau, clock.time_base);
            before(block.values, block.t, clock, |age| {
                (1.0 - age * rate).max(0.0) as f32
            });
            signs(block.values, block.p);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::TimeSurface, Values::F32(frame)) => {
            by_polarity(block.pixels, block.p, plane);
            since_start(block.values, block.t, clock);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::MergedTimeSurface, Values::F32(frame)) => {
            since_start(block.values, block.t, clock);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::Voxel { bins }, Values::F32(frame)) => {
            voxel(frame, block, plane, bins, clock, marks);
        }
        _ => unreachable!("a canvas has the values of its representation"),
    }
}

/// 1 for ON, -1 for OFF.
#[inline(always)]
fn sign(p: u8) -> i16 {
    i16::from(p & 1) * 2 - 1
}

#[inline(always)]
fn signed(frame: &mut [i16], block: &Block<'_>, carries: &mut Carries) {
    for (&at, &p) in block.pixels.iter().zip(block.p) {
        let value = &mut frame[at as usize];
        let (sum, over) = value.overflowing_add(sign(p));
        *value = sum;
        if over {
            carries.add(at, i32::from(sign(p)));
        }
    }
}

#[inline(always)]
fn count(frame: &mut [u16], at: &[u32]) {
    for &at in at {
        let value = &mut frame[at as usize];
        *value = value.saturating_add(1);
    }
}

#[inline(always)]
fn place(frame: &mut [f32], at: &[u32], values: &[f32], put: impl Fn(&mut f32, f32)) {
    for (&at, &value) in at.iter().zip(values) {
        put(&mut frame[at as usize], value);
    }
}

#[inline(always)]
fn latest(value: &mut f32, new: f32) {
    *value = new;
}

/// Moves ON events `step` values on.
#[inline(always)]
fn by_polarity(pixels: &mut [u32], p: &[u8], step: usize) {
    let step = step as u32;
    for (at, p) in pixels.iter_mut().zip(p) {
        *at += u32::from(p & 1) * step;
    }
}

/// Moves events on to the bin of their time.
#[inline(always)]
fn by_bin(pixels: &mut [u32], t: &[i64], plane: usize, bins: usize, clock: &Clock) {
    let mut start = 0;
    // Events of a bin stand together where times are in order, so one division does for many.
    while start < pixels.len() {
        let since_first = t[start].abs_diff(clock.first);
        let bin = bin_of(since_first, bins, clock);
        let end = bin_end(bin, bins, clock);
        let begin = bin_end(bin.wrapping_sub(1), bins, clock);
        let run = t[start..]
            .iter()
            .position(|t| !(begin..end).contains(&u128::from(t.abs_diff(clock.first))))
            .unwrap_or(t.len() - start);
        for at in &mut pixels[start..start + run] {
            *at += (bin * plane) as u32;
        }
        start += run;
    }
}

#[inline(always)]
fn bin_of(since_first: u64, bins: usize, clock: &Clock) -> usize {
    let span = u128::from(clock.last.abs_diff(clock.first).max(1));
    ((u128::from(since_first) * bins as u128 / span) as usize).min(bins - 1)
}

/// The first time after the first event that lies behind the bin.
#[inline(always)]
fn bin_end(bin: usize, bins: usize, clock: &Clock) -> u128 {
    if bin == usize::MAX {
        return 0;
    }
    if bin + 1 >= bins {
        return u128::MAX;
    }
    let span = u128::from(clock.last.abs_diff(clock.first).max(1));
    ((bin as u128 + 1) * span).div_ceil(bins as u128)
}

/// Gives each event the polarity's sign.
#[inline(always)]
fn signs(values: &mut [f32], p: &[u8]) {
    for (value, p) in values.iter_mut().zip(p) {
        *value *= f32::from(sign(*p));
    }
}

/// What `of` makes of the ticks from each event to the window's end.
#[inline(always)]
fn before(values: &mut [f32], t: &[i64], clock: &Clock, of: impl Fn(f64) -> f32) {
    let Range { start, end } = clock.window;
    let distance = |t: i64| end.wrapping_sub(t) as u64;
    let put = |value: &mut f32, ticks| *value = of(ticks);
    ticks(t, end.abs_diff(start), distance, values.iter_mut(), put);
}

/// The seconds from the window's start to each event.
#[inline(always)]
fn since_start(values: &mut [f32], t: &[i64], clock: &Clock) {
    let Range { start, end } = clock.window;
    let tick = seconds(clock.time_base);
    let distance = |t: i64| t.wrapping_sub(start) as u64;
    let put = |value: &mut f32, ticks| *value = (ticks * tick) as f32;
    ticks(t, end.abs_diff(start), distance, values.iter_mut(), put);
}

/// Puts the distance of each event, in ticks, of which none is more than `most`.
#[inline(always)]
fn ticks<T>(
    t: &[i64],
    most: u64,
    distance: impl Fn(i64) -> u64,
    out: impl Iterator<Item = T>,
    put: impl Fn(T, f64),
) {
    // Whole numbers below 2^52 are the low bits of floats from 2^52 on: unlike a conversion, this
    // works on several at once on every processor.
    const BITS: f64 = (1u64 << 52) as f64;
    if most < 1 << 52 {
        for (out, t) in out.zip(t) {
            put(out, f64::from_bits(distance(*t) | BITS.to_bits()) - BITS);
        }
    } else {
        for (out, t) in out.zip(t) {
            put(out, distance(*t) as f64);
        }
    }
}

/// `e^x` for `x` of at most 0, within 2e-7, as plain arithmetic that works on several at once: a
/// power of 2 by the exponent's bits, times a polynomial for what is left.
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding and taking away this rounds to a whole number.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.max(-87.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let terms = [
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
        1.0,
    ];
    let sum = terms.iter().fold(0.0, |sum, term| sum * r + term);
    let power = f32::from_bits(
        shifted
            .to_bits()
            .wrapping_sub(ROUND.to_bits())
            .wrapping_add(127)
            << 23,
    );
    sum * power
}

#[inline(always)]
fn voxel(
    frame: &mut [f32],
    block: Block<'_>,
    plane: usize,
    bins: usize,
    clock: &Clock,
    marks: &mut Marks,
) {
    // Half less, added to this, rounds down. Where a place is a whole number, either neighbour of
    // it may come out: the weights are the same.
    const ROUND: f64 = (3u64 << 51) as f64;
    let span = clock.last.abs_diff(clock.first).max(1);
    let scale = (bins - 1) as f64 / span as f64;
    let distance = |t: i64| t.wrapping_sub(clock.first) as u64;
    let out = block.pixels.iter_mut().zip(&mut *block.values);
    ticks(block.t, span, distance, out, |(at, behind), ticks| {
        let place = ticks * scale;
        let shifted = place - 0.5 + ROUND;
        *at += (shifted.to_bits() as u32) * plane as u32;
        *behind = (place - (shifted - ROUND)) as f32;
    });
    marks.note(block.pixels);
    for ((&at, &behind), &p) in block.pixels.iter().zip(&*block.values).zip(block.p) {
        let sign = f32::from(sign(p));
        frame[at as usize] += sign * (1.0 - behind);
        // The last bin has none behind it: an event at the very end is all in it.
        if let Some(next) = frame.get_mut(at as usize + plane) {
            *next += sign * behind;
        }
    }
    for at in &mut *block.pixels {
        *at = at.saturating_add(plane as u32).min(frame.len() as u32 - 1);
    }
    marks.note(block.pixels);
}
