//! Frames that stay on the device for as long as somebody wants them.

use std::ops::Range;

use evz_core::{Error, Result};
use evz_render::ValueType;

use crate::job::DeviceJob;
use crate::lane::Lane;
use crate::memory::{Buffer, failed};
use crate::recipe::Recipe;

/// The frames of a job in memory of the device that is theirs alone: `[frames, channels, height, width]`,
/// the last index the fastest. It is freed when this is dropped, whether the lane still is there or not.
///
/// All values are complete: no stream has to wait for them. The memory is of the device's primary
/// context, which the runtime of CUDA uses too, and so PyTorch and CuPy.
pub struct DeviceArray {
    memory: Buffer,
    device: usize,
    value_type: ValueType,
    shape: [usize; 4],
    stride: usize,
    frames: Vec<ArrayFrame>,
}

/// What is known of a frame of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ArrayFrame {
    /// The window in ticks: start included, end excluded.
    pub window: Range<i64>,
    /// Events of the window that lie on the sensor.
    pub n_events: u64,
    /// Selected events of its window that lie beyond the sensor.
    pub beyond: u64,
}

impl DeviceArray {
    /// The device's address of the first value; 0 if there is none.
    pub fn address(&self) -> u64 {
        self.memory.at()
    }

    /// Number of the device, as the driver counts.
    pub fn device(&self) -> usize {
        self.device
    }

    /// The type of the values.
    pub fn value_type(&self) -> ValueType {
        self.value_type
    }

    /// How many frames, channels, rows, and pixels in a row.
    pub fn shape(&self) -> [usize; 4] {
        self.shape
    }

    /// Values from one to the next along each index. Frames may have a few values between them that
    /// belong to none.
    pub fn strides(&self) -> [usize; 4] {
        let [_, _, height, width] = self.shape;
        [self.stride, height * width, width, 1]
    }

    /// What is known of each frame.
    pub fn frames(&self) -> &[ArrayFrame] {
        &self.frames
    }

    /// The frames of arrays in one, in their order.
    ///
    /// # Errors
    /// If there is none, if they are of different devices or frames, or if the device has no room.
    pub fn joined(arrays: Vec<Self>) -> Result<Self> {
        let mut arrays = arrays.into_iter();
        let Some(mut joined) = arrays.next() else {
            return Err(Error::invalid("no array to join"));
        };
        let others: Vec<Self> = arrays.collect();
        let frames = |a: &Self| (a.device, a.value_type, a.shape[1..].to_vec(), a.stride);
        if others.iter().any(|a| frames(a) != frames(&joined)) {
            return Err(Error::invalid("arrays of different frames"));
        }
        if others.is_empty() {
            return Ok(joined);
        }
        let stream = joined.memory.new_stream()?;
        let n = joined.shape[0] + others.iter().map(|a| a.shape[0]).sum::<usize>();
        let mut memory = joined.memory.beside();
        memory.reserve(joined.frame_bytes() * n, &stream)?;
        let mut at = 0;
        for array in std::iter::once(&joined).chain(&others) {
            let bytes = array.frame_bytes() * array.shape[0];
            memory.copy(at, &array.memory, bytes, &stream)?;
            at += bytes;
        }
        stream.synchronize().map_err(|e| failed("copy memory", e))?;
        joined.memory = memory;
        joined.shape[0] = n;
        joined
            .frames
            .extend(others.into_iter().flat_map(|a| a.frames));
        Ok(joined)
    }

    /// Copies the values of some frames to memory of the host, with nothing between them.
    ///
    /// # Errors
    /// If the driver does not copy them.
    ///
    /// # Panics
    /// If `out` is not as long as they are, or there are no such frames.
    pub fn copy_to(&self, frames: Range<usize>, out: &mut [u8]) -> Result<()> {
        let frame = self.shape[1..].iter().product::<usize>() * self.value_type.bytes();
        assert!(frames.end <= self.shape[0], "frames that there are");
        assert_eq!(out.len(), frame * frames.len(), "room for all values");
        if out.is_empty() {
            return Ok(());
        }
        let stream = self.memory.new_stream()?;
        for (number, out) in frames.zip(out.chunks_exact_mut(frame)) {
            self.memory
                .read(number * self.frame_bytes(), out, &stream)?;
        }
        stream.synchronize().map_err(|e| failed("give a copy", e))
    }

    /// Bytes from one frame to the next.
    fn frame_bytes(&self) -> usize {
        self.stride * self.value_type.bytes()
    }
}

impl Lane {
    /// The frames of a job in an array of the device, which does not count among what the lane may
    /// take.
    ///
    /// # Errors
    /// As [`Lane::run`]; or if the frames do not fit what the lane may take all at once.
    pub fn run_to_array(&mut self, job: &DeviceJob<'_>) -> Result<DeviceArray> {
        let (recipe, n) = (Recipe::of(job.spec)?, job.windows.len());
        self.bind()?;
        // What the frames need and no more: it is given away.
        self.values.free(&self.stream)?;
        let mut frames = Vec::with_capacity(n);
        self.run_on_device(job, &mut |made| {
            if made.len() < n {
                let bytes = recipe.frame_bytes() as u64 * n as u64;
                let what = format!(
                    "{n} frames take {bytes} bytes and what makes them, more than it may use at \
                     once; ask for fewer, or allow it more memory"
                );
                return Err(Error::limit("the GPU", what));
            }
            frames.extend(made.descs.iter().map(|desc| ArrayFrame {
                window: desc.start..desc.stop,
                n_events: desc.events - desc.left_out - desc.beyond,
                beyond: desc.beyond,
            }));
            Ok(())
        })?;
        let (spec, context) = (job.spec, &self.shared.context);
        let (width, height) = (spec.size.width as usize, spec.size.height as usize);
        Ok(DeviceArray {
            memory: std::mem::replace(&mut self.values, Buffer::new(context)),
            device: context.ordinal(),
            value_type: spec.representation.value_type(),
            shape: [n, spec.representation.channels(), height, width],
            stride: recipe.stride,
            frames,
        })
    }
}
