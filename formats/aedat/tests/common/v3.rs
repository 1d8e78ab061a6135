//! AEDAT 3.1, from the vendor's description.

/// The lines before the packets; `sources` are lines such as `#Source 1: DAVIS240C`.
pub(crate) fn header(sources: &[&str]) -> Vec<u8> {
    let mut header = b"#!AER-DAT3.1\r\n#Format: RAW\r\n".to_vec();
    for source in sources {
        header.extend(source.as_bytes());
        header.extend(b"\r\n");
    }
    header.extend(b"#Start-Time: 2016-05-13 14:05:26 (TZ+0200)\r\n#!END-HEADER\r\n");
    header
}

/// The same of AEDAT 3.0, which has no last line.
pub(crate) fn header_of_3_0(sources: &[&str]) -> Vec<u8> {
    let header = String::from_utf8(header(sources)).unwrap();
    let header = header.replace("DAT3.1", "DAT3.0");
    header.replace("#!END-HEADER\r\n", "").into_bytes()
}

pub(crate) const SPECIAL: i16 = 0;
pub(crate) const POLARITY: i16 = 1;
pub(crate) const FRAME: i16 = 2;
pub(crate) const IMU6: i16 = 3;
pub(crate) const IMU9: i16 = 4;
pub(crate) const CONFIG: i16 = 7;

/// A packet: kind, source, wraps of its clock, how much room it has, and its events.
pub(crate) fn packet(
    kind: i16,
    source: i16,
    overflow: i32,
    capacity: usize,
    events: &[Vec<u8>],
) -> Vec<u8> {
    let len = events.first().map_or(8, Vec::len);
    let valid = events.iter().filter(|e| e[0] & 1 == 1).count();
    let mut packet = Vec::new();
    packet.extend(kind.to_le_bytes());
    packet.extend(source.to_le_bytes());
    for v in [len, 4, overflow as usize, capacity, events.len(), valid] {
        packet.extend((v as i32).to_le_bytes());
    }
    packet.extend(events.concat());
    packet.resize(28 + capacity * len, 0);
    packet
}

/// Validity in bit 0, polarity in bit 1, y in bits 2 to 16, x in bits 17 to 31.
pub(crate) fn polarity(t: i32, x: u32, y: u32, p: u32, valid: bool) -> Vec<u8> {
    let data = u32::from(valid) | p << 1 | y << 2 | x << 17;
    [data.to_le_bytes(), t.to_le_bytes()].concat()
}

pub(crate) fn special(t: i32, kind: u32) -> Vec<u8> {
    [(1 | kind << 1).to_le_bytes(), t.to_le_bytes()].concat()
}

/// Acceleration, rotation, temperature, and with nine axes the magnetic field.
pub(crate) fn imu(t: i32, values: &[f32]) -> Vec<u8> {
    let mut event = 1u32.to_le_bytes().to_vec();
    event.extend(t.to_le_bytes());
    event.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    event
}

/// Begin and end of a frame and of its exposure, its size, and samples of 16 bits.
pub(crate) fn frame(times: [i32; 4], channels: u32, size: [i32; 2], samples: &[u16]) -> Vec<u8> {
    let mut event = (1 | channels << 1).to_le_bytes().to_vec();
    for v in times.into_iter().chain(size).chain([5, 6]) {
        event.extend(v.to_le_bytes());
    }
    event.extend(samples.iter().flat_map(|v| v.to_le_bytes()));
    event
}
