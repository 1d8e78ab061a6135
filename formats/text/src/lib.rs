//! Recordings of an event camera as text: a line an event, in whatever dialect.
//!
//! [`open`] finds the dialect from the content and gives a [`TextSource`]; [`create`] prints events,
//! by default in the dialect that they came from, so that regular text goes back to the same bytes
//! ([`regularity`] tells whether it does).
//!
//! ```
//! use evz_core::{CreateOptions, EventBatch, EventSource, Input, Next, OpenOptions, Output, Separator};
//!
//! let text = "240 180\n0.003811000 96 133 0\n0.003820000 101 20 1\n0.003820000 3 179 1\n";
//! let input = Input::from_bytes(text, "events.txt");
//! let mut source = evz_text::open(input, &OpenOptions::new())?;
//! let mut events = EventBatch::default();
//! assert_eq!(source.read_batch(&mut events)?, Next::Events(3));
//! assert_eq!(events.t[0], 3_811_000);
//! assert_eq!(
//!     source.report().inferred[0],
//!     "read as: t x y p, seconds (9 decimals), polarity 0/1, 240x180 from the first line"
//! );
//!
//! let output = Output::from_writer(std::io::stdout(), "standard output");
//! let options = CreateOptions::new().with_separator(Separator::Comma);
//! let mut sink = evz_text::create(output, source.info(), &options)?;
//! sink.write_batch(events.as_slice())?;
//! sink.finish(&source.closing_metadata())?;
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! What is read: any order of the four columns; blanks, tabs, commas or semicolons between them;
//! headers with the size of the sensor or the names of the columns; remarks; LF or CRLF; seconds
//! with decimals or an exponent, or whole milliseconds, microseconds or nanoseconds; polarity as
//! 0/1, -1/1 or True/False. What is packed is unpacked before: [`Input::unpacked`]. An order other
//! than `t x y p`, `x y t p` or `x y p t` is taken from the names of the columns or from
//! [`OpenOptions::columns`], never from values alone. Where two readings fit, opening stops with an
//! error whose [`question`](evz_core::Error::question) settles it.
//!
//! Lines may have further columns. Their names are taken from the header or told
//! (`t,x,y,p,label`, with `-` for a column that is passed over), and their types from a remark
//! `# evz.columns: ["t","x","y","p",{"name":"label","type":"u8"}]`, from what is told (`label:u8`), or
//! else from the values at the start, in the middle and at the end: i64 (u64 if need be), f64, or bool
//! for True and False. A value that its column does not hold is a bad line; columns of words, and those that
//! have no name among others that have (as pandas writes the numbers of rows), are passed over with a note.
//! They are written behind `t x y p`, or where the source had them, and that remark says all of them.
//! Floats are written with the fewest digits that bring them back.
//!
//! Times never pass through a float. A tick is the last decimal that the times have: with nine
//! decimals of a second a nanosecond, with six a microsecond. Where the decimals vary it is the
//! nanosecond; digits below that are rounded and reported as a loss. Ticks that are no whole number
//! of nanoseconds, such as 1/24000000 s, are written as whole numbers behind a remark that says what
//! they are, `# evz.tick: 1/24000000 s`; a clock other than a sensor's, and an epoch, are said in the
//! same way (`# evz.clock: unix`, `# evz.epoch: 1589163147 x 1/1 s`), and are understood when they are read.
//! [`Header::None`](evz_core::Header::None) leaves out what is said of the clock.
//!
//! Memory is bounded by the blocks in flight, a few for each thread, whatever the input; a line of
//! more than 64 KiB is a bad line. The events do not depend on the number of threads.
//!
//! [`Input::unpacked`]: evz_core::Input
//! [`OpenOptions::columns`]: evz_core::OpenOptions::columns
#![forbid(unsafe_code)]

mod blocks;
mod columns_remark;
mod detect;
mod format;
mod format_metadata;
mod formats;
mod further;
mod header;
mod line;
mod line_columns;
mod number;
mod parse;
mod parts;
mod polarity;
mod print;
mod remarks;
mod shape;
mod sink;
mod source;
pub mod whole;

pub use format_metadata::regularity;
pub use formats::FORMATS;
pub use sink::create;
pub use source::{TextSource, open};
