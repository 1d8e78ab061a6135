//! Recordings of robots, read without ROS: ROS 1 bags, MCAP, and the databases of rosbag2.
//!
//! ```
//! use evz_core::{EventBatch, EventSource, Input, Next, OpenOptions};
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/stereo.bag");
//! let options = OpenOptions::new().with_stream("/rig/left/events");
//! let mut source = evz_ros::open(Input::open(path)?, &options)?;
//! let (mut batch, mut events) = (EventBatch::default(), 0);
//! let report = loop {
//!     match source.read_batch(&mut batch)? {
//!         Next::Events(n) => events += n,
//!         Next::Rows(rows) => println!("{} rows of {}", rows.len(), rows.stream),
//!         Next::End(report) => break report,
//!     }
//! };
//! assert_eq!(events, 90);
//! assert!(!report.has_losses());
//! # Ok::<(), evz_core::Error>(())
//! ```
//!
//! # What is read
//!
//! | file | records | packed with |
//! | --- | --- | --- |
//! | `.bag` | ROS 1 bags of version 2.0, with or without their index | lz4, bz2 |
//! | `.mcap` | MCAP, in chunks or not, with or without its summary; messages of ROS 1 and in CDR | lz4, zstd; zstd, each message |
//! | `.db3` | SQLite of rosbag2 | zstd, each message or the whole file |
//!
//! | type of messages | times of events | clock |
//! | --- | --- | --- |
//! | `dvs_msgs/EventArray`, `prophesee_event_msgs/EventArray` | the stamp of each event, ns | since 1970; unknown where it begins before 2001, as in simulations |
//! | `event_camera_msgs/EventPacket`, formerly `event_array_msgs/EventArray`: `evt3` | what the sensor says, µs; wraps are carried on | the sensor's |
//! | the same: `mono` | time base and time of the event, ns | the sensor's |
//! | the same: `libcaer`, `libcaer_cmp` | the same | since 1970 |
//!
//! The stamps of messages, and when they were recorded, are not taken for times of events. Events come in
//! the order of the file; where times run backwards a note says so. Packets that are missing by their
//! numbers (`seq`) are noted too. Messages in big-endian CDR and packets that say they are big-endian are
//! counted as lost.
//!
//! Each topic with events is an event stream, called like the topic; of several, one has to be told by
//! the option `stream`, and [`open_streams`] gives all, up to 64. A file without any says which topics and
//! types it has. The metadata has `source.topic`, `source.type`, `source.encoding` and `source.frame_id`.
//!
//! # Side streams
//!
//! | type of messages | stream | columns |
//! | --- | --- | --- |
//! | `sensor_msgs/Imu` | `imu` | `orientation_x` to `w`, `angular_velocity_x` to `z` in rad/s, `linear_acceleration_x` to `z` in m/s², in 64 bits |
//! | `sensor_msgs/Image` | `frames` | `format`, `width`, `height`, `pixels` as SPEC.md has them: blue first, rows without padding; `encoding` as the message has it |
//! | `sensor_msgs/CompressedImage` | `compressed_frames` | `format`, `data` |
//! | `EventPacket` in the encoding `trigger`; EVT3's triggers | `triggers` | `polarity`, `id` |
//!
//! Further topics of a type have the topic in the name of their stream: `imu_rig_right_imu`. With
//! [`open_streams`], rows come with the events whose topic has most of its path in common with theirs.
//! Times of rows are the stamps of the messages. Where events are on the clock of the sensor, rows are
//! moved to it by what the stamp of the first message is ahead of its first event, which the report
//! says, and the column `stamp` has their own times in nanoseconds. `sensor_msgs/CameraInfo` is JSON in
//! the metadata, `source.camera_info`, and the covariances of an IMU in `source.imu`; of both the first
//! are kept, and others counted as lost. Of other types the topics and the number of messages are noted.
//! Of messages that become rows, `seq` is not kept, nor when they were recorded; `frame_id` is that of the
//! first.
//!
//! # Damage and memory
//!
//! Files are walked through from the front, whatever their index says; that tells which topics there are
//! where it agrees with the rest, and where to go on behind records that make no sense. A file cut
//! anywhere gives all messages that are whole before the cut, also those in the part of a chunk that is
//! there. A chunk whose checksum or length is wrong is left out and counted, for nothing tells which of
//! its messages are right. Bags and databases have no checksums of their own, so flipped bits in what is
//! not packed are not noticed, and MCAP may leave them out.
//!
//! Sizes that are claimed are not believed: memory grows with the bytes that are there. Messages, rows and
//! packed chunks of more than 256 MiB, packed or not, are counted and not read, nor are more than 256 MiB
//! of messages that are packed for themselves in a packed chunk. What is unpacked ahead takes 256 MiB at
//! most, or one chunk, and one message beside it; of a robot's files it is some MiB for each thread, and up
//! to 64 MiB of rows wait to be taken. What can be read only once is copied first.
#![forbid(unsafe_code)]

mod beside;
mod choose;
mod container;
mod encoding;
mod fields;
mod formats;
mod losses;
mod message;
mod open;
mod packets;
mod parts;
mod pieces;
mod roles;
mod side;
mod source;
mod survey;
mod topics;

pub use formats::FORMATS;
pub use open::{open, open_streams};
