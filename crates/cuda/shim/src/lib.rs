//! Runs the CUDA kernels of `evz-cuda` on the host, for tests.
//!
//! [`Device::install`] makes the same library the driver that `evz-cuda` finds in this process, so
//! that its host code runs unchanged from end to end. [`Kernel`] launches an entry point of `kernels/kernels.cu` on memory of the host. A thread of the
//! device is a fiber; barriers and the operations of a warp are checked: who waits where, and with
//! which mask. The seed says in which order the threads run. [`under_sanitizers`] runs the tests of
//! a file once more, with checks of addresses and undefined behaviour, and with a finder of races,
//! to which a thread that did not pass a barrier with another is concurrent.

mod device;
mod kernel;
mod library;
mod sanitizers;

pub use device::{Device, Used};
pub use kernel::{Kernel, SEEDS};
pub use library::{driver_folder, old_driver_folder};
pub use sanitizers::{Sanitizer, run_under, sanitized, under_sanitizers};
