//! A frame being made, in memory that is used again for later frames.

use std::ops::Range;

use evz_core::{EventSlice, SensorSize};
use pulp::{Arch, NullaryFnOnce};

use crate::frame::{Frame, Values};
use crate::paint::{Block, Clock, paint};
use crate::representation::{Representation, ValueType};

/// Events that are looked at together: their scratch stays in the first cache.
const BLOCK: usize = 2048;

/// A frame and what it takes to paint it.
#[derive(Debug)]
pub struct Canvas {
    pub(crate) frame: Frame,
    /// Events of the window beyond the sensor.
    pub(crate) beyond: u64,
    representation: Representation,
    marks: Marks,
    carries: Carries,
}

/// Which stretches of the values were written to: a large frame of which few pixels have events is
/// cheap to clear, and what has none stays out of the caches.
#[derive(Debug, Default)]
pub(crate) struct Marks(Vec<u8>);

/// Values of a stretch: one or two cache lines.
const STRETCH: usize = 32;

impl Marks {
    fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(STRETCH)])
    }

    /// Marks where these values are.
    #[inline(always)]
    pub(crate) fn note(&mut self, at: &[u32]) {
        for at in at {
            self.0[*at as usize / STRETCH] = 1;
        }
    }

    /// Sets what was written to back to `to`, and forgets it.
    fn clear<T: Copy>(&mut self, values: &mut [T], to: T) {
        const MANY: usize = 16;
        let groups = values
            .chunks_mut(STRETCH * MANY)
            .zip(self.0.chunks_mut(MANY));
        // As one number, this is two instructions. The last group may be short.
        let marked = |marks: &[u8]| {
            <[u8; MANY]>::try_from(marks).map_or(true, |m| u128::from_ne_bytes(m) != 0)
        };
        for (values, marks) in groups.filter(|(_, marks)| marked(marks)) {
            for (values, mark) in values.chunks_mut(STRETCH).zip(marks) {
                if std::mem::take(mark) == 0 {
                    continue;
                }
                // Of known length, this is a few instructions.
                match <&mut [T; STRETCH]>::try_from(&mut *values) {
                    Ok(values) => *values = [to; STRETCH],
                    Err(_) => values.fill(to),
                }
            }
        }
    }
}

/// Signed sums that passed 16 bits: the value holds their low bits, this the rest. A sum that comes
/// back is exact again, whatever the order of its events.
#[derive(Debug, Default)]
pub(crate) struct Carries(Vec<(u32, i32)>);

impl Carries {
    #[cold]
    pub(crate) fn add(&mut self, at: u32, by: i32) {
        match self.0.iter_mut().find(|c| c.0 == at) {
            Some(carry) => carry.1 += by,
            None => self.0.push((at, by)),
        }
    }
}

impl Canvas {
    /// A frame that was painted elsewhere; `beyond` events of its window lie beyond the sensor.
    pub fn painted(representation: Representation, frame: Frame, beyond: u64) -> Self {
        Self {
            frame,
            beyond,
            representation,
            marks: Marks::default(),
            carries: Carries::default(),
        }
    }

    /// Its frame, to be used again.
    pub fn into_frame(self) -> Frame {
        self.frame
    }

    pub(crate) fn new(representation: Representation, size: SensorSize, len: usize) -> Self {
        let values = match representation.value_type() {
            ValueType::I16 => Values::I16(written(0, len)),
            ValueType::U16 => Values::U16(written(0, len)),
            ValueType::F32 => Values::F32(written(representation.background(), len)),
        };
        Self {
            frame: Frame {
                width: size.width as usize,
                height: size.height as usize,
                channels: representation.channels(),
                window: 0..0,
                n_events: 0,
                values,
            },
            beyond: 0,
            representation,
            marks: Marks::new(len),
            carries: Carries::default(),
        }
    }

    /// Clears the frame for the next window.
    pub(crate) fn begin(&mut self, window: Range<i64>) {
        match &mut self.frame.values {
            Values::I16(v) => self.marks.clear(v, 0),
            Values::U16(v) => self.marks.clear(v, 0),
            Values::F32(v) => self.marks.clear(v, self.representation.background()),
        }
        self.carries.0.clear();
        self.frame.window = window;
        self.frame.n_events = 0;
        self.beyond = 0;
    }

    /// Adds events of the window, of which columns that the representation does not need may be
    /// empty, with the widest vectors that the processor has.
    pub(crate) fn add(&mut self, events: EventSlice<'_>, clock: &Clock, scratch: &mut Scratch) {
        struct Add<'a>(&'a mut Canvas, EventSlice<'a>, &'a Clock, &'a mut Scratch);
        impl NullaryFnOnce for Add<'_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.0.add_here(self.1, self.2, self.3);
            }
        }
        Arch::new().dispatch(Add(self, events, clock, scratch));
    }

    #[inline(always)]
    fn add_here(&mut self, events: EventSlice<'_>, clock: &Clock, scratch: &mut Scratch) {
        for start in (0..events.x.len()).step_by(BLOCK) {
            let range = start..events.x.len().min(start + BLOCK);
            self.add_block(events, range, clock, scratch);
        }
    }

    #[inline(always)]
    fn add_block(
        &mut self,
        events: EventSlice<'_>,
        range: Range<usize>,
        clock: &Clock,
        scratch: &mut Scratch,
    ) {
        let (width, height) = (self.frame.width as u32, self.frame.height as u32);
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
        let mut n = x.len();
        if u32::from(x_max) >= width || u32::from(y_max) >= height {
            n = 0;
            for i in 0..x.len() {
                if u32::from(x[i]) < width && u32::from(y[i]) < height {
                    pixels[n] = pixels[i];
                    scratch.t[n] = t.get(i).copied().unwrap_or_default();
                    scratch.p[n] = p.get(i).copied().unwrap_or_default();
                    n += 1;
                }
            }
            t = &scratch.t[..n.min(t.len())];
            p = &scratch.p[..n.min(p.len())];
            self.beyond += (x.len() - n) as u64;
        }
        self.frame.n_events += n as u64;
        let block = Block {
            pixels: &mut pixels[..n],
            t,
            p,
            values: &mut scratch.values[..n],
        };
        let plane = self.frame.width * self.frame.height;
        paint(
            self.representation,
            &mut self.frame.values,
            plane,
            block,
            clock,
            &mut self.marks,
            &mut self.carries,
        );
    }

    /// Ends the frame.
    pub(crate) fn finish(&mut self) {
        if let Values::I16(values) = &mut self.frame.values {
            for &(at, carry) in &self.carries.0 {
                let value = &mut values[at as usize];
                let sum = i64::from(carry) * 65_536 + i64::from(*value);
                *value = sum.clamp(i64::from(i16::MIN), i64::from(i16::MAX)) as i16;
            }
        }
    }
}

/// Values that were written, and not taken as zeros from the system: it hands those out when they
/// are read, and once more, at a much higher price, when they are written to.
fn written<T: Clone>(value: T, len: usize) -> Vec<T> {
    std::iter::repeat_n(std::hint::black_box(value), len).collect()
}

/// Memory of one thread to work in.
pub(crate) struct Scratch {
    pixels: [u32; BLOCK],
    values: [f32; BLOCK],
    t: [i64; BLOCK],
    p: [u8; BLOCK],
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            pixels: [0; BLOCK],
            values: [0.0; BLOCK],
            t: [0; BLOCK],
            p: [0; BLOCK],
        }
    }
}
