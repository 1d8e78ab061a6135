//! The `.bin` files of public data sets: N-MNIST, N-Caltech101, and the sequences of CVPR 2016.
//!
//! ```
//! use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions};
//!
//! // x 12, y 7, ON, 3811 us; then an overflow mark; then x 13, y 8, OFF, 100 us.
//! let bytes = [12, 7, 0x80, 0x0e, 0xe3, 0, 240, 0, 0, 0, 13, 8, 0, 0, 100];
//! let options = OpenOptions::new().with_encoding("nmnist");
//! let mut source = evz_nmnist::open(Input::from_bytes(bytes, "a.bin"), &options)?;
//! let mut events = EventBatch::default();
//! assert_eq!(source.read_batch(&mut events)?, Next::Events(2));
//! assert_eq!((&events.t[..], &events.p[..]), (&[3811, 100 + (1 << 13)][..], &[1, 0][..]));
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! | encoding | record | t | x | y | p | from |
//! | --- | --- | --- | --- | --- | --- | --- |
//! | `nmnist` | 5 bytes, big-endian | 23 bits | 8 bits | 8 bits | 1 bit, 1 is ON | the pages of [N-MNIST][1] and [N-Caltech101][2], section "Download" |
//! | `cvpr2016` | two little-endian words of 32 bits | 32 bits | bits 0 to 8 | bits 9 to 16 | bit 17, 1 is ON | [the sequences of Bardow et al., CVPR 2016][3], section "Format" |
//!
//! Times are microseconds from the start of the recording; rows count from the top, as those of the
//! pictures that were filmed. In `nmnist` a record with y 240, one row below the sensor, is no event:
//! it marks an overflow of the 13-bit clock of the ATIS and adds 2^13 us to every time that follows,
//! as the [published reader][4] has it. The page of `cvpr2016` does not say the order of bytes; it is
//! that of the machines which wrote the files.
//!
//! # How they are recognised
//!
//! The files have no header. One whose name ends in `.bin` is taken for a layout if its length is a
//! whole number of records and nearly all of the records in its first 64 KiB are events of it: the
//! pixel is one that the layout can have, unused bits are empty, and the time is not earlier than the
//! one before. Where both layouts fit, or none does, opening stops and asks for the encoding; with
//! that told, everything is read, whatever it looks like. What was found is said in the report.
//!
//! The size of the sensor is 34x34 if the whole file shows nothing else (N-MNIST), 128x128 for the
//! DVS128 of CVPR 2016, and unknown for N-Caltech101, whose pictures have a size of their own each.
//!
//! # What is lost
//!
//! Nothing of a whole file. Behind the last whole record of a cut file up to 7 bytes are left, which
//! are counted. These formats are not written: they have no place for the size of the sensor, and
//! for few sensors and times enough bits.
//!
//! [1]: https://www.garrickorchard.com/datasets/n-mnist
//! [2]: https://www.garrickorchard.com/datasets/n-caltech101
//! [3]: http://wp.doc.ic.ac.uk/pb2114/datasets/
//! [4]: https://github.com/gorchard/event-Python/blob/master/eventvision.py
#![forbid(unsafe_code)]

mod decode;
mod encoding;
mod formats;
mod guess;
mod source;

pub use formats::FORMATS;
pub use source::{NmnistSource, open};
