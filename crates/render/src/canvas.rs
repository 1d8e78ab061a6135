//! A frame being made, in memory that is used again for later frames.

use std::ops::Range;

use evz_core::{EventSlice, SensorSize};
use pulp::{Arch, NullaryFnOnce};

use crate::frame::{Painted, Values};
use crate::paint::{Beside, Block, Clock, Round, finish, paint};
use crate::rectification::Rectification;
use crate::representation::Representation;
use crate::spec::FrameSpec;

/// Events that are looked at together: their scratch stays in the first cache.
const BLOCK: usize = 2048;

/// A frame being made, and what it takes to paint it.
pub(crate) struct Canvas<'a> {
    painted: Painted,
    rectification: Option<&'a Rectification>,
    representation: Representation,
    sensor: SensorSize,
    beside: Beside,
}

impl<'a> Canvas<'a> {
    /// A canvas for a window, with memory for `len` values, or that of a frame of the same spec.
    pub(crate) fn new(
        spec: FrameSpec,
        rectification: Option<&'a Rectification>,
        len: usize,
        memory: Option<Painted>,
        window: Range<i64>,
    ) -> Self {
        let mut painted = Painted::in_memory(memory, spec, len);
        let (marks, to) = (&mut painted.marks, spec.representation.background());
        match &mut painted.frame.values {
            Values::I16(v) => marks.clear(v, 0),
            Values::U16(v) => marks.clear(v, 0),
            Values::F32(v) => marks.clear(v, to),
        }
        painted.frame.window = window;
        painted.frame.n_events = 0;
        painted.beyond = 0;
        painted.moved_out = 0;
        Self {
            painted,
            rectification,
            representation: spec.representation,
            sensor: spec.size,
            beside: Beside::default(),
        }
    }

    /// Adds events of the window, of which columns that the representation does not need may be
    /// empty, with the widest vectors that the processor has.
    pub(crate) fn add(
        &mut self,
        events: EventSlice<'_>,
        clock: &Clock,
        round: Round,
        scratch: &mut Scratch,
    ) {
        struct Add<'a, 'r>(
            &'a mut Canvas<'r>,
            EventSlice<'a>,
            &'a Clock,
            Round,
            &'a mut Scratch,
        );
        impl NullaryFnOnce for Add<'_, '_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.0.add_here(self.1, self.2, self.3, self.4);
            }
        }
        Arch::new().dispatch(Add(self, events, clock, round, scratch));
    }

    #[inline(always)]
    fn add_here(
        &mut self,
        events: EventSlice<'_>,
        clock: &Clock,
        round: Round,
        scratch: &mut Scratch,
    ) {
        for start in (0..events.x.len()).step_by(BLOCK) {
            let range = start..events.x.len().min(start + BLOCK);
            self.add_block(events, range, clock, round, scratch);
        }
    }

    #[inline(always)]
    fn add_block(
        &mut self,
        events: EventSlice<'_>,
        range: Range<usize>,
        clock: &Clock,
        round: Round,
        scratch: &mut Scratch,
    ) {
        let SensorSize { width, height } = self.sensor;
        let (x, y) = (&events.x[range.clone()], &events.y[range.clone()]);
        let mut t = events.t.get(range.clone()).unwrap_or_default();
        let mut p = events.p.get(range).unwrap_or_default();
        let pixels = &mut scratch.pixels[..x.len()];
        let (mut x_max, mut y_max) = (0, 0);
        for ((pixel, x), y) in pixels.iter_mut().zip(x).zip(y) {
            *pixel = u32::from(*y)
                .wrapping_mul(width)
                .wrapping_add(u32::from(*x));
            x_max = x_max.max(*x);
            y_max = y_max.max(*y);
        }
        let (mut n, mut moved_out, mut beyond) = (x.len(), 0, 0);
        let mut weights = None;
        if u32::from(x_max) >= width || u32::from(y_max) >= height || self.rectification.is_some() {
            n = 0;
            for i in 0..x.len() {
                if u32::from(x[i]) >= width || u32::from(y[i]) >= height {
                    beyond += 1;
                    continue;
                }
                let mut share = (pixels[i], 1.0);
                if let Some(rectification) = self.rectification {
                    moved_out += u64::from(!rectification.sees(share.0));
                    let Some(found) = rectification.share(share.0, round.corner) else {
                        continue;
                    };
                    share = found;
                }
                (pixels[n], scratch.weights[n]) = share;
                scratch.t[n] = t.get(i).copied().unwrap_or_default();
                scratch.p[n] = p.get(i).copied().unwrap_or_default();
                n += 1;
            }
            t = &scratch.t[..n.min(t.len())];
            p = &scratch.p[..n.min(p.len())];
            weights = self.rectification.map(|_| &scratch.weights[..n]);
        }
        if round.is_first() {
            self.painted.beyond += beyond;
            self.painted.moved_out += moved_out;
            self.painted.frame.n_events += x.len() as u64 - beyond - moved_out;
        }
        let block = Block {
            pixels: &mut pixels[..n],
            t,
            p,
            width: width as usize,
            values: &mut scratch.values[..n],
            other_pixels: &mut scratch.other_pixels[..n],
            other_values: &mut scratch.other_values[..n],
            weights,
        };
        let plane = self.painted.frame.width * self.painted.frame.height;
        paint(
            self.representation,
            &mut self.painted.frame.values,
            plane,
            block,
            clock,
            round.pass,
            &mut self.painted.marks,
            &mut self.beside,
        );
    }

    /// Ends the frame.
    pub(crate) fn finish(mut self) -> Painted {
        let values = &mut self.painted.frame.values;
        finish(self.representation, values, self.beside);
        self.painted
    }
}

/// Memory of one thread to work in.
pub(crate) struct Scratch {
    pixels: [u32; BLOCK],
    values: [f32; BLOCK],
    other_pixels: [u32; BLOCK],
    other_values: [f32; BLOCK],
    weights: [f32; BLOCK],
    t: [i64; BLOCK],
    p: [u8; BLOCK],
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            pixels: [0; BLOCK],
            values: [0.0; BLOCK],
            other_pixels: [0; BLOCK],
            other_values: [0.0; BLOCK],
            weights: [0.0; BLOCK],
            t: [0; BLOCK],
            p: [0; BLOCK],
        }
    }
}
