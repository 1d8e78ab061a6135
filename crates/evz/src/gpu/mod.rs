//! Frames on a GPU, and what decides whether they are made there.

mod choice;
mod device;
mod painter;
mod rendering;

pub use choice::{Choice, DEFAULT_GPU_START, Rates};
pub use device::{Device, DeviceOptions};
pub use painter::{GpuPainter, described, staged};
pub use rendering::Rendering;
