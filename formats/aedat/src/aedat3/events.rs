//! The events of a packet, by their kind. Bit 0 of the first byte of each says whether it is valid:
//! filters clear it and leave the event where it is.

use evz_core::{Event, EventBatch};

use super::origin::Origin;
use super::packet::Head;
use crate::side::{Frame, Imu};

fn word(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes[at..at + 4].try_into().expect("four bytes")
}

/// Adds the polarity events of whole records to `batch`; returns how many were not valid, and how
/// many lie on no row of the sensor.
pub(super) fn polarity(
    head: &Head,
    bytes: &[u8],
    origin: Origin,
    batch: &mut EventBatch,
) -> (u64, u64) {
    let (records, _) = bytes.as_chunks::<8>();
    let (mut invalid, mut outside) = (0, 0);
    for record in records {
        let data = u32::from_le_bytes(word(record, 0));
        if data & 1 == 0 {
            invalid += 1;
            continue;
        }
        let Some(y) = origin.row((data >> 2 & 0x7fff) as u16) else {
            outside += 1;
            continue;
        };
        batch.push(Event {
            t: head.time(i32::from_le_bytes(word(record, 4))),
            x: (data >> 17) as u16,
            y,
            p: (data >> 1 & 1) as u8,
        });
    }
    (invalid, outside)
}

/// What happened beside the events.
#[derive(Default)]
pub(super) struct Specials {
    pub(super) t: Vec<i64>,
    /// As AEDAT 4 numbers them.
    pub(super) source: Vec<u8>,
    /// How often the clock was set to 0.
    pub(super) resets: u64,
    /// Those that no trigger of AEDAT 4 stands for.
    pub(super) others: u64,
}

pub(super) fn special(head: &Head, bytes: &[u8]) -> Specials {
    let mut specials = Specials::default();
    let (records, _) = bytes.as_chunks::<8>();
    for record in records.iter().filter(|r| r[0] & 1 == 1) {
        let source = match record[0] >> 1 {
            // A reset of the clock.
            1 => 0,
            // Rising, falling, pulse at the input; rising, falling of the generator.
            2 => 1,
            3 => 2,
            4 => 3,
            12 => 4,
            13 => 5,
            // Begin and end of a frame, and of its exposure.
            kind @ 14..=17 => kind - 8,
            // A wrap of the clock, a row without columns, the start of a readout: the device's own.
            0 | 5 | 18 => continue,
            _ => {
                specials.others += 1;
                continue;
            }
        };
        specials.resets += u64::from(source == 0);
        specials
            .t
            .push(head.time(i32::from_le_bytes(word(record, 4))));
        specials.source.push(source);
    }
    specials
}

/// The IMU samples of a packet; with nine axes the last three are the magnetometer's.
pub(super) fn imu(head: &Head, bytes: &[u8]) -> Vec<Imu> {
    let records = bytes.chunks_exact(head.event_len);
    records
        .filter(|record| record[0] & 1 == 1)
        .map(|record| {
            let value = |i: usize| match record.get(8 + 4 * i..12 + 4 * i) {
                Some(bytes) => f32::from_le_bytes(word(bytes, 0)),
                None => f32::NAN,
            };
            // In the file the temperature comes behind acceleration and rotation.
            let order = [6, 0, 1, 2, 3, 4, 5, 7, 8, 9];
            Imu {
                t: head.time(i32::from_le_bytes(word(record, 4))),
                values: order.map(value),
            }
        })
        .collect()
}

/// Bytes of a frame before its pixels.
const FRAME_HEAD_LEN: usize = 36;

/// A frame; none if it is not valid, an error if its size does not fit its bytes.
pub(super) fn frame(head: &Head, bytes: &[u8], origin: Origin) -> Result<Option<Frame>, String> {
    if bytes.first().is_some_and(|info| info & 1 == 0) {
        return Ok(None);
    }
    let Some((fields, pixels)) = bytes.split_at_checked(FRAME_HEAD_LEN) else {
        return Err(format!("a frame of {} bytes", bytes.len()));
    };
    let number = |i: usize| i32::from_le_bytes(word(fields, 4 * i));
    let time = |i: usize| head.time(number(i));
    let channels = fields[0] >> 1 & 7;
    let [width, height, x, y] = [5, 6, 7, 8].map(|i| u16::try_from(number(i)));
    let (Ok(width), Ok(height), Ok(x), Ok(y), 1 | 3 | 4) = (width, height, x, y, channels) else {
        return Err(format!(
            "a frame of {}x{} pixels of {channels} channels",
            number(5),
            number(6)
        ));
    };
    // Samples have 16 bits.
    let pixel_len = 2 * usize::from(channels);
    let len = usize::from(width) * usize::from(height) * pixel_len;
    let mut pixels = match pixels.get(..len) {
        Some(pixels) => pixels.to_vec(),
        None => {
            return Err(format!(
                "a frame of {width}x{height} pixels of {channels} channels in {} bytes",
                pixels.len()
            ));
        }
    };
    if channels > 1 {
        // Red is first here and blue in OpenCV's order, which AEDAT 4 has.
        for pixel in pixels.chunks_exact_mut(pixel_len) {
            let (first, rest) = pixel.split_at_mut(4);
            first[..2].swap_with_slice(&mut rest[..2]);
        }
    }
    let Some(y) = origin.place_frame(y, height, &mut pixels) else {
        return Err(format!("a frame of {height} rows from row {y} on"));
    };
    let exposure = [time(3), time(4)];
    Ok(Some(Frame {
        // As of AEDAT 4.
        t: exposure[0],
        frame: [time(1), time(2)],
        exposure,
        format: 2 | (channels - 1) << 3,
        size: [width, height],
        offset: [x, y],
        source: 0,
        pixels,
    }))
}
