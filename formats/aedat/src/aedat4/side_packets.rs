//! Rows of side streams on their way into packets.

use std::io;

use evz_core::{Loss, LossKind, Place, Report, SideRows, parallel::try_map};

use super::{
    compression::Compression, encode_side, fit::Times, outline::Stream, packets::Packed,
    side_rows::Fitting,
};
use crate::side::{Frame, Imu};

/// Samples or triggers of a packet: at a thousand a second a packet is a tenth of one, to which
/// other tools can seek.
const PACKET: usize = 100;

/// Takes rows, and counts what does not fit.
#[derive(Default)]
pub(super) struct SidePackets {
    imu: Vec<Imu>,
    triggers: Vec<(i64, u8)>,
    /// Streams that have packets.
    pub(super) streams: Vec<Stream>,
    /// Columns without a place, as `stream.column`.
    columns: Vec<String>,
    losses: Report,
}

impl SidePackets {
    /// Takes rows and gives the packets that they fill; none if there is no place for them.
    pub(super) fn add(
        &mut self,
        rows: SideRows,
        times: Times,
        compression: Compression,
    ) -> Option<io::Result<Vec<Packed>>> {
        let stream = rows.stream.clone();
        let mut fitting = Fitting::of(rows, times)?;
        for column in &fitting.columns {
            let column = format!("{stream}.{column}");
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
        }
        if fitting.refused > 0 {
            let why = fitting.why.unwrap_or_default();
            let what = "rows of side streams that AEDAT 4 cannot hold";
            let loss = Loss::new(LossKind::SideStreams, what, fitting.refused);
            let example = format!("{}: {why}", Place::part(stream));
            self.losses.add_loss(loss.with_examples([example]));
        }
        self.imu.append(&mut fitting.imu);
        self.triggers.append(&mut fitting.triggers);
        let frames = self.pack_frames(&fitting.frames, compression);
        let rest = self.pack_rows(compression, false);
        Some(frames.and_then(|mut packets| {
            packets.extend(rest?);
            Ok(packets)
        }))
    }

    /// The last packets.
    pub(super) fn end(&mut self, compression: Compression) -> io::Result<Vec<Packed>> {
        self.pack_rows(compression, true)
    }

    /// What was lost.
    pub(super) fn report(mut self) -> Report {
        if !self.columns.is_empty() {
            let what = "columns of side streams that AEDAT 4 has no place for";
            let loss = Loss::new(LossKind::Columns, what, self.columns.len() as u64);
            let examples = self.columns.into_iter().take(Loss::MAX_EXAMPLES);
            self.losses.add_loss(loss.with_examples(examples));
        }
        self.losses
    }

    /// A packet a frame.
    fn pack_frames(
        &mut self,
        frames: &[Frame],
        compression: Compression,
    ) -> io::Result<Vec<Packed>> {
        self.note(Stream::Frames, frames.len());
        try_map(frames, |frame| {
            let raw = encode_side::frame(frame);
            let (stream, times) = (Stream::Frames.number(), (frame.t, frame.t));
            Packed::new(compression, stream, &raw, 1, times)
        })
    }

    /// Packets of samples and triggers; those that are not full only if all are wanted.
    fn pack_rows(&mut self, compression: Compression, all: bool) -> io::Result<Vec<Packed>> {
        let imu = take_packets(&mut self.imu, all);
        let triggers = take_packets(&mut self.triggers, all);
        self.note(Stream::Imu, imu.len());
        self.note(Stream::Triggers, triggers.len());
        let mut packets = Vec::new();
        for samples in imu.chunks(PACKET) {
            let times = span(samples.iter().map(|sample| sample.t));
            let (stream, raw) = (Stream::Imu.number(), encode_side::imu(samples));
            packets.push(Packed::new(
                compression,
                stream,
                &raw,
                samples.len(),
                times,
            )?);
        }
        for rows in triggers.chunks(PACKET) {
            let times = span(rows.iter().map(|(t, _)| *t));
            let (stream, raw) = (Stream::Triggers.number(), encode_side::triggers(rows));
            packets.push(Packed::new(compression, stream, &raw, rows.len(), times)?);
        }
        Ok(packets)
    }

    fn note(&mut self, stream: Stream, rows: usize) {
        if rows > 0 && !self.streams.contains(&stream) {
            self.streams.push(stream);
        }
    }
}

/// The rows that fill packets, or all.
fn take_packets<T>(rows: &mut Vec<T>, all: bool) -> Vec<T> {
    let n = match all {
        true => rows.len(),
        false => rows.len() / PACKET * PACKET,
    };
    rows.drain(..n).collect()
}

/// The earliest and the latest time: rows stay in the order in which they came.
fn span(times: impl Iterator<Item = i64> + Clone) -> (i64, i64) {
    let (first, last) = (times.clone().min(), times.max());
    (first.unwrap_or(0), last.unwrap_or(0))
}
