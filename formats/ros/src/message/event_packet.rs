//! `event_camera_msgs/EventPacket`, called `event_array_msgs/EventArray` before: events as the driver
//! of the camera encodes them. <https://github.com/ros-event-camera/event_camera_msgs>

use std::ops::Range;

use evz_core::SensorSize;

use super::Layout;
use super::reader::{Header, Reader, Wrong};

/// A message before its events are decoded.
pub(crate) struct EventPacket<'a> {
    pub(crate) header: Header<'a>,
    pub(crate) size: SensorSize,
    /// Counts the packets.
    pub(crate) seq: u64,
    /// Nanoseconds that are added to the times of events in most encodings.
    pub(crate) time_base: i64,
    pub(crate) encoding: &'a str,
    /// Where the events are in the message.
    pub(crate) events: Range<usize>,
}

impl<'a> EventPacket<'a> {
    pub(crate) fn read(layout: Layout, bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut reader = Reader::new(layout, bytes)?;
        let header = reader.header()?;
        let (height, width) = (reader.u32()?, reader.u32()?);
        let (seq, time_base) = (reader.u64()?, reader.u64()?);
        let encoding = reader.text()?;
        if reader.u8()? != 0 {
            return Err("its events are big-endian, which is not read");
        }
        let events = reader.sequence(1)?;
        reader.end()?;
        Ok(Self {
            header,
            size: SensorSize { width, height },
            seq,
            time_base: i64::try_from(time_base)
                .map_err(|_| "its time base is beyond the year 2262")?,
            encoding,
            events,
        })
    }
}
