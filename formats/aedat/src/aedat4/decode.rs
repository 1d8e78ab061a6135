//! What is in a packet. The schemas, from which the numbers of the fields are, come with
//! dv-processing: `events.fbs`, `frame.fbs`, `imus.fbs`, `triggers.fbs`.

use evz_core::{Columns, EventBatch, SideRows};

use super::compression::MAX_PACKET;
use super::flat::{Flat, Table};
use crate::side::{Frame, Imu, imu_rows, trigger_rows};

/// Elements of a packet of IMU samples or triggers. A thousand a second is much.
const MAX_ROWS: usize = 1 << 20;

/// Bytes of an event: time, x and y of 16 bits, the polarity, and three that fill up.
pub(super) const EVENT_LEN: usize = 16;

/// What was in a packet of events besides them.
pub(super) struct Missing {
    /// The events that it has.
    pub(super) there: u64,
    /// Events that a packet that was cut would have had.
    pub(super) cut: u64,
    /// Whether one that is whole claims more than it has.
    pub(super) claims_more: bool,
    /// Events that it has and does not count.
    pub(super) uncounted: u64,
    /// Events with a negative coordinate.
    pub(super) negative: u64,
}

/// The sign of a coordinate, which is one of 16 bits.
const SIGN: u16 = 0x8000;

/// Puts the events of a packet into `batch` behind the first `filled` ones, over what is there.
pub(super) fn events(
    root: Table<'_>,
    is_cut: bool,
    batch: &mut EventBatch,
    filled: &mut usize,
) -> Flat<Missing> {
    let vector = root.vector(0, EVENT_LEN)?;
    let (records, _) = vector.bytes.as_chunks::<EVENT_LEN>();
    let claims_more = records.len() < vector.claimed && !is_cut;
    // What else is in the packet may lie among what the vector claims, and no packet has so much.
    let is_none = vector.behind.is_none() || vector.claimed > MAX_PACKET / EVENT_LEN;
    if claims_more && is_none {
        return Err("it claims more events than it has");
    }
    let (start, end) = (*filled, *filled + records.len());
    if batch.len() < end {
        batch.resize(end, Columns::ALL);
    }
    let columns = batch.t[start..end]
        .iter_mut()
        .zip(&mut batch.x[start..end])
        .zip(&mut batch.y[start..end])
        .zip(&mut batch.p[start..end]);
    let mut signs = 0;
    for (record, (((t, x), y), p)) in records.iter().zip(columns) {
        let record = u128::from_le_bytes(*record);
        *t = record as i64;
        *x = (record >> 64) as u16;
        *y = (record >> 80) as u16;
        *p = u8::from((record >> 96) as u8 != 0);
        signs |= *x | *y;
    }
    *filled = end;
    if signs & SIGN != 0 {
        drop_negative(batch, start, filled);
    }
    Ok(Missing {
        there: records.len() as u64,
        cut: match is_cut {
            true => (vector.claimed - records.len()) as u64,
            false => 0,
        },
        claims_more,
        uncounted: match is_cut || claims_more {
            true => 0,
            false => (vector.behind.unwrap_or(0) / EVENT_LEN) as u64,
        },
        negative: (end - *filled) as u64,
    })
}

/// Removes events with a coordinate below 0, of those from `start` on.
fn drop_negative(batch: &mut EventBatch, start: usize, filled: &mut usize) {
    let end = std::mem::replace(filled, start);
    for i in start..end {
        if (batch.x[i] | batch.y[i]) & SIGN == 0 {
            batch.t[*filled] = batch.t[i];
            batch.x[*filled] = batch.x[i];
            batch.y[*filled] = batch.y[i];
            batch.p[*filled] = batch.p[i];
            *filled += 1;
        }
    }
}

/// How many events a packet has.
pub(super) fn event_count(root: Table<'_>) -> Flat<u64> {
    Ok((root.vector(0, EVENT_LEN)?.bytes.len() / EVENT_LEN) as u64)
}

/// A frame. Older files tell when it and its exposure began and ended, and have the middle of the
/// exposure as its time; newer ones have its start, and how long it was. The time of a row is the
/// start, as dv-processing gives it.
pub(super) fn frame(root: Table<'_>, name: &str) -> Flat<SideRows> {
    let t = root.i64(0)?;
    let [frame_begin, frame_end, begin, end, length] = [
        root.i64(1)?,
        root.i64(2)?,
        root.i64(3)?,
        root.i64(4)?,
        root.i64(11)?,
    ];
    let or = |time: i64, other: i64| if time == 0 { other } else { time };
    let exposure_begin = or(begin, t);
    let exposure_end = or(end, exposure_begin.saturating_add(length));
    let [width, height, x, y] =
        [root.i16(6)?, root.i16(7)?, root.i16(8)?, root.i16(9)?].map(u16::try_from);
    let (Ok(width), Ok(height), Ok(x), Ok(y)) = (width, height, x, y) else {
        return Err("a size or a place in it is negative");
    };
    let format = root.u8(5)?;
    let pixels = root.bytes(10)?;
    if pixels.len() != usize::from(width) * usize::from(height) * pixel_len(format) {
        return Err("its pixels are not as many as its size says");
    }
    let frame = Frame {
        t: exposure_begin,
        frame: [or(frame_begin, exposure_begin), or(frame_end, exposure_end)],
        exposure: [exposure_begin, exposure_end],
        format,
        size: [width, height],
        offset: [x, y],
        source: root.u8(12)?,
        pixels: pixels.to_vec(),
    };
    Ok(frame.into_rows(name))
}

/// Bytes of a pixel in one of OpenCV's formats.
pub(super) fn pixel_len(format: u8) -> usize {
    // Of a sample by its type: 8, 8, 16, 16, 32, 32, 64 and 16 bits.
    let sample_len = [1, 1, 2, 2, 4, 4, 8, 2][usize::from(format & 7)];
    sample_len * (usize::from(format >> 3) + 1)
}

pub(super) fn imu(root: Table<'_>, name: &str) -> Flat<SideRows> {
    let samples = root.tables(0, MAX_ROWS)?;
    let samples = samples.into_iter().map(|sample| {
        let mut values = [0.0; 10];
        for (i, value) in values.iter_mut().enumerate() {
            *value = sample.f32(i + 1)?;
        }
        Ok(Imu {
            t: sample.i64(0)?,
            values,
        })
    });
    Ok(imu_rows(name, &samples.collect::<Flat<Vec<_>>>()?))
}

pub(super) fn triggers(root: Table<'_>, name: &str) -> Flat<SideRows> {
    let (mut t, mut source) = (Vec::new(), Vec::new());
    for trigger in root.tables(0, MAX_ROWS)? {
        t.push(trigger.i64(0)?);
        source.push(trigger.u8(1)?);
    }
    Ok(trigger_rows(name, t, source))
}
