//! Prepared frames of which most is empty.

use crate::array_type::Prepared;
use crate::frame::Values;
use crate::marks::{Marks, STRETCH};
use crate::normalization::Normalization;

/// The values of a frame that are not 0, and where they are in the prepared one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sparse {
    /// So many values and places count; what is behind them is left from earlier frames.
    n: usize,
    values: Vec<f32>,
    at: Vec<u32>,
    scratch: Vec<f32>,
}

impl Sparse {
    /// Prepares a frame whose empty values are 0 and stay 0, over what was prepared before by this. Only what
    /// is marked is looked at.
    pub(crate) fn prepare(
        &mut self,
        values: &Values,
        marks: &Marks,
        order: Option<&[usize]>,
        clip: Option<f32>,
        normalization: Option<Normalization>,
        prepared: &mut Prepared,
    ) {
        prepared.clear(&self.at[..self.n], values.len());
        match values {
            Values::I16(v) => self.gather(v, marks, order, f32::from),
            Values::U16(v) => self.gather(v, marks, order, f32::from),
            Values::F32(v) => self.gather(v, marks, order, |v| v),
        }
        let values = &mut self.values[..self.n];
        if let Some(clip) = clip {
            values.iter_mut().for_each(|v| *v = v.clamp(-clip, clip));
        }
        if let Some(normalization) = normalization {
            normalization.apply(values, &mut self.scratch);
        }
        prepared.put_at(&self.at[..self.n], values);
    }

    fn gather<T: Copy>(
        &mut self,
        values: &[T],
        marks: &Marks,
        order: Option<&[usize]>,
        float: impl Fn(T) -> f32,
    ) {
        let most = marks.marked().count() * STRETCH;
        if self.values.len() < most {
            self.values.resize(most, 0.0);
            self.at.resize(most, 0);
        }
        let places = order.map(|order| Places::new(order, values.len()));
        let mut n = 0;
        for stretch in marks.marked() {
            let first = stretch * STRETCH;
            let end = values.len().min(first + STRETCH);
            // What is 0 is written over by the next one: a branch would be guessed wrong too often.
            for (k, value) in values[first..end].iter().enumerate() {
                let value = float(*value);
                self.values[n] = value;
                self.at[n] = (first + k) as u32;
                n += usize::from(value != 0.0);
            }
        }
        self.n = n;
        if let Some(places) = places {
            let at = self.at[..n].iter_mut();
            at.for_each(|at| *at = places.of(*at));
        }
    }
}

/// Where values are whose channels are in another order.
struct Places {
    plane: u32,
    /// The place of the channel that each channel of the frame becomes.
    starts: Vec<u32>,
}

impl Places {
    fn new(order: &[usize], len: usize) -> Self {
        let plane = len / order.len();
        let mut starts = vec![0; order.len()];
        for (place, channel) in order.iter().enumerate() {
            starts[*channel] = (place * plane) as u32;
        }
        Self {
            plane: plane as u32,
            starts,
        }
    }

    fn of(&self, at: u32) -> u32 {
        self.starts[(at / self.plane) as usize] + at % self.plane
    }
}
