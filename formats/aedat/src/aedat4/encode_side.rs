//! The flatbuffers of the side streams, laid out as those of `encode`. The numbers of the fields are
//! those of dv-processing's schemas: `frame.fbs`, `imus.fbs`, `triggers.fbs`.

use super::{
    choose::{FRAMES, IMU, TRIGGERS},
    encode::{put_root, put_u16s, put_u32s, tables},
};
use crate::side::{Frame, Imu};

/// Bytes before the pixels of a frame.
pub(super) const FRAME_HEAD_LEN: usize = 120;

/// A frame: `table Frame`. When it and its exposure began and ended are fields of older files, and
/// the length of the exposure one of newer ones; readers take what they know. Its time is that of a
/// row, the begin of the exposure, as in newer files: in older ones it was the middle.
pub(super) fn frame(frame: &Frame) -> Vec<u8> {
    let end = FRAME_HEAD_LEN + frame.pixels.len();
    let mut out = Vec::with_capacity(end);
    put_root(&mut out, end - 4, 48, FRAMES);
    // 12: 30 bytes, in a table of 68. In the order of their numbers the time, begin and end of the
    // frame and of the exposure, the format, two for the size, two for the place, the pixels, the
    // length of the exposure, and the source.
    let fields = [30, 68, 8, 16, 24, 32, 40, 4, 56, 58, 60, 62, 64, 48, 5];
    put_u16s(&mut out, &fields);
    out.resize(48, 0);
    // 48: the table.
    put_u32s(&mut out, &[36]);
    out.extend_from_slice(&[frame.format, frame.source, 0, 0]);
    let [begin, end] = frame.exposure;
    let exposure = end.saturating_sub(begin);
    let times = [
        frame.t,
        frame.frame[0],
        frame.frame[1],
        begin,
        end,
        exposure,
    ];
    out.extend(times.iter().flat_map(|t| t.to_le_bytes()));
    put_u16s(&mut out, &frame.size);
    put_u16s(&mut out, &frame.offset);
    // 112: leads to the pixels, whose number is at 116.
    put_u32s(&mut out, &[4, frame.pixels.len() as u32]);
    out.extend_from_slice(&frame.pixels);
    out
}

/// IMU samples: `table IMUPacket { elements: [IMU] }`.
pub(super) fn imu(samples: &[Imu]) -> Vec<u8> {
    // 26 bytes, in a table of 52: the time at its byte 8, the temperature at 4, and the rest from 16
    // on.
    let mut fields = vec![26, 52, 8, 4];
    fields.extend((16..52).step_by(4));
    tables(IMU, &fields, 56, samples.iter(), |sample, out| {
        let [temperature, rest @ ..] = sample.values;
        out.extend_from_slice(&temperature.to_le_bytes());
        out.extend_from_slice(&sample.t.to_le_bytes());
        out.extend(rest.iter().flat_map(|v| v.to_le_bytes()));
    })
}

/// Triggers, as times and sources: `table TriggerPacket { elements: [Trigger] }`.
pub(super) fn triggers(triggers: &[(i64, u8)]) -> Vec<u8> {
    // 8 bytes, in a table of 16: the time at its byte 8, the source at 4.
    tables(
        TRIGGERS,
        &[8, 16, 8, 4],
        16,
        triggers.iter(),
        |(t, source), out| {
            out.extend_from_slice(&[*source, 0, 0, 0]);
            out.extend_from_slice(&t.to_le_bytes());
        },
    )
}
