//! Event recordings in HDF5, read with no plugin and no library of the system, and written as DSEC has
//! them.
//!
//! ```
//! use evz_core::{
//!     Event, EventBatch, EventSink, EventSource, Input, Metadata,
//!     Next, OpenOptions, Output, StreamInfo, TimeBase,
//! };
//! use evz_hdf5::Hdf5Sink;
//!
//! let events = EventBatch::from_iter([Event { t: 41_000_000_123, x: 96, y: 133, p: 0 }]);
//! let path = std::env::temp_dir().join("evz-hdf5-example.h5");
//! let out = Output::from_writer(std::fs::File::create(&path).unwrap(), "example.h5");
//! let mut sink = Box::new(Hdf5Sink::create(out, &StreamInfo::new(TimeBase::MICROSECONDS))?);
//! sink.write_batch(events.as_slice())?;
//! let report = sink.finish(&Metadata::new())?;
//! assert!(!report.has_losses());
//!
//! let mut source = evz_hdf5::open(Input::open(&path)?, &OpenOptions::new())?;
//! let mut back = EventBatch::default();
//! assert_eq!(source.read_batch(&mut back)?, Next::Events(1));
//! assert_eq!(back, events);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! | layout | events | times | beside them |
//! | --- | --- | --- | --- |
//! | DSEC | `events/{p,t,x,y}` | microseconds, to which `t_offset` is added once; a note says so | |
//! | M3ED, TUM-VIE, VECtor, eTraM | the same four in `prophesee/{left,right}` or `events` | microseconds | |
//! | Prophesee | records of x, y, p and t in `CD/events`, plain or with the filter ECF | microseconds | `triggers` from `EXT_TRIGGER/events` |
//! | MVSEC | N x 4 in `davis/{left,right}/events`: x, y, t, p | seconds since 1970 | `frames` from `image_raw`, `imu` |
//! | v2e | N x 4 in `events`: t, x, y, p | microseconds | |
//! | E2VID, monash | `events/{xs,ys,ts,ps}` | seconds | `frames` from `images/image…` |
//! | any group whose datasets, or dataset whose records, are called as columns of events usually are | | by an attribute `unit`, or as told | |
//! | any other | the columns that [`paths`](evz_core::OpenOptions::paths) names: `t=a/ts,x=a/pixel/0,…`, where the last part may be a field or the number of a column | as told | |
//!
//! The unit of times is the one that is told, or that of their attribute `unit`, `units` or `time_unit`, of their
//! name, such as `t_ns`, or of the layout as above, the first of these that there is. An attribute that says
//! none that is known is asked about.
//!
//! Numbers may be of any type and byte order, polarities 0 and 1, -1 and 1, or bools; of an enumeration the
//! names tell which is on and which is off. Of N x 4 numbers
//! elsewhere the first values tell the order, if only one fits; [`columns`](evz_core::OpenOptions::columns)
//! tells it otherwise. The option `stream` chooses among several cameras, by the last part of the path
//! or the whole. The size of the sensor comes from `width` and `height` (datasets or attributes), the
//! attributes `geometry` and `sensor_resolution` (height first) or `calib/resolution`; otherwise it is not
//! known. Attributes at the top are metadata, `hdf5.NAME`.
//!
//! Floats are seconds where nothing says another unit; where none has more than three decimals they may be others,
//! which is asked. Floats of seconds are rounded to the microsecond, or to the nanosecond where they need it;
//! since 1970 they hold no more than 238 ns, and a note says that they were rounded.
//!
//! Frames have `format` as OpenCV numbers it, `width`, `height` and `pixels`. No document says what the
//! six columns of MVSEC's `imu` hold: they are called `imu0` to `imu5`.
//!
//! # HDF5
//!
//! Superblocks 0 to 3 behind any user block, groups old and new, attributes; datasets that are compact,
//! contiguous or in chunks, by every index of these. Filters: deflate, shuffle, Fletcher-32, LZF, Blosc 1
//! (BloscLZ, LZ4, zlib, Zstandard; bytes or bits in order), LZ4, bitshuffle, Zstandard, and ECF. Others,
//! such as Blosc 2, szip and Snappy within Blosc, are refused by name, and so are virtual and external
//! datasets: no other file is ever opened.
//!
//! # What is written
//!
//! [DSEC's layout][1]: `events/p` (uint8), `t` (uint32), `x` and `y` (uint16) in chunks of 65,536 with Blosc
//! and Zstandard, `t_offset` (int64), the time of the first event in microseconds, and `ms_to_idx` (uint64). If
//! the size of the sensor is known, the attributes `width` and `height` of `events` say it. h5py reads it with
//! hdf5plugin. Refused, with what would make it fit: events out of order, times that are no whole
//! microseconds, and more than 71 minutes, which uint32 cannot count. Side streams, further columns and
//! metadata have no place. Chunks wait in a temporary file.
//!
//! # Damage and memory
//!
//! A chunk that is damaged, cut off or was never written loses its rows, in all columns; they are
//! counted, and those behind it come. A file whose groups are cut off is refused. HDF5 has no checksums of
//! values but Fletcher-32, so that a bit that flipped in others may not be noticed.
//!
//! The index of chunks is descended for each chunk and never held as a list. Memory is that of the chunks
//! that are unpacked ahead, at most 32 MiB of each column or one chunk, if that is more; chunks of more
//! than 256 MiB are refused, as h5repack can make them smaller. It is taken from what a run may take for what
//! its inputs claim. A chunk whose bytes are those of one before it is damaged, and so is a group whose names
//! are. Of a file with more than 65,536 groups and datasets, or 64 MiB of their headers, only the first are looked
//! through for events, which is a loss; an event stream behind them is found by its path.
//!
//! [1]: https://dsec.ifi.uzh.ch/data-format/
#![forbid(unsafe_code)]

mod column;
mod ecf;
mod filter;
mod find;
mod formats;
mod found;
mod h5;
mod meaning;
mod named;
mod open;
mod order;
mod parts;
mod plain;
mod row_index;
mod sample;
mod side;
mod sink;
mod source;
mod stream;

pub use formats::FORMATS;
pub use open::{open, open_streams};
pub use plain::{PlainDataset, plain_dataset};
pub use sink::Hdf5Sink;
pub use source::Hdf5Source;
