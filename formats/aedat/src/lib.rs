//! iniVation's recordings: AEDAT 4 read and written, AEDAT 3.1, 3.0, 2.0 and 1.0 read.
//!
//! [`open`] tells the version from the first line and gives a source of events; [`Aedat4Sink`]
//! writes them as AEDAT 4.
//!
//! ```
//! use evz_aedat::Aedat4Sink;
//! use evz_core::{
//!     EventBatch, EventSink, Input, Metadata, Next, OpenOptions, Output, SensorSize, StreamInfo, TimeBase,
//! };
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("a.aedat4");
//!
//! let info = StreamInfo::new(TimeBase::MICROSECONDS).with_size(SensorSize { width: 346, height: 260 });
//! let mut events = EventBatch::default();
//! events.push(evz_core::Event { t: 1_589_163_147_368_868, x: 215, y: 164, p: 1 });
//! let out = Output::from_writer(std::fs::File::create(&path).unwrap(), "a.aedat4");
//! let mut sink = Box::new(Aedat4Sink::create(out, &info)?);
//! sink.write_batch(events.as_slice())?;
//! let report = sink.finish(&Metadata::new())?;
//! assert!(!report.has_losses());
//!
//! let mut source = evz_aedat::open(Input::open(&path)?, &OpenOptions::new())?;
//! let mut read = EventBatch::default();
//! assert_eq!(source.read_batch(&mut read)?, Next::Events(1));
//! assert_eq!(read, events);
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! | | AEDAT 4.0 | AEDAT 3.1 | AEDAT 2.0 |
//! | --- | --- | --- | --- |
//! | compression | none, LZ4, LZ4_HIGH, ZSTD, ZSTD_HIGH | RAW | |
//! | events | of the stream that the option `stream` names, if there are several | of the device chosen the same way | of a DVS128, of two of them, or of a DAVIS, or as v2e writes for 640x480; of several cameras that of the one chosen the same way |
//! | times | microseconds, in 64 bits as they stand there | 31 bits and the wraps that the packet counts | 32 bits, wraps carried on |
//! | origin in the file | top-left | top-left | bottom-right |
//! | size of the sensor | from the description of the stream | from the name of the device | from the name of the chip; without one the option `encoding` must tell how addresses are laid out (`dvs128`, `dvs128-stereo`, `davis`, `dvs640`), and `size` the sensor of a DAVIS |
//! | `triggers` | yes | external inputs, generator, frames, resets of the clock | external events |
//! | `imu` | yes | six or nine axes | raw counts, for the file does not say their scale |
//! | `frames` | yes | yes, 16 bits a sample | counted as lost |
//!
//! AEDAT 1.0 is read as AEDAT 2.0 with addresses of 16 bits, which are told to be those of a DVS128 or of two; without a
//! header too, where the format is told. AEDAT 3.0 is read as AEDAT 3.1 but for two things: its header ends
//! with the first line that does not begin with `#`, and rows of events and frames count from the bottom, so
//! that the size of the sensor must be known, from the name of the device or told
//! (<https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.0.html>). What a file
//! has besides is skipped, and counted as a loss; settings of a device in AEDAT 3 and events marked as not
//! valid are only noted. Times are never shifted: those of AEDAT 4 count from 1970, the others from when the
//! camera began.
//!
//! In AEDAT 2.0 columns count from the right and rows from the bottom, and a DVS128 sets its bit of
//! polarity for OFF. The vendor's page says otherwise of columns and polarity; jAER, which wrote
//! these files, reads them so. Several cameras are streams of their own: jAER numbers those of a DAVIS in
//! the four lowest bits (`camera_0` and so on), and marks the right one of two DVS128 in bit 15 (`left`,
//! `right`), which for a single one is that of external events.
//!
//! Where many addresses cannot be those of the layout in which they are read, most are external events, or
//! many events lie in one row or column, that is said, with the layouts that the first addresses fit.
//!
//! # Side streams
//!
//! Rows are given of `frames` (`frame_begin`, `frame_end`,
//! `exposure_begin`, `exposure_end`, `format` as OpenCV numbers it, `width`, `height`, `x_offset`,
//! `y_offset`, `source`, `pixels`; their time is the begin of the exposure, as in dv-processing),
//! `imu` (`temperature` in °C, `accel_x` to `z` in g, `gyro_x` to `z` in °/s, `magnetometer_x` to
//! `z` in µT; NaN where there is none) and `triggers` (`source`: 0 reset of the clock, 1 to 3 rising
//! edge, falling edge and pulse at the input, 4 and 5 rising and falling edge of the generator, 6
//! and 7 begin and end of a frame, 8 and 9 of its exposure). Streams of another camera have its
//! number in their name: `frames_5`. The option `stream` may name a side stream too: of several event streams none is read
//! then.
//!
//! # What is written
//!
//! One stream of events, and `frames`, `imu` and `triggers` as they are read, each with its packets
//! and its description in the header if it has rows; all packets are in the data table. Packets have
//! 10,000 events, 100 samples or triggers, or one frame, compressed as LZ4 unless
//! [`Aedat4Sink::with_compression`] says otherwise. Columns that a stream lacks are 0, times of a
//! frame that are not told are that of the row; frames need `width`, `height` and `pixels`, triggers
//! a `source`. Other side streams have no place, nor has metadata, but for the name of the camera;
//! other columns, and rows with times before 1970, are counted in the report. Refused, with what
//! would make it fit: events out of order, times before 1970 or that are no whole microseconds,
//! coordinates above 32,767, a sensor of unknown size. Packets wait in a temporary file, once there
//! are more than 16 MiB, for the header says where the table behind them lies.
//!
//! # Damage and memory
//!
//! A file cut anywhere gives all events before the cut, of AEDAT 4 up to the last whole block of its
//! compression. A packet of AEDAT 4 that is damaged is skipped and counted; where the head of one
//! makes no sense, reading ends. Nothing is allocated because a header claims it: memory grows with
//! the bytes that are there. Packets of more than 256 MiB are not read, packed or unpacked; those of
//! Zstandard may become 16 MiB, or 255 times as long, which is what LZ4 can do. So a hostile file
//! may take 256 MiB for each thread, or 1 GiB for its largest packet; a camera's takes some 10 MiB,
//! and up to 64 MiB of rows that wait. Headers of AEDAT 4 with more than 1,024 streams are refused.
//! The events do not depend on the number of threads.
#![forbid(unsafe_code)]

mod aedat2;
mod aedat3;
mod aedat4;
mod byte_reader;
mod devices;
mod formats;
mod losses;
mod no_such_stream;
mod open;
mod provenance;
mod side;

pub use aedat4::{Aedat4Sink, Compression};
pub use formats::FORMATS;
pub use open::{open, open_streams};
