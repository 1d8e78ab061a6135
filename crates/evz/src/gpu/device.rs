//! What makes frames.

use std::time::Duration;

use super::choice::DEFAULT_GPU_START;

/// What makes frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    /// All cores of the processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, or an error that says why not.
    Cuda,
    /// Whichever is likely to end sooner. The processor begins at once. Once it has worked for a
    /// quarter of what a GPU takes to start, and the caller would still wait for frames for more than
    /// two and a half times as long as that takes, a GPU is started: it warms up, makes the first
    /// frames once more, and makes the rest if it was faster. Until then the driver is not looked
    /// for, and where frames are written more slowly than they are made it never is.
    ///
    /// Integers, decays and time surfaces are the same by either. A value of a voxel grid may differ
    /// within the bound of both, as it is summed up in another order; so here it may from run to run.
    Auto,
}

/// A device, and what is to be known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceOptions {
    /// What makes frames.
    pub device: Device,
    /// How long a GPU takes to start, by which [`Device::Auto`] goes.
    pub gpu_start: Duration,
}

impl DeviceOptions {
    /// This device.
    pub fn new(device: Device) -> Self {
        Self {
            device,
            gpu_start: DEFAULT_GPU_START,
        }
    }

    /// On a machine where a GPU takes so long to start.
    pub fn with_gpu_start(mut self, gpu_start: Duration) -> Self {
        self.gpu_start = gpu_start;
        self
    }
}
