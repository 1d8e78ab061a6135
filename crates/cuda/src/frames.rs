//! Frames where the device left them.

use evz_core::{Result, parallel};
use evz_render::Painted;

use crate::job::DeviceJob;
use crate::lane::Lane;
use crate::layout::FrameDesc;
use crate::packing::Packing;
use crate::recipe::Recipe;

/// Frames of a job, on the device until the call that got them returns.
pub struct DeviceFrames<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) recipe: &'a Recipe,
    pub(crate) job: &'a DeviceJob<'a>,
    pub(crate) descs: &'a [FrameDesc],
    /// The window of the first of them.
    pub(crate) first: usize,
    /// How they came to the host, if packed.
    pub(crate) packing: Option<Packing>,
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

    /// What was copied to the host, in the memory of earlier frames.
    pub(crate) fn to_host(
        &self,
        memory: &mut dyn FnMut() -> Option<Painted>,
        frames: &mut Vec<Painted>,
    ) -> Result<()> {
        let (spec, back) = (self.job.spec, self.lane.back.seen());
        let before = frames.len();
        for desc in self.descs {
            let n_events = desc.events - desc.left_out - desc.beyond;
            let window = desc.start..desc.stop;
            let frame = Painted::made_elsewhere(spec, memory(), window, n_events, desc.beyond)?;
            frames.push(frame);
        }
        // A thread copies a fifth of what the bus brings.
        let (packing, bytes) = (self.packing, self.recipe.frame_bytes());
        parallel::try_each_mut(&mut frames[before..], |number, frame| {
            match &packing {
                Some(packing) => frame.scatter(packing.frame(back, number), spec.representation),
                None => frame.fill(&back[number * bytes..]),
            }
            Ok(())
        })
    }
}
