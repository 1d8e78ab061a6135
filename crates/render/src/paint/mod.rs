//! The loops over events, one for each representation.

mod density;
mod hats;
mod mcts;
mod parts;
mod tencode;
mod ticks;
pub(crate) mod tore;
mod voxel;

use std::ops::Range;

use evz_core::TimeBase;

use self::hats::{Cells, Seen};
use self::mcts::Taus;
use self::parts::Parts;
use self::ticks::{before, exp, since_start};
use self::voxel::Grid;
use crate::carries::Carries;
use crate::frame::Values;
use crate::marks::Marks;
use crate::rectification::{CORNERS, Corner};
use crate::representation::{Decay, Representation, time_constant};
use crate::time_span::TimeSpan;

/// Events that lie on the sensor.
pub(crate) struct Block<'a> {
    /// `y * width + x`; the loops make it the positions of the values that they write to.
    pub(crate) pixels: &'a mut [u32],
    /// Times, where the representation needs them.
    pub(crate) t: &'a [i64],
    /// Polarities, where the representation needs them.
    pub(crate) p: &'a [u8],
    /// Columns of the sensor.
    pub(crate) width: usize,
    /// Room for a value for each event.
    pub(crate) values: &'a mut [f32],
    /// Room for the position of another value for each event, and for that value.
    pub(crate) other_pixels: &'a mut [u32],
    pub(crate) other_values: &'a mut [f32],
    /// How much of each event counts, where that is not all of it.
    pub(crate) weights: Option<&'a [f32]>,
}

/// The times that a representation refers to.
pub(crate) struct Clock {
    pub(crate) window: Range<i64>,
    /// Time of the earliest event and of the latest one, where the representation needs it.
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) time_base: TimeBase,
}

impl Clock {
    /// Where the time that bins divide starts, and its length, which is never 0.
    #[inline(always)]
    fn span(&self, of: TimeSpan) -> (i64, u64) {
        let start = match of {
            TimeSpan::Events => self.first,
            TimeSpan::Window => self.window.start,
        };
        (start, self.end(of).abs_diff(start).max(1))
    }

    /// Where the time ends at which decays are taken.
    #[inline(always)]
    fn end(&self, of: TimeSpan) -> i64 {
        match of {
            TimeSpan::Events => self.last,
            TimeSpan::Window => self.window.end,
        }
    }
}

/// What a frame has beside its values until it is finished.
#[derive(Default)]
pub(crate) struct Beside {
    carries: Carries,
    /// How many events are in each value, where that is asked.
    tally: Vec<u32>,
    /// The events of each cell, where that is asked.
    seen: Seen,
}

/// Events are added in one pass or in two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    First,
    Second,
    Both,
}

/// Once that events are added: in which pass, and to which of the pixels around them where they are shared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Round {
    pub(crate) pass: Pass,
    pub(crate) corner: Corner,
}

impl Round {
    /// Whether it is the one in which events are counted.
    pub(crate) fn is_first(self) -> bool {
        self.pass != Pass::Second && self.corner == CORNERS[0]
    }
}

/// How often the events of a frame are added, in order; `zeros_count` if it matters which sums are exactly 0.
pub(crate) fn rounds(of: Representation, shared: bool, zeros_count: bool) -> Vec<Round> {
    let passes: &[Pass] = match of {
        Representation::Voxel { .. } if zeros_count => &[Pass::First, Pass::Second],
        _ => &[Pass::Both],
    };
    let corners = if shared { &CORNERS[..] } else { &CORNERS[..1] };
    let of_corner = |&corner| passes.iter().map(move |&pass| Round { pass, corner });
    corners.iter().flat_map(of_corner).collect()
}

