//! Columns of other people's tables as columns of events: what they are called, and what their
//! numbers mean.
//!
//! A reader finds its columns by [`Role::find`] and the unit of the times by [`TimeColumn::times`].
//! Then, a run of rows at a time, [`Times`], [`pixels`] and [`Signs`] turn numbers of any type into
//! columns of events. Each stops before the first row that is no event and says what is wrong with
//! it; [`Sieve`] skips such rows where that is told. [`not_read`] and [`Rounded`] tell the user what else was found.
//!
//! ```
//! use evz_core::columns::{Bad, Role, Signs, Times, pixels};
//!
//! let [t, x, _, p] = Role::find("table", &["x", "y", "timestamp_us", "polarity"])?;
//! assert_eq!((t, x, p), (2, 0, 3));
//!
//! let (mut times, mut columns, mut polarities) = (Vec::new(), Vec::new(), Vec::new());
//! let bad = [
//!     Times::read_whole([10u32, 20, 30].into_iter(), &mut times),
//!     pixels([1.0, 2.0, 2.5].into_iter(), 'x', &mut columns),
//!     Signs::default().read([1i8, -1, 0].into_iter(), &mut polarities),
//! ];
//! let bad = bad.into_iter().fold(None, Bad::first).unwrap();
//! assert_eq!(bad.row, 2);
//! assert_eq!(bad.what, "x is 2.5, where a whole number from 0 to 65535 is expected");
//! # Ok::<(), evz_core::Error>(())
//! ```

mod bad;
mod dictionary;
mod name;
mod number;
mod pixel;
mod polarity;
mod row_part;
mod row_state;
mod seen;
mod sieve;
mod time;
mod unit;

pub use bad::Bad;
pub use name::{Named, Role, Roles, not_read, time_name};
pub use number::Number;
pub use pixel::pixels;
pub use polarity::Signs;
pub use row_part::RowPart;
pub use row_state::RowState;
pub use seen::Seen;
pub use sieve::Sieve;
pub use time::{Rounded, Times};
pub use unit::{TimeColumn, TimeType};
