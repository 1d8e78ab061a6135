//! What every part of evz shares: events in columns ([`EventBatch`]), their time base and sensor
//! ([`StreamInfo`]), what a reader is asked for ([`Selection`]), how recordings flow from a reader
//! to a writer ([`EventSource`], [`EventSink`]), how any part of one is read ([`EventIndex`]), how
//! tables are read as events ([`columns`]) and how things go wrong ([`Error`]).
//!
//! An event is `(t, x, y, p)`: `t` an `i64` in ticks of the recording's [`TimeBase`], `x` and `y`
//! `u16` pixel coordinates with the origin top-left, `p` the polarity, 1 for ON and 0 for OFF.
#![forbid(unsafe_code)]

mod batch;
pub mod columns;
mod error;
mod filter;
mod gcd;
mod geometry;
mod in_order;
mod index;
mod metadata;
pub mod npy;
mod select;
mod side;
mod source;
mod time;

pub use batch::{ColumnsMut, Event, EventBatch, EventSlice};
pub use error::{Error, Result};
pub use filter::Filtered;
pub use gcd::gcd;
pub use geometry::{Roi, SensorSize};
pub use in_order::InOrder;
pub use index::{EventIndex, Extent};
pub use metadata::{Metadata, Value};
pub use select::{Columns, Polarity, Selection};
pub use side::{SideColumn, SideRows, SideValues};
pub use source::{EventSink, EventSource, Loss, Progress, Report, StreamInfo};
pub use time::TimeBase;