/// Adds the events to the values of the frame.
#[inline(always)]
#[expect(
    clippy::too_many_arguments,
    reason = "they are what a frame is painted by"
)]
pub(crate) fn paint(
    representation: Representation,
    values: &mut Values,
    plane: usize,
    mut block: Block<'_>,
    clock: &Clock,
    pass: Pass,
    marks: &mut Marks,
    beside: &mut Beside,
) {
    match (representation, values) {
        (Representation::Signed, Values::I16(frame)) => {
            marks.note(block.pixels);
            signed(frame, &block, &mut beside.carries);
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
        (Representation::Histogram { bins, span }, Values::U16(frame)) => {
            by_polarity(block.pixels, block.p, plane * bins);
            Parts::new(bins, span, clock).advance(block.pixels, block.t, plane);
            marks.note(block.pixels);
            count(frame, block.pixels);
        }
        (Representation::ExpDecay(decay), Values::F32(frame)) => {
            faded(&mut block, decay, plane, clock);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::LinearDecay(decay), Values::F32(frame)) => {
            let rate = 1.0 / time_constant(decay.tau, clock.time_base);
            before(block.values, block.t, clock.end(decay.span), |age| {
                (1.0 - age * rate).max(0.0) as f32
            });
            by_sign(&mut block, decay, plane);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::LeakySum(decay), Values::F32(frame)) => {
            faded(&mut block, decay, plane, clock);
            weigh(block.values, block.weights);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, |sum, new| *sum += new);
        }
        (Representation::MeanDecay(decay), Values::F32(frame)) => {
            faded(&mut block, decay, plane, clock);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, |sum, new| *sum += new);
            beside.tally.resize(frame.len(), 0);
            for &at in &*block.pixels {
                beside.tally[at as usize] += 1;
            }
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
        (
            Representation::Voxel {
                bins,
                places,
                span,
                by_polarity,
            },
            Values::F32(frame),
        ) => {
            let grid = Grid {
                bins,
                places,
                span,
                by_polarity,
                plane,
            };
            grid.paint(frame, block, clock, pass, marks);
        }
        (Representation::MixedDensity { bins }, Values::I16(frame)) => {
            density::paint(
                frame,
                &block,
                bins,
                plane,
                clock,
                marks,
                &mut beside.carries,
            );
        }
        (Representation::Tore { depth }, Values::F32(frame)) => {
            tore::paint(frame, block, depth, plane, clock, marks);
        }
        (Representation::CountsAndTimes, Values::F32(frame)) => {
            by_polarity(block.pixels, block.p, plane);
            since_start(block.values, block.t, clock);
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, |count, _| *count += 1.0);
            for at in &mut *block.pixels {
                *at += 2 * plane as u32;
            }
            marks.note(block.pixels);
            place(frame, block.pixels, block.values, latest);
        }
        (Representation::Mcts { bins, tau, span }, Values::F32(frame)) => {
            by_polarity(block.pixels, block.p, plane * bins);
            let taus = Taus::new(bins, tau, clock.time_base);
            taus.paint(frame, block, plane, clock.end(span), marks);
        }
        (Representation::Tencode { tau, span }, Values::U16(frame)) => {
            let tau = time_constant(tau, clock.time_base);
            tencode::paint(frame, &block, plane, tau, clock.end(span), marks);
        }
        (Representation::Hats { cell, side, tau }, Values::F32(frame)) => {
            let cells = Cells {
                cell,
                side,
                tau: time_constant(tau, clock.time_base),
                width: block.width,
                plane,
            };
            cells.paint(frame.len(), &block, &mut beside.seen, marks);
        }
        _ => unreachable!("a canvas has the values of its representation"),
    }
}

/// Ends a frame, of which all events are there.
pub(crate) fn finish(representation: Representation, values: &mut Values, beside: Beside) {
    match (representation, values) {
        (_, Values::I16(values)) => beside.carries.settle(values),
        (Representation::MeanDecay(_), Values::F32(values)) => {
            for (value, n) in values.iter_mut().zip(beside.tally) {
                *value /= n.max(1) as f32;
            }
        }
        (Representation::Hats { side, .. }, Values::F32(values)) => {
            let plane = values.len() / (2 * side * side);
            hats::average(values, &beside.seen, plane);
        }
        (Representation::CountsAndTimes, Values::F32(values)) => {
            let half = values.len() / 2;
            let times = &mut values[half..];
            let latest = times.iter().copied().fold(0.0, f32::max);
            if latest > 0.0 {
                times.iter_mut().for_each(|time| *time /= latest);
            }
        }
        _ => {}
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

/// Takes of each value as much as counts.
#[inline(always)]
fn weigh(values: &mut [f32], weights: Option<&[f32]>) {
    for (value, weight) in values.iter_mut().zip(weights.unwrap_or_default()) {
        *value *= weight;
    }
}

/// Moves ON events `step` values on.
#[inline(always)]
fn by_polarity(pixels: &mut [u32], p: &[u8], step: usize) {
    let step = step as u32;
    for (at, p) in pixels.iter_mut().zip(p) {
        *at += u32::from(p & 1) * step;
    }
}

/// Gives each event what is left of it where its polarity counts.
#[inline(always)]
fn faded(block: &mut Block<'_>, decay: Decay, plane: usize, clock: &Clock) {
    let rate = -1.0 / time_constant(decay.tau, clock.time_base);
    before(block.values, block.t, clock.end(decay.span), |age| {
        exp((age * rate) as f32)
    });
    by_sign(block, decay, plane);
}

/// Moves ON events to the plane of their own, or gives each event the sign of its polarity.
#[inline(always)]
fn by_sign(block: &mut Block<'_>, decay: Decay, plane: usize) {
    if decay.by_polarity {
        return by_polarity(block.pixels, block.p, plane);
    }
    for (value, p) in block.values.iter_mut().zip(block.p) {
        *value *= f32::from(sign(*p));
    }
}
