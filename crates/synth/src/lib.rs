//! A seeded synthetic recording: what an event camera would see of a dozen bright bars, discs and
//! polygons that move before a dark ground, with background noise and hot pixels.
//!
//! [`SynthOptions`] says how large, how long and how fast; [`SynthOptions::open`] gives a
//! [`SynthSource`], which is read like any other recording. The same options give the same events
//! on every platform and for every number of threads.
//!
//! ```
//! use evz_core::{EventBatch, EventSource, Next, SensorSize};
//! use evz_synth::SynthOptions;
//!
//! let mut source = SynthOptions::default()
//!     .with_size(SensorSize { width: 320, height: 240 })
//!     .with_events(100_000)
//!     .with_seed(7)
//!     .open()?;
//! let mut batch = EventBatch::default();
//! let mut events = 0;
//! while let Next::Events(_) = source.read_events(&mut batch)? {
//!     events += batch.len();
//! }
//! assert_eq!(events, 100_000);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Times are microseconds from 0, in order; events of the same microsecond stand in the order of
//! their generation. An edge that moves out of its object's side gives ON events, the edge behind
//! gives OFF. An edge gives events in proportion to the area that it sweeps, about two for each
//! pixel crossed: a higher rate is a faster scene, not a denser edge.
#![forbid(unsafe_code)]

mod clock;
mod edge;
mod hot;
mod motion;
mod options;
mod random;
mod recording;
mod scene;
mod source;
mod step;

pub use options::{
    DEFAULT_EVENTS, DEFAULT_RATE, DEFAULT_SEED, DEFAULT_SIZE, MAX_RATE, MIN_RATE, SynthOptions,
};
pub use source::SynthSource;
