//! The `.evz` file: [`Writer`] and [`Reader`], and what checks and mends files ([`verify()`],
//! `recover`). The format is SPEC.md at the root of the repository; this crate is the only one
//! that implements it.
//!
//! Writing takes batches of events in one pass, with memory for the chunks in flight:
//!
//! ```
//! use evz_core::{Event, EventBatch, Metadata, StreamInfo, TimeBase};
//! use evz_file::WriteOptions;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("events.evz");
//! let info = StreamInfo::new(TimeBase::MICROSECONDS);
//! let mut writer = WriteOptions::new().create(&path, &info)?;
//! let events: EventBatch =
//!     (0..1_000).map(|i| Event { t: i, x: i as u16, y: 7, p: (i % 2) as u8 }).collect();
//! writer.write_batch(events.as_slice())?;
//! let summary = writer.finish(&Metadata::new())?;
//! assert_eq!(summary.events, 1_000);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Reading takes any window, by time, number, region or polarity, into a batch that the caller owns
//! and reuses; it costs what it returns, not what the file holds:
//!
//! ```
//! # use evz_core::{Event, Metadata, StreamInfo, TimeBase};
//! use evz_core::{EventBatch, Selection};
//! use evz_file::ReadOptions;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("events.evz");
//! # let info = StreamInfo::new(TimeBase::MICROSECONDS);
//! # let mut writer = evz_file::WriteOptions::new().create(&path, &info)?;
//! # let events: EventBatch = (0..1_000).map(|i| Event { t: i, x: i as u16, y: 7, p: 1 }).collect();
//! # writer.write_batch(events.as_slice())?;
//! # writer.finish(&Metadata::new())?;
//! let reader = ReadOptions::new().open(&path)?;
//! let mut batch = EventBatch::default();
//! reader.read(&Selection::default().with_time(100..110), &mut batch)?;
//! assert_eq!(batch.t, (100..110).collect::<Vec<i64>>());
//!
//! // A recording of any length, a chunk at a time.
//! let mut on = 0;
//! for batch in reader.batches(&Selection::default()) {
//!     on += batch?.p.iter().filter(|p| **p == 1).count();
//! }
//! # assert_eq!(on, 1_000);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! Times are `i64` ticks of the file's time base, `x` and `y` pixels from the top-left corner, `p` is
//! 1 for ON and 0 for OFF. What a file may claim is bounded by [`limits`]; damage is an error that
//! names chunk and byte, never a panic.
#![deny(unsafe_code)]

mod buffer;
mod check;
mod check_side;
pub mod forever;
mod format;
mod index;
mod join;
mod join_alike;
mod layout;
pub mod limits;
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[expect(
    unsafe_code,
    reason = "memory maps; every block says what makes it sound"
)]
mod map;
mod packing;
mod reader;
mod recover;
mod scan;
mod section;
#[cfg(feature = "files")]
mod sort;
pub mod steps;
mod stream_metadata;
mod verify;
pub mod wire;
mod writer;

pub use format::FORMATS;
pub use index::Index;
pub use join::join_into;
#[cfg(feature = "files")]
pub use join::{Joined, join};
pub use layout::{Layout, LayoutBody, LayoutRecord, layout};
#[cfg(feature = "files")]
pub use reader::Follow;
pub use reader::{Batches, CompressedChunk, Found, ListedChunk, ReadOptions, Reader, mapped};
#[cfg(feature = "files")]
pub use recover::recover;
pub use recover::{RecoverReport, recover_into};
#[cfg(feature = "files")]
pub use sort::{SideSpill, SortedSource, SpilledRows};
pub use stream_metadata::for_stream;
pub use verify::{VerifyReport, verify, verify_open};
pub use writer::{
    DEFAULT_CHUNK_EVENTS, EvzSink, Summary, WriteOptions, Writer, edit_metadata, profiles,
};
