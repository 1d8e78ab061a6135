//! Recordings of event cameras in one compressed, indexed file; any time range of it back at once.
//!
//! [`open()`] opens a recording of any format that evz knows, [`create()`] begins one in the format
//! that its name stands for, [`copy()`] carries over all that the one has and says what the other
//! could not hold. [`convert`] is the three in one call:
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (text, file) = (folder.path().join("events.txt"), folder.path().join("events.evz"));
//! # std::fs::write(&text, "0.000010 3 7 1\n0.000020 4 7 0\n0.000030 4 8 1\n")?;
//! use evz::{CreateOptions, EventBatch, OpenOptions, ReadOptions, Selection};
//!
//! // Text, or anything else, to a file.
//! let recording = evz::open(&text, &OpenOptions::new())?;
//! let sink = evz::create(&file, &recording.info_for_copy(), &CreateOptions::new(), false)?;
//! let copied = evz::copy(&mut *recording.into_source(), sink)?;
//! assert!(!copied.report.has_losses());
//!
//! // Any time range back: here 10 to 29 us, in ticks of the file's time base.
//! let reader = ReadOptions::new().open(&file)?;
//! let mut batch = EventBatch::default();
//! reader.read(&Selection::default().with_time(10..30), &mut batch)?;
//! assert_eq!(batch.x, [3, 4]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`open_streams`] opens every event stream of a recording, a [`Rig`] puts those of one or of several
//! recordings on one timeline, and [`copy_streams`] writes them into one file.
//!
//! [`record`] writes what a camera sends into a file that is read while it grows; [`Reader::refresh`] looks
//! at such a file again, and [`Recording::follow`] gives its events as they come.
//!
//! [`rate`] counts the events over time; [`survey`] says what the clock and the pixels are like, as [`Surveyor`]
//! does of events from anywhere.
//!
//! [`open_url`] opens a recording that is somewhere else and fetches what is read of it.
//!
//! Times are `i64` ticks of [`StreamInfo::time_base`], `x` and `y` `u16` with the origin top-left,
//! `p` 1 for ON and 0 for OFF.
//!
//! # Features
//!
//! `text`, `prophesee`, `aedat`, `numpy`, `arrow`, `es`, `nmnist`, `ros`: formats, a family each; `.evz` is
//! always there.
//! `render`: frames and pictures; `gpu`: frames on a CUDA device. `parallel`: work on all cores.
//! `files`: outputs that get their name when they are whole, sorting. `unpack`: gzip, zstd and zip.
//! `remote`: recordings by their URL, of web servers, S3, Google Cloud Storage and Azure.
//! All are on by default. Without any, `.evz` is read and written.
#![forbid(unsafe_code)]

#[macro_use]
mod wrapping;

mod aligned;
#[cfg(all(feature = "render", feature = "files"))]
mod calibration;
mod conversion;
#[cfg(feature = "files")]
mod convert;
mod copy;
mod copy_streams;
mod create;
mod cut;
mod detect;
mod doubts;
mod events_alone;
mod filters;
#[cfg(feature = "files")]
pub mod folder;
#[cfg(feature = "render")]
mod frame_parts;
#[cfg(feature = "render")]
mod frames;
#[cfg(feature = "gpu")]
mod gpu;
mod inside;
#[cfg(feature = "files")]
mod live;
mod located;
#[cfg(feature = "files")]
mod noted;
mod of_size;
mod open;
mod origin;
#[cfg(feature = "files")]
mod pack;
mod peeked;
mod rate;
mod recording;
#[cfg(feature = "render")]
mod rectify_map;
mod registry;
#[cfg(feature = "remote")]
mod remote;
mod rig;
mod rounded;
mod rows_before;
mod shifted;
#[cfg(feature = "files")]
mod side_by_side;
mod side_names;
#[cfg(feature = "arrow")]
mod side_output;
mod side_table;
mod side_times;
#[cfg(feature = "files")]
mod sidecar;
mod survey;
#[cfg(feature = "files")]
mod target;
mod timeline;
mod unread;
mod unsorted;
#[cfg(feature = "files")]
mod verify;
mod wanted;

/// The README, so that its example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

