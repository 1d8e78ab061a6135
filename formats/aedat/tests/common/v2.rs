//! AEDAT 2.0, from the vendor's description and, where that is silent, from jAER.

/// The lines before the data, as jAER writes them.
pub(crate) fn header(chip: Option<&str>) -> Vec<u8> {
    let mut header = b"#!AER-DAT2.0\r\n\
        # This is a raw AE data file - do not edit\r\n\
        # Data format is int32 address, int32 timestamp (8 bytes total), repeated for each event\r\n\
        # Timestamps tick is 1 us\r\n"
        .to_vec();
    if let Some(chip) = chip {
        header.extend(format!("# AEChip: {chip}\r\n").as_bytes());
    }
    header
}

/// An address and a time, big-endian.
pub(crate) fn record(address: u32, t: u32) -> [u8; 8] {
    let mut record = [0; 8];
    record[..4].copy_from_slice(&address.to_be_bytes());
    record[4..].copy_from_slice(&t.to_be_bytes());
    record
}

/// An event of a DVS128: polarity in bit 0, x in bits 1 to 7, y in bits 8 to 14, as addressed.
pub(crate) fn dvs128(x: u32, y: u32, bit: u32) -> u32 {
    bit | x << 1 | y << 8
}

/// An event of a DAVIS: polarity in bit 11, x in bits 12 to 21, y in bits 22 to 30, as addressed.
pub(crate) fn davis(x: u32, y: u32, bit: u32) -> u32 {
    bit << 11 | x << 12 | y << 22
}

/// A sample of a pixel of a frame: bit 31, the reading in bits 10 and 11, the value below.
pub(crate) fn aps(x: u32, y: u32, reading: u32, value: u32) -> u32 {
    1 << 31 | x << 12 | y << 22 | reading << 10 | value
}

/// A word of an IMU sample: bits 31, 11 and 10, its number in bits 28 to 30, its value in bits 12
/// to 27.
pub(crate) fn imu(code: u32, value: i16) -> u32 {
    1 << 31 | 3 << 10 | code << 28 | u32::from(value as u16) << 12
}

/// Something at the input pin of a DAVIS.
pub(crate) const DAVIS_EXTERNAL: u32 = 1 << 10;

/// Something at the input pin of a DVS128.
pub(crate) const DVS128_EXTERNAL: u32 = 1 << 15;
