//! Decodes chunks and renders frames on an NVIDIA GPU.
//!
//! [`GpuOptions::open`] looks for a GPU and says in one line why there is none. A [`Gpu`] gives
//! [`Lane`]s, one for each thread: [`Lane::run`] takes a [`DeviceJob`], which is a run of
//! windows and the events that they lie in, as chunks of a file or as columns, and returns the same frames as
//! `evz-render` makes on the CPU. Several lanes overlap copies, decoding and painting.
//!
//! ```
//! use evz_core::{EventSlice, Selection, SensorSize, TimeBase};
//! use evz_cuda::{DeviceEvents, DeviceJob, GpuOptions};
//! use evz_render::{FrameSpec, JobWindows, Representation, Values};
//!
//! let gpu = match GpuOptions::default().open() {
//!     Ok(gpu) => gpu,
//!     Err(why) => {
//!         println!("no GPU: {why}");
//!         return Ok(());
//!     }
//! };
//! let events = EventSlice {
//!     t: &[10, 20, 30],
//!     x: &[1, 0, 1],
//!     y: &[0; 3],
//!     p: &[1, 0, 1],
//!     ..EventSlice::default()
//! };
//! let spec = FrameSpec {
//!     reversed: false,
//!     representation: Representation::Signed,
//!     size: SensorSize { width: 2, height: 1 },
//!     time_base: TimeBase::MICROSECONDS,
//! };
//! let job = DeviceJob {
//!     events: DeviceEvents::Columns(events),
//!     sorted: true,
//!     selection: Selection::default(),
//!     windows: &JobWindows::Positions(vec![0..3]),
//!     spec,
//! };
//! let mut lanes = gpu.lanes(1)?;
//! let frames = lanes[0].run(&job, &mut || None)?;
//! assert_eq!(frames[0].frame.values, Values::I16(vec![-1, 2]));
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Frames of integers equal those of the CPU bit for bit, and so do decays and time surfaces: the
//! operations are the same and rounded the same. A voxel grid is summed up in another order, so a
//! value differs from the CPU's by what either may differ from the sum: where `n` events meet in a
//! value, it is within `n * (n + 1) * 2^-23` of the CPU's.
//!
//! [`Lane::run_to_array`] leaves the frames of a job on the device, in a [`DeviceArray`] that whoever asked
//! for it owns.
//!
//! Memory on the device is bounded by [`GpuOptions::max_device_bytes`]. A window whose events do not
//! fit is painted piece by piece.

mod array;
mod bands;
mod chunk;
mod code;
mod damage;
mod decode;
mod driver;
mod frames;
mod gpu;
mod job;
mod kernels;
mod lane;
mod layout;
mod load;
mod loaded;
mod measure;
mod memory;
mod method;
mod mirror;
mod needs;
mod packing;
mod paint;
mod paint_by_bands;
mod piece;
mod pieces;
mod plain;
mod recipe;
mod resident;
mod room;
mod run;
mod scratch;
mod self_test;
mod shared;
mod staging;
mod told_times;
mod wanted;

pub use array::{ArrayFrame, DeviceArray};
pub use chunk::Chunk;
pub use driver::NoGpu;
pub use frames::DeviceFrames;
pub use gpu::{DEFAULT_MAX_DEVICE_BYTES, Gpu, GpuOptions};
pub use job::{DeviceEvents, DeviceJob};
pub use lane::Lane;
pub use recipe::paints;
pub use resident::Resident;
pub use staging::{StagedPlace, Staging};
