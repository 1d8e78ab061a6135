//! Event recordings as Arrow tables: Parquet and Arrow IPC, both ways.
//!
//! [`open`] reads a table of events as an [`ArrowSource`]; [`ParquetSink`] and [`IpcSink`] write
//! one; [`record_batches`] gives any window of an indexed recording as record batches of any of its
//! columns. Side streams go to files of their own by [`side_to_parquet`], [`side_to_ipc`] and
//! [`side_to_text`].
//!
//! ```
//! use evz_arrow::ParquetSink;
//! use evz_core::{
//!     Event, EventBatch, EventSink, EventSource, Input, Metadata,
//!     Next, OpenOptions, Output, StreamInfo, TimeBase,
//! };
//!
//! let info = StreamInfo::new(TimeBase::MICROSECONDS);
//! let events = EventBatch::from_iter([Event { t: 3811, x: 96, y: 133, p: 0 }]);
//! let path = std::env::temp_dir().join("evz-arrow-example.parquet");
//! let out = Output::from_writer(std::fs::File::create(&path).unwrap(), "example.parquet");
//! let mut sink = Box::new(ParquetSink::create(out, &info));
//! sink.write_batch(events.as_slice())?;
//! let _ = sink.finish(&Metadata::new())?;
//!
//! let mut source = evz_arrow::open(Input::open(&path)?, &OpenOptions::new())?;
//! let mut back = EventBatch::default();
//! assert_eq!(source.read_batch(&mut back)?, Next::Events(1));
//! assert_eq!(back, events);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! Parquet in any of its compressions but LZO, and Arrow IPC as a file or a stream, uncompressed,
//! in LZ4 or zstd. Columns are found by their names, in any order and case: `t`, `ts`, `time`,
//! `timestamp` or `timestamps`, also with the unit behind it (`t_us`, `t_25ns`); `x` and `y`, also
//! with the side of the sensor behind it (`x@346`); `p`, `pol`, `polarity` or `on`. Others are further
//! columns of the events where they hold truth, integers of 8 to 64 bits or floats of 32 or 64, by
//! their names and with every bit; [`OpenOptions::columns`](evz_core::OpenOptions::columns) tells which of them are read, such as
//! `t,x,y,p,label`. Not read, and named in a note, are those of other types (text, times, decimals,
//! lists, dictionaries), those without a name or with that of another, and those behind the first 64.
//! Times are timestamps or durations of any unit, whole numbers in the unit
//! that their name, the metadata or [`OpenOptions::time_unit`](evz_core::OpenOptions::time_unit) tells, or floats: these are seconds if
//! nothing tells otherwise, and become microseconds, or nanoseconds where the first of them need it;
//! those between two ticks are rounded and reported as a loss. Coordinates are whole numbers from 0
//! to 65535 of any type, polarities 0 and 1, -1 and 1, or truth. Whole numbers without a unit, floats
//! that may be milliseconds, and two columns that may be one stop with
//! [`evz_core::ErrorKind::Ambiguous`]. A row that is no event, or has a null, stops the reading behind
//! the rows before it. Nulls in further columns of floats become NaN, as in pandas, and are counted as
//! lost; in others they stop the reading as well, for nothing in their place could be told from what
//! was measured. The error says with which columns told the table is read.
//!
//! Parquet is read row group by row group; the rest of one that is found damaged is counted as lost.
//! The `parquet` crate panics at some damaged files, which becomes an error here; a panic hook, put
//! before the one that is there, keeps those panics silent. Damage is found by the checksums of pages, where the writer made them (pyarrow does with
//! `write_page_checksum=True`), and otherwise only where a page cannot be unpacked. Arrow IPC is
//! read a record batch at a time, of at most 1 GiB; of what is cut off the batches before the cut
//! are read. A batch that the footer of a file lists twice is read once; what it does not list, and what
//! follows the end of a stream or file, is counted as lost.
//!
//! # What is written
//!
//! `t`, `x` and `y` as UInt16, `p` as Boolean, and further columns as the same type of Arrow, their
//! unit and description as `evz.unit` and `evz.description` in the metadata of their fields; none of
//! them is nullable. `t` is a Timestamp without a
//! time zone, whatever the clock: what stands as 1970-01-01 00:00:00 is 0 of the recording's clock.
//! DuckDB, Polars, pandas and Spark take it for a time, and compare it with times alone, not with
//! numbers whose unit nobody knows; a Duration, which Parquet does not have, would be a plain number to
//! DuckDB and Spark. Its unit is the time base of the recording, or where that is no milli-,
//! micro- or nanosecond the coarsest of these that divides it. Ticks that none of them divides, such
//! as 1/24000000 s, and times that do not fit are refused. The metadata has the unit as
//! `evz.time_base_ns`; the clock as `evz.clock` (`unknown`, `sensor`, `unix`, `gps`, `monotonic`) and its
//! epoch, in the unit of `t`, as `evz.epoch`; the time of the first row as `evz.t_first`; all of that in
//! words as `evz.time`; the sensor as `evz.width` and `evz.height`, and all else as
//! `evz.meta.KEY`, with the type behind the key where it is no text (`evz.meta.source.header#bytes`,
//! in base64).
//!
//! Parquet has row groups of 131,072 events, which become longer after half a billion, and pages of
//! 16,384, with statistics and a page index on `t`; differences for `t`, split bytes for `x` and
//! `y`, bits for `p`, either of the latter two for further columns, then zstd. Arrow IPC has batches of 65,536 events, uncompressed.
//!
//! # What is lost when writing
//!
//! No event, no column and no order. Side streams are not in the table. Neither Arrow IPC nor Parquet, as it is
//! written here, has checksums: a flipped bit may go unseen, which in `.evz` it does not. Ticks that
//! Arrow has no unit for come back as finer ones of the same time. An IPC stream has no place for the
//! metadata that is known only at the end, which a note then says.
#![forbid(unsafe_code)]

mod fence;
mod format;
mod further;
mod ipc;
mod layout;
mod metadata;
mod parquet_file;
mod probe;
mod rows;
mod side_file;
mod source;
mod table;
mod window;
mod written_times;

pub use format::{FORMATS, open};
pub use ipc::IpcSink;
pub use parquet_file::ParquetSink;
pub use side_file::{side_to_ipc, side_to_parquet, side_to_text};
pub use source::ArrowSource;
pub use window::record_batches;
