//! What a renderer makes.

use std::ops::Range;

use evz_core::{Result, Roi, SensorSize};
use pulp::bytemuck::{Pod, cast_slice, try_cast_slice_mut};

use crate::array_type::Prepared;
use crate::facts::ValueType;
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
    /// Number in the recording of the window's first event, or of the one behind it where it has none:
    /// those from there on are the window's. None where its events do not stand next to each other, as
    /// of a region, and where nobody asked for a look-up in the index
    /// ([`RenderOptions::numbered`](crate::RenderOptions::numbered)).
    pub first: Option<u64>,
    /// Events of the window that lie on the sensor.
    pub n_events: u64,
    /// The values: `[channels, height, width]`, the last index the fastest.
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
    /// Copies the values, as bytes of the machine's order, to memory of the same length: a frame of which few
    /// pixels have events at little more than it takes to fill that memory.
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
        match &self.frame.values {
            Values::I16(values) => copy(&self.marks, values, out),
            Values::U16(values) => copy(&self.marks, values, out),
            Values::F32(values) => copy(&self.marks, values, out),
        }
    }

    /// Prepares the frame as `like` does.
    pub(crate) fn prepare(&mut self, like: &Preparer) {
        let preparer = self.preparer.get_or_insert_with(|| Box::new(like.clone()));
        preparer.prepare_marked(&self.frame, &self.marks);
    }

    /// The values that came of it.
    pub(crate) fn prepared(&self) -> Option<&Prepared> {
        self.preparer.as_ref().map(|preparer| preparer.prepared())
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

/// Values that were written, and not taken as zeros from the system: it hands those out when they
/// are read, and once more, at a much higher price, when they are written to.
fn written<T: Clone>(value: T, len: usize) -> Vec<T> {
    std::iter::repeat_n(std::hint::black_box(value), len).collect()
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

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::I16(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::F32(values) => values.len(),
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
