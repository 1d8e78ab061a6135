//! Frames where the device left them.

use evz_render::{Frame, Painted, ValueType, Values};

use crate::job::DeviceJob;
use crate::lane::Lane;
use crate::layout::FrameDesc;
use crate::recipe::Recipe;

/// Frames of a job, on the device until the call that got them returns.
pub struct DeviceFrames<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) recipe: &'a Recipe,
    pub(crate) job: &'a DeviceJob<'a>,
    pub(crate) descs: &'a [FrameDesc],
    /// The window of the first of them.
    pub(crate) first: usize,
}

impl DeviceFrames<'_> {
    /// Number of the window of the first frame.
    pub fn first(&self) -> usize {
        self.first
    }

    /// How many frames.
    pub fn len(&self) -> usize {
        self.descs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.descs.is_empty()
    }

    /// The device's address of the first value. Frame `k` starts `k * stride()` values behind it,
    /// and its values are complete.
    pub fn address(&self) -> u64 {
        self.lane.values.at()
    }

    /// Values from the start of a frame to that of the next.
    pub fn stride(&self) -> usize {
        self.recipe.stride
    }

    /// What was copied to the host.
    pub(crate) fn to_host(&self) -> Vec<Painted> {
        let Recipe { len, .. } = *self.recipe;
        let bytes = self.recipe.frame_bytes();
        let (job, descs) = (self.job, self.descs);
        let back = self.lane.back.seen();
        let frames = back.chunks_exact(bytes).zip(descs);
        frames
            .map(|(bytes, desc)| painted(job, desc, bytes, len))
            .collect()
    }
}

fn painted(job: &DeviceJob<'_>, desc: &FrameDesc, bytes: &[u8], len: usize) -> Painted {
    let two = |b: &[u8]| [b[0], b[1]];
    let four = |b: &[u8]| [b[0], b[1], b[2], b[3]];
    let values = match job.spec.representation.value_type() {
        ValueType::I16 => {
            let values = bytes.chunks_exact(2).map(|b| i16::from_ne_bytes(two(b)));
            Values::I16(values.take(len).collect())
        }
        ValueType::U16 => {
            let values = bytes.chunks_exact(2).map(|b| u16::from_ne_bytes(two(b)));
            Values::U16(values.take(len).collect())
        }
        ValueType::F32 => {
            let values = bytes.chunks_exact(4).map(|b| f32::from_ne_bytes(four(b)));
            Values::F32(values.take(len).collect())
        }
    };
    let frame = Frame {
        width: job.spec.size.width as usize,
        height: job.spec.size.height as usize,
        channels: job.spec.representation.channels(),
        window: desc.start..desc.stop,
        n_events: desc.events - desc.left_out - desc.beyond,
        values,
    };
    Painted::new(frame, desc.beyond)
}
