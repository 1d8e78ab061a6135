//! Voxel grids: events weigh on the two bins that are near them in time.
//!
//! Where frames are normalised by what is not 0, it matters which sums of many floats come out as 0. So these are
//! summed up as the codes of the field do it, in the same operations: all that events weigh on the bin before
//! them, in order, and after that all that they weigh on the bin behind. All others are made in one pass, which
//! takes half the time.

use super::ticks::ticks;
use super::{Block, Clock, Pass, by_polarity, sign, weigh};
use crate::bin_places::BinPlaces;
use crate::marks::Marks;
use crate::time_span::TimeSpan;

/// A voxel grid: its bins, and how many pixels each has.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) bins: usize,
    pub(super) places: BinPlaces,
    pub(super) span: TimeSpan,
    pub(super) by_polarity: bool,
    pub(super) plane: usize,
}

impl Grid {
    /// Adds to the values of the grid what events weigh on the bin before them, on the one behind, or on both.
    #[inline(always)]
    pub(super) fn paint(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        clock: &Clock,
        pass: Pass,
        marks: &mut Marks,
    ) {
        if self.by_polarity {
            by_polarity(block.pixels, block.p, self.plane * self.bins);
        }
        let (start, length) = clock.span(self.span);
        let (span, bins) = (length as f64, self.bins as f64);
        let between = bins - 1.0;
        let shares = |behind: f64| [1.0 - behind as f32, behind as f32];
        match self.places {
            BinPlaces::Ends => {
                let place = |ticks| ticks * between / span;
                self.add(frame, block, (start, length), place, shares, pass, marks);
            }
            // Of no length, a place there is 0 divided by 0.
            BinPlaces::EndsOf32Bits if clock.end(self.span) == start => {}
            BinPlaces::EndsOf32Bits => {
                let place = |ticks| f64::from(between as f32 * (ticks as f32 / span as f32));
                let shares = |behind: f64| [1.0 - behind as f32, 1.0 - (1.0 - behind) as f32];
                self.add(frame, block, (start, length), place, shares, pass, marks);
            }
            BinPlaces::Starts => {
                let place = |ticks| ticks * bins / span;
                self.add(frame, block, (start, length), place, shares, pass, marks);
            }
            BinPlaces::Centers => {
                let place = |ticks| ticks * bins / span - 0.5;
                self.add(frame, block, (start, length), place, shares, pass, marks);
            }
        }
    }

    /// What an event weighs, on both bins together.
    #[inline(always)]
    fn weight(self, p: u8) -> f32 {
        match self.by_polarity {
            true => 1.0,
            false => f32::from(sign(p)),
        }
    }

    /// Adds what events weigh, of which `place` says between which bins they are, and `shares` how much of those
    /// that are so far behind the first of the two counts there and in the other one.
    #[inline(always)]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are what a grid is painted by"
    )]
    fn add(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        (start, length): (i64, u64),
        place: impl Fn(f64) -> f64,
        shares: impl Fn(f64) -> [f32; 2],
        pass: Pass,
        marks: &mut Marks,
    ) {
        let (plane, bins) = (self.plane as u32, self.bins as u32);
        let distance = |t: i64| t.wrapping_sub(start) as u64;
        // Before the first bin and behind the last one an event weighs nothing, on any bin.
        let put = |at: &mut u32, share: &mut f32, bin: u32, of: f32, instead: u32| {
            let is_there = bin < bins;
            *at += if is_there { bin } else { instead } * plane;
            *share = if is_there { of } else { 0.0 };
        };
        let out = block.pixels.iter_mut().zip(&mut *block.values);
        if pass != Pass::Both {
            let later = u32::from(pass == Pass::Second);
            ticks(block.t, length, distance, out, |(at, share), ticks| {
                let (bin, behind) = floor(place(ticks));
                let of = shares(behind)[later as usize];
                put(at, share, bin.wrapping_add(later), of, 0);
            });
            weigh(block.values, block.weights);
            marks.note(block.pixels);
            for ((&at, &share), &p) in block.pixels.iter().zip(&*block.values).zip(block.p) {
                frame[at as usize] += self.weight(p) * share;
            }
            return;
        }
        let others = block.other_pixels.iter_mut().zip(&mut *block.other_values);
        let out = out.zip(others);
        ticks(block.t, length, distance, out, |(one, other), ticks| {
            let (bin, behind) = floor(place(ticks));
            let [share, other_share] = shares(behind);
            let next = bin.wrapping_add(1);
            *other.0 = *one.0;
            // Instead of a bin that is not there the other one takes nothing: its value is near.
            put(one.0, one.1, bin, share, next.min(bins - 1));
            put(other.0, other.1, next, other_share, bin.min(bins - 1));
        });
        weigh(block.values, block.weights);
        weigh(block.other_values, block.weights);
        marks.note(block.pixels);
        marks.note(block.other_pixels);
        let shares = block.pixels.iter().zip(&*block.values);
        let others = block.other_pixels.iter().zip(&*block.other_values);
        for (((&at, &share), (&other, &other_share)), &p) in shares.zip(others).zip(block.p) {
            let weight = self.weight(p);
            frame[at as usize] += weight * share;
            frame[other as usize] += weight * other_share;
        }
    }
}

/// The whole number at a place or before it, which may be -1, and how far behind that the place is. As plain
/// arithmetic this works on several at once.
#[inline(always)]
fn floor(place: f64) -> (u32, f64) {
    // Half less, added to this, rounds down, but for some whole numbers, of which it is the one below.
    const ROUND: f64 = (3u64 << 51) as f64;
    let shifted = place - 0.5 + ROUND;
    let (whole, behind) = (shifted.to_bits() as u32, place - (shifted - ROUND));
    match behind >= 1.0 {
        true => (whole.wrapping_add(1), behind - 1.0),
        false => (whole, behind),
    }
}
