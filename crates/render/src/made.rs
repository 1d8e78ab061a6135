//! Frames whose values a device made, in memory that is used again.

use std::ops::Range;

use evz_core::Result;

use crate::frame::{Painted, Values};
use crate::marks::{Marks, STRETCH};
use crate::representation::Representation;
use crate::spec::FrameSpec;

/// Values as a device gives them: bytes in the order of this machine.
trait FromBytes: Copy {
    const LEN: usize;
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! from_bytes {
    ($($type:ty),*) => {
        $(impl FromBytes for $type {
            const LEN: usize = size_of::<$type>();

            #[inline(always)]
            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_ne_bytes(bytes.try_into().expect("as many as a value has"))
            }
        })*
    };
}

from_bytes!(i16, u16, u32, f32);

/// Values that are not empty, by stretches of 32.
#[derive(Debug, Clone, Copy)]
pub struct Packed<'a> {
    /// Words of 32 bits, in the order of this machine: which values of each stretch are not empty,
    /// the first one the lowest bit.
    pub masks: &'a [u8],
    /// Words: where the values of the first of so many stretches start, in values.
    pub starts: &'a [u8],
    /// So many.
    pub stretches: usize,
    /// Bytes of the values.
    pub values: &'a [u8],
}

impl Painted {
    /// A frame for values that are made elsewhere, in the memory of an earlier one of the same spec
    /// if there is one. Until [`fill`](Self::fill) or [`scatter`](Self::scatter) its values are any.
    ///
    /// # Errors
    /// If such a frame is too large.
    pub fn made_elsewhere(
        spec: FrameSpec,
        memory: Option<Self>,
        window: Range<i64>,
        n_events: u64,
        beyond: u64,
    ) -> Result<Self> {
        let len = spec.representation.frame_len(spec.size)?;
        let mut painted = Self::in_memory(memory, spec, len);
        painted.frame.window = window;
        painted.frame.n_events = n_events;
        painted.beyond = beyond;
        Ok(painted)
    }

    /// Takes all values, of which there are as many as in the frame or more.
    pub fn fill(&mut self, bytes: &[u8]) {
        self.marks.all();
        match &mut self.frame.values {
            Values::I16(values) => fill(values, bytes),
            Values::U16(values) => fill(values, bytes),
            Values::F32(values) => fill(values, bytes),
        }
    }

    /// Takes the values that are not empty. What neither the frame before nor this one wrote to is
    /// not touched.
    pub fn scatter(&mut self, packed: Packed<'_>, of: Representation) {
        let (marks, empty) = (&mut self.marks, of.background());
        match &mut self.frame.values {
            Values::I16(values) => scatter(values, marks, packed, 0),
            Values::U16(values) => scatter(values, marks, packed, 0),
            Values::F32(values) => scatter(values, marks, packed, empty),
        }
    }
}

fn fill<T: FromBytes>(values: &mut [T], bytes: &[u8]) {
    for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(T::LEN)) {
        *value = T::from_bytes(bytes);
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(u32::from_bytes)
}

fn scatter<T: FromBytes>(values: &mut [T], marks: &mut Marks, packed: Packed<'_>, empty: T) {
    let (mut rest, mut starts) = (&[][..], words(packed.starts));
    let stretches = marks.stretches(values).zip(words(packed.masks));
    for (number, ((stretch, mark), mut bits)) in stretches.enumerate() {
        if number % packed.stretches == 0 {
            let start = starts.next().unwrap_or_default() as usize * T::LEN;
            rest = packed.values.get(start..).unwrap_or_default();
        }
        if bits == 0 && *mark == 0 {
            continue;
        }
        *mark = u8::from(bits != 0);
        // Of known length, this is a few instructions.
        match <&mut [T; STRETCH]>::try_from(&mut *stretch) {
            Ok(stretch) => *stretch = [empty; STRETCH],
            Err(_) => stretch.fill(empty),
        }
        let Some((own, behind)) = rest.split_at_checked(bits.count_ones() as usize * T::LEN) else {
            return;
        };
        for bytes in own.chunks_exact(T::LEN) {
            stretch[bits.trailing_zeros() as usize] = T::from_bytes(bytes);
            bits &= bits - 1;
        }
        rest = behind;
    }
}
