//! Recordings of event cameras in one compressed, indexed file; any time range of it back at once.
//!
//! This library is what the `evz` command has, for Rust programs. [`Reader`] takes windows out of
//! an `.evz` file by time, event number, region and polarity; [`Writer`] writes one; [`open()`]
//! opens any format that evz knows, and [`open_source`] reads it from front to back.
//!
//! ```
//! use evz::{EventBatch, EventSource, OpenOptions, ReadOptions, Selection, WriteOptions};
//! # let folder = tempfile::tempdir()?;
//! # let (text, file) = (folder.path().join("events.txt"), folder.path().join("events.evz"));
//! # std::fs::write(&text, "0.000010 3 7 1\n0.000020 4 7 0\n0.000030 4 8 1\n")?;
//!
//! // Text, or anything else, to a file.
//! let mut source = evz::open_source(&text, &OpenOptions::new())?;
//! let mut writer = WriteOptions::new().create(&file, source.info())?;
//! let mut batch = EventBatch::default();
//! while source.read_batch(&mut batch)? > 0 {
//!     writer.write_batch(batch.as_slice())?;
//! }
//! writer.finish(&source.closing_metadata())?;
//!
//! // Any time range back: here 10 to 29 us, in ticks of the file's time base.
//! let reader = ReadOptions::new().open(&file)?;
//! reader.read(&Selection::default().with_time(10..30), &mut batch)?;
//! assert_eq!(batch.x, [3, 4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Times are `i64` ticks of [`StreamInfo::time_base`], `x` and `y` `u16` with the origin top-left,
//! `p` 1 for ON and 0 for OFF.
#![forbid(unsafe_code)]

mod format;
mod gpu;
mod open;
mod rows;
mod unread;

/// The README, so that its example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

pub use evz_aedat as aedat;
pub use evz_arrow as arrow;
pub use evz_codec as codec;
pub use evz_core::{
    Columns, Error, Event, EventBatch, EventSink, EventSlice, EventSource, Filtered, Loss,
    Metadata, Polarity, Progress, Report, Result, Roi, Selection, SensorSize, SideColumn, SideRows,
    SideValues, StreamInfo, TimeBase, Value,
};
pub use evz_cuda as cuda;
pub use evz_file as file;
pub use evz_file::{ReadOptions, Reader, Summary, WriteOptions, Writer};
pub use evz_numpy as numpy;
pub use evz_picture as picture;
pub use evz_prophesee as prophesee;
pub use evz_render as render;
pub use evz_text as text;
pub use format::{Format, unpacked_name};
pub use gpu::{GpuPainter, described};
pub use open::{OpenOptions, Recording, detect_format, open, open_source, open_stream};
