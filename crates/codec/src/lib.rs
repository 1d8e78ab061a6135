//! The codecs of the evz format: columns of events to payload bytes and back, with no I/O.
//!
//! A [`Codec`] turns the events of one chunk into a payload and gives any range of them back, in
//! the columns that are wanted. [`by_id`] finds the codec that a file names. [`FAST`] packs
//! bits, at memory speed. [`SMALL`] is an entropy coder, for the smallest files. SPEC.md has the
//! layout of both. [`extra`] has the codecs of further columns, beside t, x, y and p.
//!
//! ```
//! use evz_codec::{ChunkTime, Codec, Decoder, FAST, Payload};
//! use evz_core::{ColumnsMut, EventSlice};
//!
//! let events = EventSlice {
//!     t: &[1_000, 1_020, 1_020, 1_050],
//!     x: &[3, 640, 641, 7],
//!     y: &[9, 20, 20, 300],
//!     p: &[1, 0, 0, 1],
//!     ..EventSlice::default()
//! };
//! let time = ChunkTime::of(events.t);
//! let mut bytes = Vec::new();
//! let encoded = FAST.encode(events, time, &mut bytes);
//!
//! let payload = Payload {
//!     bytes: &bytes,
//!     toc_len: encoded.toc_len as usize,
//!     n_events: events.len(),
//!     time,
//!     sorted: true,
//! };
//! let mut x = [0; 2];
//! let out = ColumnsMut { x: Some(&mut x), ..Default::default() };
//! FAST.decode(payload, 1..3, out)?;
//! assert_eq!(x, [640, 641]);
//! assert_eq!(FAST.lower_bound(payload, 1_030)?, 3);
//! # Ok::<(), evz_core::Error>(())
//! ```
#![deny(unsafe_code)]

mod codec;
mod elsewhere;
pub mod extra;
mod fast;
mod plane;
mod registry;
mod small;
mod time;

pub use codec::{Codec, Decoder, Encoded, Payload, Run};
pub use elsewhere::Elsewhere;
pub use fast::{FAST, Fast};
pub use registry::{all, by_id, by_name};
pub use small::{SMALL, SMALL_GPU, Small};
pub use time::ChunkTime;
