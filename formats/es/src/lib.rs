//! Event Stream 2, `.es`: recordings of DVS, of ATIS and of colour, both ways; generic events read.
//!
//! ```
//! use evz_core::{
//!     Event, EventBatch, EventSink, EventSource, Input, Metadata, Next,
//!     OpenOptions, Output, SensorSize, StreamInfo, TimeBase,
//! };
//! use evz_es::{Encoding, EsSink};
//!
//! let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize { width: 346, height: 260 });
//! let events = EventBatch::from_iter([Event { t: 3811, x: 96, y: 133, p: 0 }]);
//! let path = std::env::temp_dir().join("evz-es-example.es");
//! let out = Output::from_writer(std::fs::File::create(&path).unwrap(), "example.es");
//! let mut sink = Box::new(EsSink::create(out, &info, Encoding::Dvs)?);
//! sink.write_batch(events.as_slice())?;
//! let report = sink.finish(&Metadata::new())?;
//! assert!(!report.has_losses());
//!
//! let mut source = evz_es::open(Input::open(&path)?, &OpenOptions::new())?;
//! let mut back = EventBatch::default();
//! assert_eq!(source.read_batch(&mut back)?, Next::Events(1));
//! assert_eq!(back, events);
//! # std::fs::remove_file(&path).unwrap();
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! The sections named here and in the code are those of the [specification][1], "Binary file
//! structure", "Version 2.0".
//!
//! # What is read
//!
//! | type of stream | events | beside them |
//! | --- | --- | --- |
//! | DVS | all | nothing |
//! | ATIS | the changes of light | threshold crossings, halves of exposure measurements: rows of the side stream `exposure`, with `x`, `y` and `is_second` |
//! | colour | all, with 1 as `p`, for they have no polarity; a note says so | `r`, `g` and `b`, further columns of u8 |
//! | generic | none, for they have no pixel | rows of the side stream `generic`: the time, and in the column `data` the bytes of each event |
//! | Asynchronous & Modular Display | refused: they have no polarity, and no size of the display | |
//!
//! Generic events of more than 64 MiB stop the reading.
//!
//! Versions 2.x are read as 2.0, the last that is published. Times are microseconds that count from 0
//! at the start of the stream; each is what passed since the event before, so none runs backwards. The
//! specification does not say where rows begin: the tools that write such files count them from the
//! bottom, so they are turned to count from the top, by the height in the header or the size that is
//! told. Reset bytes, which a writer may put in for readers that lost the place, are only noted.
//!
//! # What is written
//!
//! A stream of DVS events, or if it is told one of ATIS, with the rows of the side stream `exposure`,
//! or of colour, whose columns the events must have; version 2.0.0, with the size of the sensor, without
//! reset bytes. It reads back as it was; of crossings and events of the same microsecond, crossings
//! come first.
//!
//! Counted as lost are further columns that the stream has no place for, and in one of colour the
//! polarity of OFF events. Refused, with what
//! would make it fit: events out of order, times before 0 or that are no whole microseconds, pixels
//! beyond the sensor, a sensor of unknown size. A gap takes a byte for each 127 us (ATIS 189, colour
//! 254); one of more than 9 hours, as before the first event of a recording whose times count from
//! 1970, is refused. Other side streams have no place, generic events neither, nor has metadata.
//!
//! # Damage
//!
//! A file cut anywhere gives all events before the cut, and one that is cut in two, or that is missing
//! behind its overflow bytes, is counted. Nothing else tells a cut, and nothing a flipped bit: the
//! format has neither lengths nor checksums. Events beyond the sensor, which may be what such a bit
//! made, have no row from the top; they are left out and counted.
//!
//! [1]: https://github.com/neuromorphic-paris/event_stream
#![forbid(unsafe_code)]

mod decode;
mod encoding;
mod exposure;
mod formats;
mod generic;
mod header;
mod kept;
mod parts;
mod sink;
mod source;

pub use encoding::Encoding;
pub use formats::FORMATS;
pub use sink::EsSink;
pub use source::{EsSource, open};