#[cfg(all(feature = "render", feature = "files"))]
pub use calibration::rectify_map_of;
pub use conversion::{Conversion, Converted, Watch};
#[cfg(feature = "files")]
pub use convert::convert;
pub use copy::{Copied, copy, copy_with};
pub use copy_streams::{CopiedStreams, columns_left_out, copy_streams};
#[cfg(feature = "files")]
pub use create::create;
pub use create::{create_in, output_format};
pub use cut::{can_cut, cut_with};
#[cfg(feature = "aedat")]
pub use evz_aedat as aedat;
#[cfg(feature = "arrow")]
pub use evz_arrow as arrow;
pub use evz_core::{
    Clock, ClockKind, ColumnList, ColumnOrder, ColumnPaths, ColumnSet, ColumnType, ColumnValue,
    Columns, ColumnsMut, CreateOptions, DropEvents, Error, ErrorKind, Event, EventBatch,
    EventIndex, EventSink, EventSlice, EventSource, Extent, ExtraColumn, ExtraSlice, Filter,
    Format, FurtherColumn, Header, Holds, HotLimit, Input, KeptRows, Loss, LossKind, Memory,
    Metadata, Next, Note, Noticed, OnBadLine, OpenOptions, Output, Place, Polarity, PolarityMap,
    PolarityStyle, Progress, Question, ReadAt, Report, Result, Roi, Selected, Selection,
    SensorSize, Separator, SideColumn, SideParts, SideRows, SideStreams, SideValues, StreamInfo,
    TimeBase, TimeUnit, Value, Values, ValuesMut, ValuesSlice, WayOut, alternatives, max_memory,
    nanoseconds, npy, parallel, parse_bytes, set_max_memory, url_scheme,
};
#[cfg(feature = "files")]
pub use evz_core::{
    OneRun, OutputFile, Temporary, TemporaryFolder, remove_partial_files, sync_outputs,
};
#[cfg(feature = "gpu")]
pub use evz_cuda as cuda;
pub use evz_file as file;
#[cfg(feature = "files")]
pub use evz_file::Follow;
pub use evz_file::{ReadOptions, Reader, Summary, WriteOptions, Writer};
#[cfg(feature = "numpy")]
pub use evz_numpy as numpy;
#[cfg(feature = "render")]
pub use evz_picture as picture;
#[cfg(feature = "prophesee")]
pub use evz_prophesee as prophesee;
#[cfg(feature = "render")]
pub use evz_render as render;
#[cfg(feature = "ros")]
pub use evz_ros as ros;
#[cfg(feature = "text")]
pub use evz_text as text;
pub use filters::PixelCounts;
#[cfg(feature = "render")]
pub use frame_parts::SplitBy;
#[cfg(feature = "render")]
pub use frames::Every;
#[cfg(feature = "gpu")]
pub use gpu::{
    Choice, DEFAULT_GPU_START, Device, DeviceOptions, GpuPainter, Rates, Rendering, described,
    staged,
};
#[cfg(feature = "files")]
pub use live::{DEFAULT_LIVE_PROFILE, Flushing, Lag, RecordOptions, RecordWatch, Recorded, record};
pub use located::{input_of, open_url};
pub use open::{detect_format, open, open_input, open_streams};
pub use origin::Origin;
#[cfg(feature = "files")]
pub use pack::{Packing, Sample, Samples, Unpacking, sample_name};
pub use rate::{
    DEFAULT_MOST_RATE_BINS, MAX_RATE_BINS, Rate, RateBin, every_text, rate, rate_with,
    ticks_of_every,
};
pub use recording::Recording;
#[cfg(feature = "render")]
pub use rectify_map::rectify_map;
pub use registry::{format, format_of_name, formats, unpacked_name};
pub use rig::Rig;
#[cfg(feature = "arrow")]
pub use side_output::{SideWritten, write_side};
pub use side_table::{NextRows, SideTable};
#[cfg(feature = "files")]
pub use sidecar::{Indexed, index, index_path};
pub use survey::{
    BURST_NANOSECONDS, Burst, ClockStep, DEFAULT_SURVEY_EVENTS, Gaps, HotPixel, HotPixels, Survey,
    Surveyor, survey,
};
#[cfg(feature = "files")]
pub use target::{create_output, is_device, output_to};
pub use unsorted::OnUnsorted;
#[cfg(feature = "files")]
pub use verify::verify;
pub use wanted::{Time, Wanted};
