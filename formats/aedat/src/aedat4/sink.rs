//! AEDAT 4 as a sink of events and side streams.

use std::io;

use evz_core::{
    ClockKind, Error, EventBatch, EventSink, EventSlice, Loss, Metadata, Output, Question, Report,
    Result, SensorSize, SideRows, StreamInfo, Value, parallel::try_map,
};

use super::{
    compression::Compression,
    encode,
    fit::{Fit, Times},
    outline::{self, Stream},
    packets::{Packed, Packets},
    side_packets::SidePackets,
};

/// Events of a packet, as many as dv-processing writes by itself.
const PACKET: usize = 10_000;

/// Packets that are encoded at once.
const PACKETS_AT_ONCE: usize = 32;

/// The metadata that names the camera.
pub(super) const CAMERA: &str = "aedat.camera";

/// Writes AEDAT 4 with a data table, so that other tools can seek in it.
pub struct Aedat4Sink {
    out: Output,
    compression: Compression,
    times: Times,
    /// An epoch that is none of 1970.
    lost: Option<Loss>,
    size: SensorSize,
    camera: String,
    fit: Fit,
    /// Events that do not fill a packet yet.
    pending: EventBatch,
    side: SidePackets,
    packets: Packets,
}

impl Aedat4Sink {
    /// A sink that writes a stream of events, and what comes beside it, to `out`.
    ///
    /// # Errors
    /// If the size of the sensor is not known, which AEDAT 4 must say.
    pub fn create(out: Output, info: &StreamInfo) -> Result<Self> {
        let size = info.size.ok_or_else(|| {
            let what = "AEDAT 4 must say the size of the sensor, and the source does not";
            Error::unsupported(out.name(), what).settled_by(Question::Size, [""; 0])
        })?;
        let camera = info.metadata.get(CAMERA).and_then(Value::as_text);
        let times = Times::of(info);
        let lost = (info.clock.kind != ClockKind::Unix).then(|| info.clock.lost_epoch());
        Ok(Self {
            compression: Compression::default(),
            times,
            lost: lost.flatten(),
            size,
            camera: camera.unwrap_or("evz").to_owned(),
            fit: Fit::new(out.name(), times),
            pending: EventBatch::default(),
            side: SidePackets::default(),
            packets: Packets::new(out.name()),
            out,
        })
    }

    /// Compresses packets so; LZ4 otherwise.
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Writes the pending events; those that do not fill a packet only if all are wanted.
    fn write_pending(&mut self, all: bool) -> Result<()> {
        let n = match all {
            true => self.pending.len(),
            false => self.pending.len() / PACKET * PACKET,
        };
        let compression = self.compression;
        let events = self.pending.as_slice().slice(0..n);
        let starts: Vec<usize> = (0..n).step_by(PACKET).collect();
        let packets = try_map(&starts, |&start| {
            let events = events.slice(start..n.min(start + PACKET));
            let mut raw = Vec::new();
            encode::events(events, &mut raw);
            let times = (events.t[0], events.t[events.len() - 1]);
            Packed::new(
                compression,
                Stream::Events.number(),
                &raw,
                events.len(),
                times,
            )
        });
        self.push(packets)?;
        self.pending.drop_front(n);
        Ok(())
    }

    fn push(&mut self, packets: io::Result<Vec<Packed>>) -> Result<()> {
        let packets = packets.map_err(|e| self.out.failed(e))?;
        (packets.into_iter()).try_for_each(|packet| self.packets.push(packet))
    }
}

impl EventSink for Aedat4Sink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        for start in (0..events.len()).step_by(PACKET * PACKETS_AT_ONCE) {
            let end = events.len().min(start + PACKET * PACKETS_AT_ONCE);
            self.fit.add(events.slice(start..end), &mut self.pending)?;
            self.write_pending(false)?;
        }
        Ok(())
    }

    fn write_side(&mut self, rows: SideRows) -> Result<bool> {
        match self.side.add(rows, self.times, self.compression) {
            Some(packets) => self.push(packets).map(|()| true),
            None => Ok(false),
        }
    }

    fn finish(mut self: Box<Self>, _closing: &Metadata) -> Result<Report> {
        self.write_pending(true)?;
        let last = self.side.end(self.compression);
        self.push(last)?;
        let Self {
            mut out,
            compression,
            size,
            camera,
            side,
            packets,
            lost,
            ..
        } = *self;
        let mut streams = vec![Stream::Events];
        streams.extend(&side.streams);
        streams.sort_by_key(|stream| stream.number());
        let xml = outline::xml(&streams, compression, size, &camera);
        packets
            .write_to(&mut out, compression, &xml)
            .map_err(|e| out.failed(e))?;
        out.commit()?;
        let mut report = side.report();
        report.losses.extend(lost);
        Ok(report)
    }
}
