//! Voxel grids: events weigh on the bins that are near them in time.

use super::ticks::ticks;
use super::{Block, Clock, by_polarity, sign};
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
    /// Adds events to the values of the grid.
    #[inline(always)]
    pub(super) fn paint(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        clock: &Clock,
        marks: &mut Marks,
    ) {
        if self.by_polarity {
            by_polarity(block.pixels, block.p, self.plane * self.bins);
        }
        match self.places {
            BinPlaces::Ends => self.between_ends(frame, block, clock, marks),
            BinPlaces::Starts => self.anywhere(frame, block, clock, 0.0, marks),
            BinPlaces::Centers => self.anywhere(frame, block, clock, -0.5, marks),
        }
    }

    /// What an event weighs, of both bins together.
    #[inline(always)]
    fn weight(self, p: u8) -> f32 {
        if self.by_polarity {
            1.0
        } else {
            f32::from(sign(p))
        }
    }

    /// Bins of which the first is at the start of the span and the last at its end, so that each event is
    /// between two of them.
    #[inline(always)]
    fn between_ends(self, frame: &mut [f32], block: Block<'_>, clock: &Clock, marks: &mut Marks) {
        // Half less, added to this, rounds down. Where a place is a whole number, either neighbour of
        // it may come out: the weights are the same.
        const ROUND: f64 = (3u64 << 51) as f64;
        let (start, length) = clock.span(self.span);
        let (plane, last) = (self.plane as u32, (self.bins - 1) as f64);
        let scale = last / length as f64;
        let distance = |t: i64| t.wrapping_sub(start) as u64;
        let out = block.pixels.iter_mut().zip(&mut *block.values);
        ticks(block.t, length, distance, out, |(at, behind), ticks| {
            // What is rounded up at the very end would be in the bin behind the last one.
            let place = (ticks * scale).min(last);
            let shifted = place - 0.5 + ROUND;
            *at += (shifted.to_bits() as u32) * plane;
            *behind = (place - (shifted - ROUND)) as f32;
        });
        marks.note(block.pixels);
        for ((&at, &behind), &p) in block.pixels.iter().zip(&*block.values).zip(block.p) {
            let weight = self.weight(p);
            frame[at as usize] += weight * (1.0 - behind);
            // The last bin has none behind it: an event at the very end is all in it. Where the next plane is
            // the first one of the other polarity, this adds nothing.
            if let Some(next) = frame.get_mut(at as usize + plane as usize) {
                *next += weight * behind;
            }
        }
        for at in &mut *block.pixels {
            *at = at.saturating_add(plane).min(frame.len() as u32 - 1);
        }
        marks.note(block.pixels);
    }

    /// Bins of which the first lies `offset` bins before the start of the span, which may be before or behind
    /// an event whose other neighbour there is none.
    #[inline(always)]
    fn anywhere(
        self,
        frame: &mut [f32],
        block: Block<'_>,
        clock: &Clock,
        offset: f64,
        marks: &mut Marks,
    ) {
        let (start, length) = clock.span(self.span);
        let scale = self.bins as f64 / length as f64;
        let bins = self.bins as i64;
        let events = block.pixels.iter_mut().zip(block.t).zip(block.p);
        for ((at, t), p) in events {
            let place = t.wrapping_sub(start) as u64 as f64 * scale + offset;
            let bin = place.floor();
            let (bin, behind) = (bin as i64, (place - bin) as f32);
            let weight = self.weight(*p);
            for (bin, share) in [(bin, 1.0 - behind), (bin + 1, behind)] {
                if (0..bins).contains(&bin) {
                    let place = *at as usize + bin as usize * self.plane;
                    frame[place] += weight * share;
                    marks.note(&[place as u32]);
                }
            }
        }
    }
}
