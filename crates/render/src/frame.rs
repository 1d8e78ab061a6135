//! What a renderer makes.

use std::ops::Range;

use evz_core::{Result, Roi, SensorSize};
use pulp::bytemuck::{Pod, cast_slice, try_cast_slice_mut};

use crate::array_type::Prepared;
use crate::facts::ValueType;
use crate::large_pages::written;
use crate::marks::Marks;
use crate::pad::{Placing, check_crop};
use crate::preparation::Preparer;
use crate::spec::FrameSpec;

/// One rendered window.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Images of `width` by `height`, one after the other in `values`.
    pub channels: usize,
    /// The window in ticks: start included, end excluded.
    pub window: Range<i64>,
    /// Number of the window's first event among those that are read, or of the one behind it where it has none:
    /// those from there on are the window's. None where its events do not stand next to each other, as
    /// of a region, and where nobody asked for a look-up in the index
    /// ([`RenderOptions::numbered`](crate::RenderOptions::numbered)).
    pub first: Option<u64>,
    /// Events of the window that lie on the sensor.
    pub n_events: u64,
    /// The values: `[channels, height, width]`, the last index the fastest. There are none where they were prepared
    /// in the same memory.
    pub values: Values,
}

/// A frame, and what did not go into it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Painted {
    /// The frame.
    pub frame: Frame,
    /// Selected events of its window that lie beyond the sensor.
    pub beyond: u64,
    /// Those of the others that a map to rectify by puts beyond the frame.
    pub(crate) moved_out: u64,
    /// Where the frame was written to, for who uses its memory again.
    pub(crate) marks: Marks,
    /// What prepares the frame, with the values that came of it.
    pub(crate) preparer: Option<Box<Preparer>>,
}

impl Frame {
    /// The part of it in a region.
    ///
    /// # Errors
    /// If the region is not all of it in the frame.
    pub fn cropped(&self, region: Roi) -> Result<Self> {
        let (width, height) = (self.width as u32, self.height as u32);
        check_crop(region, SensorSize { width, height })?;
        let cut = Placing::cutting(region, [self.width, self.height]);
        let values = match &self.values {
            Values::I16(values) => Values::I16(cut.applied(values, 0)),
            Values::U16(values) => Values::U16(cut.applied(values, 0)),
            Values::F32(values) => Values::F32(cut.applied(values, 0.0)),
        };
        Ok(Self {
            width: region.width as usize,
            height: region.height as usize,
            window: self.window.clone(),
            values,
            ..*self
        })
    }
}

impl Painted {
    /// Copies the values, as they are prepared if they are, as bytes of the machine's order, to memory of the same
    /// length. Of values that are all alike only one is read, and the rest is written: it takes less time to fill
    /// that memory.
    ///
    /// # Panics
    /// If `out` has another length.
    pub fn copy_to(&self, out: &mut [u8]) {
        fn copy<T: Pod>(marks: &Marks, values: &[T], out: &mut [u8]) {
            match try_cast_slice_mut(out) {
                Ok(out) => {
                    assert_eq!(out.len(), values.len(), "memory for a frame");
                    marks.copy(values, out);
                }
                // Not where such values may stand.
                Err(_) => out.copy_from_slice(cast_slice(values)),
            }
        }
        let preparer = self.preparer.as_ref();
        match (
            preparer.map(|of| (of.in_place(), of.prepared())),
            &self.frame.values,
        ) {
            (Some((true, Prepared::F32(values))), _) => copy(&self.marks, values, out),
            (Some((_, prepared)), _) => prepared.copy_to(out),
            (None, Values::I16(values)) => copy(&self.marks, values, out),
            (None, Values::U16(values)) => copy(&self.marks, values, out),
            (None, Values::F32(values)) => copy(&self.marks, values, out),
        }
    }

    /// Events that a map to rectify by puts beyond the frame.
    pub fn moved_out(&self) -> u64 {
        self.moved_out
    }

    /// Prepares the frame as `like` does, which is the same each time that this memory is painted in.
    pub fn prepare(&mut self, like: &Preparer) {
        let preparer = self.preparer.get_or_insert_with(|| Box::new(like.clone()));
        match &mut self.frame.values {
            Values::F32(values) if preparer.in_place() => {
                preparer.prepare_in_place(values, &self.marks);
            }
            _ => preparer.prepare_marked(&self.frame, &self.marks),
        }
    }

    /// The values that came of it.
    pub fn prepared(&self) -> Option<&Prepared> {
        self.preparer.as_ref().map(|preparer| preparer.prepared())
    }

    /// A frame to be painted in the memory of an earlier one of the same spec, with what that left there; an empty
    /// one if there is none.
    pub(crate) fn in_memory(memory: Option<Self>, spec: FrameSpec, len: usize) -> Self {
        let Some(mut painted) = memory else {
            return Self::blank(spec, len);
        };
        if let (Some(preparer), Values::F32(values)) =
            (&mut painted.preparer, &mut painted.frame.values)
        {
            preparer.give_back(values);
        }
        painted
    }

    /// A frame without events.
    pub(crate) fn blank(spec: FrameSpec, len: usize) -> Self {
        let FrameSpec {
            representation,
            size,
            ..
        } = spec;
        let values = match representation.value_type() {
            ValueType::I16 => Values::I16(written(0, len)),
            ValueType::U16 => Values::U16(written(0, len)),
            ValueType::F32 => Values::F32(written(representation.background(), len)),
        };
        let size = representation.frame_size(size);
        let frame = Frame {
            width: size.width as usize,
            height: size.height as usize,
            channels: representation.channels(),
            window: 0..0,
            first: None,
            n_events: 0,
            values,
        };
        Self {
            frame,
            beyond: 0,
            moved_out: 0,
            marks: Marks::new(len),
            preparer: None,
        }
    }
}

/// The values of a frame, in the type that its representation has.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Signed sums.
    I16(Vec<i16>),
    /// Counts.
    U16(Vec<u16>),
    /// Anything that decays or is interpolated.
    F32(Vec<f32>),
}

impl Values {
    /// The type of the values.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::I16(_) => ValueType::I16,
            Self::U16(_) => ValueType::U16,
            Self::F32(_) => ValueType::F32,
        }
    }

    /// Adds the values to bytes, little-endian.
    pub fn add_le_bytes(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::I16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::U16(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
            Self::F32(v) => add_le_bytes(bytes, v, |v| v.to_le_bytes()),
        }
    }
}

pub(crate) fn add_le_bytes<T: Copy, const N: usize>(
    bytes: &mut Vec<u8>,
    values: &[T],
    le: impl Fn(T) -> [u8; N],
) {
    let start = bytes.len();
    bytes.resize(start + values.len() * N, 0);
    for (bytes, value) in bytes[start..].chunks_exact_mut(N).zip(values) {
        bytes.copy_from_slice(&le(*value));
    }
}
