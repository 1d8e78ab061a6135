//! Prophesee's recordings: RAW (EVT2, EVT2.1, EVT3, EVT4) and DAT, read and written.
//!
//! [`open`] finds from the header how events are written, and from the events what the header leaves
//! out, and gives a [`PropheseeSource`]; [`PropheseeSink`] writes EVT2, EVT3, EVT4 or DAT 2;
//! [`FORMATS`] says what they are among other formats.
//!
//! ```
//! use evz_core::{EventBatch, EventSink, EventSource, Input, Next, OpenOptions, Output};
//! use evz_prophesee::{Encoding, PropheseeSink};
//!
//! // The time 5 * 4096 + 7 us, row 4, an ON event in column 3.
//! let words = [0x8005u16, 0x6007, 0x0004, 0x2803];
//! let mut file = b"% format EVT3;height=720;width=1280\n% end\n".to_vec();
//! file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
//!
//! let mut source = evz_prophesee::open(Input::from_bytes(file, "a.raw"), &OpenOptions::new())?;
//! let mut events = EventBatch::default();
//! assert_eq!(source.read_batch(&mut events)?, Next::Events(1));
//! assert_eq!((events.t[0], events.x[0], events.y[0], events.p[0]), (20_487, 3, 4, 1));
//!
//! let out = Output::from_writer(std::io::sink(), "a.dat");
//! let mut sink = PropheseeSink::create(out, Encoding::Dat2, source.info())?;
//! sink.write_batch(events.as_slice())?;
//! let report = Box::new(sink).finish(&source.closing_metadata())?;
//! assert!(!report.has_losses());
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! | | words | clock | pixels |
//! | --- | --- | --- | --- |
//! | EVT2 | 32 bits, an event each | 34 bits of microseconds, 4.8 hours | 2048x2048 |
//! | EVT2.1 | 64 bits, up to 32 neighbours each; the low half first, or the high half | the same | the same |
//! | EVT3 | 16 bits, changes of a state | 24 bits, 16.8 seconds | the same |
//! | EVT4 | 32 bits, an event each, or two words for up to 32 neighbours | that of EVT2 | the same |
//! | DAT 1 | 8 bytes an event | 32 bits, 71.6 minutes | 512x256 |
//! | DAT 2 | 8 bytes an event | 32 bits | 16384x16384 |
//!
//! Headers with and without `% end`, of any age: encoding and size come from `format`, `evt`,
//! `geometry`, `Height` and `Width`, or else from the camera's `system_ID`. Bytes that are no UTF-8 do
//! no harm. The lines are kept as they are, as `source.header` in the metadata, beside `source.file`,
//! `source.format` (`raw` or `dat`), `source.encoding` and, of EVT2.1, `source.word_order`. DAT without
//! a header is read where its name ends in `.dat` or the encoding is told.
//!
//! Ticks are microseconds. Times are what the sensor said: nothing is taken off, and the `t0` that
//! faery has taken off is added. A clock that starts again is carried on; a small step back is a step
//! back, also over the point where the clock starts again. Events beyond the sensor are kept and
//! counted. Triggers of RAW are the side stream `triggers` with the columns `polarity` (true for a
//! rising edge) and `id`.
//!
//! Where the header contradicts itself or says too little for one reading, opening stops with
//! [`evz_core::ErrorKind::Ambiguous`] and says what has to be told. EVT2.1's word order is the one
//! that the header states, if the words do not contradict it, or the one in which the words make
//! sense. HISTO3D, DIFF3D, AER and DAT of anything but pixels are refused by name.
//!
//! Reported as losses: events before the first words that say their time and pixel, words of
//! reserved kinds and of EVT2's IMU, events beyond column 2047, bytes of a last word that is cut off.
//! Left out with a note: the sensor's own counters (OTHERS and CONTINUED), and EVT4's words that
//! only fill up. The count that EVT4's triggers have is not read; nor does their maker read it.
//!
//! EVT3's rows of a master and of a slave camera in one stream are read as those of one, with a note.
//!
//! In doubt, and said so with the encoding that the first words fit, if there is one: words of which a
//! quarter mean nothing, clocks that start again or run backwards all the time, and many events in one
//! row or column. DAT 1 is never proposed, for any bytes are events of it.
//!
//! Memory is bounded whatever the input: four blocks of 128 KiB for each thread of
//! [`evz_core::parallel`], and no more than 32, are decoded side by side. A block of EVT3 is usually
//! 25 thousand events and at most 800 thousand. The events do not depend on the number of threads.
//!
//! # What is written, and what is lost
//!
//! EVT2, EVT3 and EVT4 (with vectors of 32 pixels where they are shorter) and DAT 2, the words of which
//! every reader known to us takes for the same events. The lines of a source of the same family are kept
//! but for those that say how it was written. Lost is all other metadata.
//!
//! RAW keeps triggers: rows of the side stream `triggers`, as they are read, stand as EXT_TRIGGER
//! between the events, each once the events pass its time, or at the end. Counted as a loss are
//! those before time 0 or of parts of a microsecond, of channels beyond 31, in EVT3 beyond 15,
//! that come after a later TIME_HIGH has been written, or too long before or after the events. DAT
//! has no place for triggers, and neither has one for other side streams.
//!
//! Refused, with what would make it fit, before any byte of the batch is written: times before 0 or
//! of parts of a microsecond; times that run backwards, in RAW beyond the span of a TIME_HIGH (64 us
//! in EVT2 and EVT4, 4.096 ms in EVT3), within which sensors do so too; gaps that readers would take for a
//! shorter one, or longer than 1024 turns of the clock; pixels beyond 2047 in RAW and 16383 in DAT;
//! RAW without a known size.
//!
//! The absolute time is kept: RAW begins with TIME_HIGH at 0 and shows as many turns of the clock as
//! lie before the first event, up to 1024 (4.8 hours in EVT3, 203 days in the others). Later times, in DAT
//! those from 71.6 minutes on, need the line `% t0`, which this crate and faery add on reading;
//! other readers then give times from 0 on.
#![forbid(unsafe_code)]

mod blocks;
mod clock;
mod decode;
mod encoding;
mod evt3_words;
mod fits;
mod formats;
mod found;
mod guess;
mod header;
mod parts;
mod plan;
mod sink;
mod source;
mod staging;
mod told;
mod triggers;

pub use encoding::{Encoding, WordOrder};
pub use evt3_words::Evt3Words;
pub use formats::FORMATS;
pub use sink::PropheseeSink;
pub use source::{PropheseeSource, open};
