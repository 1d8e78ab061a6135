//! Prepared frames of which most is empty.

use pulp::{Arch, NullaryFnOnce};

use crate::array_type::{ArrayValue, Prepared};
use crate::frame::Values;
use crate::large_pages::written;
use crate::marks::{Marks, STRETCH};
use crate::normalization::{Normalization, Scale};

/// Prepares what is marked of frames whose empty values are 0 and stay it, and clears what was before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sparse {
    /// Where the frame was that was prepared before.
    before: Marks,
    magnitudes: Vec<f32>,
}

/// What is done with the values of a frame.
#[derive(Clone, Copy)]
pub(crate) struct How {
    /// Holds values to this magnitude.
    pub(crate) clip: f32,
    pub(crate) normalize: Option<Normalization>,
}

impl Sparse {
    /// Prepares a frame over what was prepared before by this, with its channels in this order.
    pub(crate) fn prepare(
        &mut self,
        values: &Values,
        marks: &Marks,
        how: How,
        order: Option<&[usize]>,
        prepared: &mut Prepared,
    ) {
        let frame = Frame { marks, how, order };
        match values {
            Values::I16(v) => self.prepare_from(v, frame, prepared),
            Values::U16(v) => self.prepare_from(v, frame, prepared),
            Values::F32(v) => self.prepare_from(v, frame, prepared),
        }
    }

    /// Prepares a frame where it is.
    pub(crate) fn prepare_in_place(&mut self, values: &mut [f32], marks: &Marks, how: How) {
        struct Prepare<'a>(&'a mut Sparse, &'a mut [f32], &'a Marks, How);
        impl NullaryFnOnce for Prepare<'_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                let Self(sparse, values, marks, how) = self;
                let scale = sparse.measure(values, marks, how);
                marks.each_marked(
                    #[inline(always)]
                    |number| {
                        let first = number * STRETCH;
                        let end = values.len().min(first + STRETCH);
                        let values = &mut values[first..end];
                        let mut part = [0.0; STRETCH];
                        fill_part(&mut part, values, how.clip);
                        scale.apply(&mut part);
                        put(values, &part);
                    },
                );
            }
        }
        Arch::new().dispatch(Prepare(self, values, marks, how));
    }

    fn prepare_from<T: Copy + Into<f32>>(
        &mut self,
        values: &[T],
        frame: Frame<'_>,
        prepared: &mut Prepared,
    ) {
        match prepared {
            Prepared::U8(out) => self.prepare_to(values, frame, out),
            Prepared::I16(out) => self.prepare_to(values, frame, out),
            Prepared::U16(out) => self.prepare_to(values, frame, out),
            Prepared::F16(out) => self.prepare_to(values, frame, out),
            Prepared::F32(out) => self.prepare_to(values, frame, out),
        }
    }

    /// Works with the widest vectors that the processor has.
    fn prepare_to<T: Copy + Into<f32>, U: ArrayValue>(
        &mut self,
        values: &[T],
        frame: Frame<'_>,
        out: &mut Vec<U>,
    ) {
        struct Prepare<'a, T, U>(&'a mut Sparse, &'a [T], Frame<'a>, &'a mut [U]);
        impl<T: Copy + Into<f32>, U: ArrayValue> NullaryFnOnce for Prepare<'_, T, U> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.0.prepare_here(self.1, self.2, self.3);
            }
        }
        if out.len() != values.len() {
            *out = written(U::default(), values.len());
            self.before = Marks::default();
        }
        Arch::new().dispatch(Prepare(self, values, frame, out));
    }

    #[inline(always)]
    fn prepare_here<T: Copy + Into<f32>, U: ArrayValue>(
        &mut self,
        values: &[T],
        Frame { marks, how, order }: Frame<'_>,
        out: &mut [U],
    ) {
        let scale = self.measure(values, marks, how);
        let places = order.map(|order| Places::new(order, values.len()));
        marks.each_of_either(
            &mut self.before,
            #[inline(always)]
            |number, is_there| {
                let mut part = [0.0; STRETCH];
                let values = stretch(values, number);
                if is_there {
                    fill_part(&mut part, values, how.clip);
                    scale.apply(&mut part);
                }
                let (first, part) = (number * STRETCH, &part[..values.len()]);
                match &places {
                    None => put(&mut out[first..first + values.len()], part),
                    Some(places) => places.put(out, first, part),
                }
            },
        );
    }

    /// What is made of each value.
    #[inline(always)]
    fn measure<T: Copy + Into<f32>>(&mut self, values: &[T], marks: &Marks, how: How) -> Scale {
        let Some(normalize) = how.normalize else {
            return Scale::Same;
        };
        let mut measure = normalize.measure(&mut self.magnitudes);
        marks.each_marked(
            #[inline(always)]
            |number| {
                let mut part = [0.0; STRETCH];
                fill_part(&mut part, stretch(values, number), how.clip);
                measure.add(&part);
            },
        );
        measure.scale()
    }
}

/// A frame that is prepared into other memory.
#[derive(Clone, Copy)]
struct Frame<'a> {
    marks: &'a Marks,
    how: How,
    order: Option<&'a [usize]>,
}

/// The values of a stretch, of which the last one may have fewer.
#[inline(always)]
fn stretch<T>(values: &[T], number: usize) -> &[T] {
    let first = number * STRETCH;
    &values[first..values.len().min(first + STRETCH)]
}

/// Fills in the values of a stretch as floats, held to `most`, with 0 behind those of the last one.
#[inline(always)]
pub(crate) fn fill_part<T: Copy + Into<f32>>(part: &mut [f32; STRETCH], values: &[T], most: f32) {
    // Of known length, this works on several at once.
    if let Ok(values) = <&[T; STRETCH]>::try_from(values) {
        for (part, v) in part.iter_mut().zip(values) {
            *part = (*v).into().clamp(-most, most);
        }
        return;
    }
    *part = [0.0; STRETCH];
    for (part, v) in part.iter_mut().zip(values) {
        *part = (*v).into().clamp(-most, most);
    }
}

/// Puts floats in the place of values.
#[inline(always)]
fn put<U: ArrayValue>(out: &mut [U], part: &[f32]) {
    match (
        <&mut [U; STRETCH]>::try_from(&mut *out),
        <&[f32; STRETCH]>::try_from(part),
    ) {
        (Ok(out), Ok(part)) => {
            for (out, v) in out.iter_mut().zip(part) {
                *out = U::nearest(*v);
            }
        }
        _ => {
            for (out, v) in out.iter_mut().zip(part) {
                *out = U::nearest(*v);
            }
        }
    }
}

/// Where values are whose channels are in another order.
struct Places {
    plane: usize,
    /// The place of the channel that each channel of the frame becomes.
    starts: Vec<usize>,
}

impl Places {
    fn new(order: &[usize], len: usize) -> Self {
        let plane = len / order.len();
        let mut starts = vec![0; order.len()];
        for (place, channel) in order.iter().enumerate() {
            starts[*channel] = place * plane;
        }
        Self { plane, starts }
    }

    /// Puts values that are from `first` on in the frame: those of one channel after those of another.
    #[inline(always)]
    fn put<U: ArrayValue>(&self, out: &mut [U], mut first: usize, mut made: &[f32]) {
        while !made.is_empty() {
            let (channel, at) = (first / self.plane, first % self.plane);
            let (here, behind) = made.split_at(made.len().min(self.plane - at));
            let start = self.starts[channel] + at;
            put(&mut out[start..start + here.len()], here);
            (first, made) = (first + here.len(), behind);
        }
    }
}
