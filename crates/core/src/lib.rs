//! What every part of evz shares: events in columns ([`EventBatch`]), their time base and sensor
//! ([`StreamInfo`]), what a reader is asked for ([`Selection`]), how recordings flow from a reader
//! to a writer ([`EventSource`], [`EventSink`]), how any part of one is read ([`EventIndex`]), what
//! a format says of itself ([`Format`]), where bytes come from and go to ([`Input`], [`Output`],
//! [`ReadAt`]), how tables are read as events ([`columns`]), what there is to say of it all
//! ([`Report`]) and how things go wrong ([`Error`]).
//!
//! An event is `(t, x, y, p)`: `t` an `i64` in ticks of the recording's [`TimeBase`], `x` and `y`
//! `u16` pixel coordinates with the origin top-left, `p` the polarity, 1 for ON and 0 for OFF. A
//! recording may have further columns ([`ExtraColumn`]), such as labels.
#![forbid(unsafe_code)]

mod batch;
mod bytes;
mod clock;
pub mod columns;
mod error;
mod extra;
mod format;
mod gcd;
mod geometry;
mod index;
mod kept_rows;
mod memory;
mod metadata;
mod noticed;
pub mod npy;
mod options;
pub mod parallel;
mod parts;
mod report;
mod select;
mod selected;
mod side;
mod side_scope;
mod side_store;
mod source;
mod time;

pub use batch::{ColumnsMut, Event, EventBatch, EventSlice};
pub use bytes::{
    Arriving, AtReader, BytesRead, Clues, Commit, FileAt, Filled, Input, InputReader, OneRun,
    Output, ReadAt, SeekAt, Watched, fill, read_error, read_range, unpacked_name, url_scheme,
};
#[cfg(feature = "files")]
pub use bytes::{
    NamedTemporary, OutputFile, Partial, Temporary, TemporaryFolder, remove_partial_files,
    sync_outputs, system_error, temporary_place,
};
pub use clock::{Clock, ClockKind};
pub use error::{Error, ErrorKind, Place, Question, Result, WayOut, alternatives, listed};
pub use extra::{
    ColumnSet, ColumnType, ColumnValue, ExtraColumn, ExtraSlice, Values, ValuesMut, ValuesSlice,
};
pub use format::{Create, Format, Holds, OpenParts, OpenStreams, Opened, SideStreams};
pub use gcd::gcd;
pub use geometry::{Roi, SensorSize};
pub use index::{EventIndex, Extent, SideParts};
pub use kept_rows::KeptRows;
pub use memory::{DEFAULT_MAX_MEMORY, Memory, max_memory, parse_bytes, set_max_memory};
pub use metadata::{Metadata, Value};
pub use noticed::Noticed;
pub use options::{
    Column, ColumnList, ColumnOrder, ColumnPaths, CreateOptions, DropEvents, Filter, FurtherColumn,
    Header, HotLimit, OnBadLine, OpenOptions, PolarityMap, PolarityMeaning, PolarityStyle,
    Separator, TimeUnit, nanoseconds,
};
pub use parts::{PartReader, PartWriter, Parts};
pub use report::{Loss, LossKind, Note, Report};
pub use select::{Columns, Polarity, Selection, last_tick, window_holds};
pub use selected::Selected;
pub use side::{SideColumn, SideRows, SideValues};
pub use side_scope::SideScope;
pub use side_store::SideStore;
pub use source::{EventSink, EventSource, Next, Progress, StreamInfo};
pub use time::TimeBase;
