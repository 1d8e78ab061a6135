//! Frames out of recordings of event cameras.
//!
//! [`RenderOptions`] says which events make a frame ([`Windows`]), what is made of them
//! ([`Representation`]) and which events count at all. It gives [`Frames`], painted ahead on all
//! cores: by [`RenderOptions::render_index`] out of a recording with an index, of which only the
//! chunks and columns that a frame needs are read, or by [`RenderOptions::render_source`] out of any
//! that can be read from front to back. [`NpyWriter`] writes them as an array; the
//! crate `evz-picture` draws them.
//!
//! ```
//! use evz_core::{EventBatch, EventSource, Metadata, Next, Report, SensorSize, StreamInfo, TimeBase};
//! use evz_render::{CountWindows, RenderOptions, Representation, Values, Windows};
//!
//! # struct Three(StreamInfo, bool);
//! # impl EventSource for Three {
//! #     fn info(&self) -> &StreamInfo { &self.0 }
//! #     fn read_batch(&mut self, batch: &mut EventBatch) -> evz_core::Result<Next> {
//! #         if std::mem::replace(&mut self.1, true) {
//! #             return Ok(Next::End(Report::default()));
//! #         }
//! #         *batch = EventBatch { t: vec![10, 20, 30], x: vec![1, 0, 1], y: vec![0; 3], p: vec![1, 0, 1], extra: vec![] };
//! #         Ok(Next::Events(batch.len()))
//! #     }
//! # }
//! # let size = Some(SensorSize { width: 2, height: 1 });
//! # let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(size);
//! # let source = Box::new(Three(info, false));
//! let windows = Windows::Count(CountWindows::new(100_000, 100_000)?);
//! let mut frames = RenderOptions::new(windows, Representation::Signed).render_source(source)?;
//! while let Some(frame) = frames.next_frame()? {
//!     assert_eq!(frame.window, 10..31);
//!     assert_eq!(frame.values, Values::I16(vec![-1, 2]));
//! }
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Times and windows are ticks of the recording's time base, frames `[channels, height, width]` with
//! the origin top-left. Memory is bounded by a few frames a core with an index, and by the events of
//! a few windows without. Frames of integers are exact. Decays and time surfaces are within 1e-6 of
//! their definition, relative to what is larger than 1. A voxel grid is summed up in 32 bits, in the
//! order of the recording: where `n` events meet in a value, it is within `n * (n + 1) * 2^-24`.
#![deny(unsafe_code)]

mod array_type;
mod bin_places;
mod borders;
mod by_count;
mod by_stream;
mod by_time;
mod camera;
mod canvas;
mod carries;
mod choices;
mod facts;
mod frame;
mod frames;
mod job;
#[cfg_attr(
    target_os = "linux",
    expect(
        unsafe_code,
        reason = "what the system is asked for memory is by its address"
    )
)]
mod large_pages;
mod made;
mod marks;
mod memory;
mod normalization;
mod npy;
mod numbers;
mod pad;
mod paint;
mod preparation;
mod preparation_choices;
mod preset;
mod processor;
mod rectification;
mod rectify_map;
mod representation;
mod resize;
mod reversal;
mod span;
mod sparse;
mod spec;
mod table;
mod time_span;
mod windows;

pub use array_type::{ArrayType, Prepared};
pub use bin_places::BinPlaces;
pub use camera::{Camera, Distortion};
pub use choices::Choices;
pub use facts::{RepresentationFacts, ValueType};
pub use frame::{Frame, Painted, Values};
pub use frames::{Frames, RenderOptions};
pub use job::{Job, JobEvents, JobSizes, JobWindows, Painter};
pub use made::Packed;
pub use normalization::{Deviation, Normalization};
pub use npy::NpyWriter;
pub use pad::Pad;
pub use preparation::{ChannelOrder, Preparation, Preparer};
pub use preparation_choices::PreparationChoices;
pub use preset::Preset;
pub use processor::processor;
pub use rectify_map::RectifyMap;
pub use representation::{Decay, Representation};
pub use resize::{Resize, ResizeBy};
pub use spec::FrameSpec;
pub use time_span::TimeSpan;
pub use windows::{CountWindows, TimeWindows, Windows};
