//! Event recordings as NumPy arrays: NPY and NPZ, both ways.
//!
//! [`open`] reads the arrays of a file as a [`NumpySource`]; [`NpySink`] and [`NpzSink`] write them.
//!
//! ```
//! use evz_core::{
//!     Event, EventBatch, EventSink, EventSource, Input, Metadata, Next, OpenOptions, Output, StreamInfo, TimeBase,
//! };
//! use evz_numpy::NpzSink;
//!
//! let info = StreamInfo::new(TimeBase::MICROSECONDS);
//! let events = EventBatch::from_iter([Event { t: 3811, x: 96, y: 133, p: 0 }]);
//! let path = std::env::temp_dir().join("evz-numpy-example.npz");
//! let out = Output::from_writer(std::fs::File::create(&path).unwrap(), "example.npz");
//! let mut sink = Box::new(NpzSink::create(out, &info)?);
//! sink.write_batch(events.as_slice())?;
//! let _ = sink.finish(&Metadata::new())?;
//!
//! let mut source = evz_numpy::open(Input::open(&path)?, &OpenOptions::new())?;
//! let mut back = EventBatch::default();
//! assert_eq!(source.read_batch(&mut back)?, Next::Events(1));
//! assert_eq!(back, events);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! NPY of versions 1, 2 and 3 as an array of records, or of N x 4 (or 4 x N) numbers or more, in C or
//! Fortran order; NPZ, stored or deflated, with a member for each column, or one that holds them
//! all in these ways. Numbers are integers of any width, `f4` or `f8`, big- or little-endian.
//!
//! Fields and members are found by their names, in any order and case: `t`, `ts`, `time`,
//! `timestamp` or `timestamps`, also with `_s`, `_ms`, `_us` or `_ns` behind it; `x` and `y`, also
//! with the side of the sensor behind it (`x@346`); `p`, `pol`, `polarity` or `on`. The columns of plain numbers are read as
//! [`OpenOptions::columns`](evz_core::OpenOptions::columns) says: `x,y,-,t,p,label` of N x 6, where `-`
//! is passed over. If it says nothing, N x 4 are `t x y p`, `x y t p` or `x y p t` if the values of the
//! first 65,536 rows fit one of these and no other.
//!
//! All else that has a number for each event is a further column by its name: fields, and members of
//! one dimension beside those of the events, also beside an array that holds all of these. They are
//! booleans, integers, `f4` or `f8` and keep their type and every bit. A further column of plain
//! numbers has the type of the array, or that which is told, `label:u8`; a value that is none of that
//! type stops the reading like a row that is no event. What cannot be one, such as text, `f2`, arrays
//! of another length or fields that are arrays, or comes behind the 64th, is named in a note.
//!
//! Times are `datetime64` or `timedelta64` of any unit from the nanosecond to the day, whole numbers
//! in the unit that their name, their title, a remark in the head, the member `time_base_ns` or `tick`, or [`OpenOptions::time_unit`](evz_core::OpenOptions::time_unit)
//! tells, or floats: these are seconds if nothing tells otherwise, and become microseconds, or
//! nanoseconds where the first of them need it; those between two ticks are rounded and reported as
//! a loss. Coordinates are whole numbers from 0 to 65535, polarities 0 and 1, -1 and 1, or truth.
//! Whole numbers without a unit, floats that may be milliseconds, columns in no order that is
//! safe, and two names for one column stop with [`evz_core::ErrorKind::Ambiguous`]. A row that is no
//! event (NaN, NaT) stops the reading behind the rows before it. Arrays of pickled Python objects
//! are refused.
//!
//! The columns are read, and unpacked each on a core of its own, in blocks of at most 65,536 rows
//! or 4 MiB of all columns, whatever a head claims. Of a file that was cut the events before the cut are read, and
//! the others counted as lost; an archive whose columns stand one behind the other has some only if
//! the cut is in the last of them. A checksum that is wrong is an error behind the last event.
//! Bytes that no head claims, members that no directory lists, and where an archive ends without its
//! directory, what stood there, are counted as lost; an archive that says two things of a member is an error.
//!
//! # What is written
//!
//! NPY: records of `t` (`i8`), `x`, `y` (`u2`), `p` (`b1`) and the further columns, without padding. A
//! remark in the head, which numpy reads over, says the unit of `t` and, where it is known, the size of the
//! sensor: `# evz: t_us, x@346, y@260`. So `t` stays a whole number, and divides and compares like one,
//! which a `timedelta64` does not; and arrays of different sensors are of one type, and can be joined.
//!
//! NPZ: members `t`, `x`, `y`, `p` and the further columns of the same types, deflated, and before them `time_base_ns`,
//! `width` and `height` as single whole numbers, and all other metadata as `meta.KEY`, each as a
//! single number, truth or text, or as a list of bytes. Where a tick is no whole number of
//! nanoseconds, `tick` says it as a fraction of a second, `1/24000000`. `clock` and `epoch` say of
//! which clock `t` is and what it counts from, in the unit of `t`, where that is known. `unit.NAME` and
//! `description.NAME` are texts that say more of the further column `NAME`, where there is more.
//!
//! A further column whose name is read as something else, as `time`, `x@346`, `width` or `meta.a`, is
//! called `column.time` in both, and `time` again when it is read.
//!
//! # What is lost when writing
//!
//! No event, no order and no further column. Side streams are in neither; NPY has no place for
//! metadata other than the unit and the size: an epoch of the clock is counted as lost, and so are
//! units and descriptions of further columns. Names that take more than the 10,000 bytes of a head
//! that numpy reads are refused in NPY, and names with a zero byte in NPZ.
#![forbid(unsafe_code)]

mod array;
mod columns;
mod contents;
mod format;
mod layout;
mod meaning;
mod metadata;
mod names;
mod npy;
mod parts;
mod plain_numbers;
mod rows;
mod sink;
mod source;
mod zip;

pub use format::{FORMATS, open};
pub use plain_numbers::{PlainArray, PlainNumbers, PlainValues, plain_array, plain_numbers};
pub use sink::{NpySink, NpzArray, NpzArrays, NpzSink};
pub use source::NumpySource;
