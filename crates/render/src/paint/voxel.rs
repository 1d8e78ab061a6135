//! Voxel grids: events weigh on the two bins that are near them in time.
//!
//! Where a network normalises what is not 0, it matters which sums of many floats come out as 0. So these are
//! summed up as the codes of the field do it, in the same operations: all that events weigh on the bin before
//! them, in order, and after that all that they weigh on the bin behind.

use super::ticks::ticks;
use super::{Block, Clock, Pass, by_polarity, sign};
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
    /// Adds to the values of the grid what events weigh on the bin before them, or on the one behind.
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
        let between = (self.bins - 1) as f64;
        match self.places {
            BinPlaces::Ends => {
                let place = |ticks| ticks * between / length as f64;
                let share = |behind: f64| match pass {
                    Pass::First => 1.0 - behind as f32,
                    Pass::Second => behind as f32,
                };
                self.between_ends(frame, block, (start, length), place, share, pass, marks);
            }
            // Of no length, a place there is 0 divided by 0.
            BinPlaces::EndsOf32Bits if clock.last == clock.first => {}
            BinPlaces::EndsOf32Bits => {
                let place = |ticks| {
                    let part = ticks as f32 / length as f32;
                    f64::from(between as f32 * part)
                };
                let share = |behind: f64| match pass {
                    Pass::First => 1.0 - behind as f32,
                    Pass::Second => 1.0 - (1.0 - behind) as f32,
                };
                self.between_ends(frame, block, (start, length), place, share, pass, marks);
            }
            BinPlaces::Starts => self.anywhere(frame, block, (start, length), 0.0, pass, marks),
            BinPlaces::Centers => self.anywhere(frame, block, (start, length), -0.5, pass, marks),
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

    /// Bins of which the first is at the start of the span and the last at its end, so that each event is
    /// between two of them.
    #[inline(always)]
    #[expect(
        clippy::too_many_arguments,
        reason = "they are what a grid is painted by"
    )]
    fn between_ends(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        (start, length): (i64, u64),
        place: impl Fn(f64) -> f64,
        share: impl Fn(f64) -> f32,
        pass: Pass,
        marks: &mut Marks,
    ) {
        // Half less, added to this, rounds down, but for some whole numbers, of which it is the one below.
        const ROUND: f64 = (3u64 << 51) as f64;
        let plane = self.plane as u32;
        let distance = |t: i64| t.wrapping_sub(start) as u64;
        let out = block.pixels.iter_mut().zip(&mut *block.values);
        ticks(block.t, length, distance, out, |(at, shared), ticks| {
            let place = place(ticks);
            let shifted = place - 0.5 + ROUND;
            let (bin, behind) = (shifted.to_bits() as u32, place - (shifted - ROUND));
            let whole = behind >= 1.0;
            *at += (bin + u32::from(whole)) * plane;
            *shared = share(if whole { behind - 1.0 } else { behind });
        });
        if pass == Pass::Second {
            // The last bin has none behind it, and an event at the very end weighs nothing there.
            let last = frame.len() as u32 - 1;
            for at in &mut *block.pixels {
                *at = at.saturating_add(plane).min(last);
            }
        }
        marks.note(block.pixels);
        for ((&at, &share), &p) in block.pixels.iter().zip(&*block.values).zip(block.p) {
            frame[at as usize] += self.weight(p) * share;
        }
    }

    /// Bins of which the first lies `offset` bins before the start of the span: an event may have none before or
    /// behind it.
    #[inline(always)]
    fn anywhere(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        (start, length): (i64, u64),
        offset: f64,
        pass: Pass,
        marks: &mut Marks,
    ) {
        let events = block.pixels.iter().zip(block.t).zip(block.p);
        for ((&at, t), p) in events {
            let ticks = t.wrapping_sub(start) as u64 as f64;
            let place = ticks * self.bins as f64 / length as f64 + offset;
            let before = place.floor();
            let behind = (place - before) as f32;
            let (bin, share) = match pass {
                Pass::First => (before, 1.0 - behind),
                Pass::Second => (before + 1.0, behind),
            };
            if (0.0..self.bins as f64).contains(&bin) {
                let at = at + bin as u32 * self.plane as u32;
                frame[at as usize] += self.weight(*p) * share;
                marks.note(&[at]);
            }
        }
    }
}
