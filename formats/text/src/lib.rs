//! Recordings of an event camera as text: a line an event, in whatever dialect.
//!
//! [`open`] finds the dialect from the content and gives a [`TextSource`]; [`TextSink`] prints
//! events in a [`TextFormat`], by default the one that the events came from, so that regular text
//! goes back to the same bytes ([`regularity`] tells whether it does).
//!
//! ```
//! use evz_core::{EventBatch, EventSink, EventSource};
//! use evz_text::{TextFormat, TextOptions, TextSink};
//!
//! let text = "240 180\n0.003811000 96 133 0\n0.003820000 101 20 1\n0.003820000 3 179 1\n";
//! let mut source = evz_text::from_reader(text.as_bytes(), "events.txt", &TextOptions::default())?;
//! let mut events = EventBatch::default();
//! assert_eq!(source.read_batch(&mut events)?, 3);
//! assert_eq!(events.t[0], 3_811_000);
//! assert_eq!(
//!     source.report().inferred[0],
//!     "read as: t x y p, seconds (9 decimals), polarity 0/1, 240x180 from the first line"
//! );
//!
//! let format = TextFormat::for_stream(source.info())?.with_separator(",")?;
//! let out = Box::new(std::io::stdout());
//! let mut sink = Box::new(TextSink::create(out, "stdout", &format, source.info())?);
//! sink.write_batch(events.as_slice())?;
//! sink.finish(&source.closing_metadata())?;
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! What is read: any order of the four columns; blanks, tabs, commas or semicolons between them;
//! headers with the size of the sensor or the names of the columns; remarks; LF or CRLF; seconds
//! with decimals or an exponent, or whole milliseconds, microseconds or nanoseconds; polarity as
//! 0/1, -1/1 or True/False; plain, or packed as gzip, zstd or a zip with one member. An order other
//! than `t x y p`, `x y t p` or `x y p t` is taken from the names of the columns or from
//! [`TextOptions::columns`], never from values alone. Where two readings fit, opening stops with [`evz_core::Error::Ambiguous`], which names the option that
//! settles it.
//!
//! Times never pass through a float. A tick is the last decimal that the times have: with nine
//! decimals of a second a nanosecond, with six a microsecond. Where the decimals vary it is the
//! nanosecond; digits below that are rounded and reported as a loss.
//!
//! Memory is bounded by the blocks in flight, a few for each thread of the current rayon pool,
//! whatever the input; a line of more than 64 KiB is a bad line. The events do not depend on the
//! number of threads.
#![forbid(unsafe_code)]

mod blocks;
mod columns;
mod detect;
mod format;
mod format_metadata;
mod header;
mod input;
mod line;
mod members;
mod number;
mod options;
mod parse;
mod polarity;
mod print;
mod sink;
mod source;
mod units;
mod zip;

pub use columns::ColumnOrder;
pub use format::{Header, TextFormat};
pub use format_metadata::regularity;
pub use options::{OnBadLine, TextOptions};
pub use polarity::PolarityStyle;
pub use sink::TextSink;
pub use source::{TextSource, from_reader, open, probe};
pub use units::TimeUnit;
