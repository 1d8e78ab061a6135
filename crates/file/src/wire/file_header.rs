//! The first 64 bytes of a file.

use binrw::{BinRead, BinWrite};
use evz_core::{Error, Place, Result, SensorSize, TimeBase};
use serde::Serialize;

use super::{crc, from_bytes, to_bytes};
use crate::forever::{FILE_MAGIC, VERSION_MAJOR, VERSION_MINOR};

/// What must be known before the first record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BinRead, BinWrite, Serialize)]
pub struct FileHeader {
    /// [`FILE_MAGIC`].
    pub magic: [u8; 8],
    /// Readers refuse a major version that they do not know.
    pub version_major: u16,
    /// Readers accept every minor version.
    pub version_minor: u16,
    /// Features: a reader refuses bits 0 to 15 that it does not know and ignores bits 16 to 31.
    pub features: u32,
    /// Nanoseconds a tick.
    pub time_base_ns: u64,
    /// Sensor width in pixels, 0 if unknown.
    pub width: u32,
    /// Sensor height in pixels, 0 if unknown.
    pub height: u32,
    /// Zero.
    pub reserved: [u8; 28],
    /// CRC of the 60 bytes before.
    pub crc: u32,
}

impl Default for FileHeader {
    fn default() -> Self {
        Self::new(TimeBase::MICROSECONDS, None)
    }
}

impl FileHeader {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 64;

    /// The header of a file with this time base and sensor.
    pub fn new(time_base: TimeBase, size: Option<SensorSize>) -> Self {
        Self {
            magic: FILE_MAGIC,
            version_major: VERSION_MAJOR,
            version_minor: VERSION_MINOR,
            features: 0,
            time_base_ns: time_base.nanoseconds(),
            width: size.map_or(0, |s| s.width),
            height: size.map_or(0, |s| s.height),
            reserved: [0; 28],
            crc: 0,
        }
    }

    /// The bytes, with their checksum.
    pub fn write_to(&self) -> Vec<u8> {
        let mut bytes = to_bytes(self);
        let crc = crc(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The header in `bytes`, the first of a file.
    ///
    /// # Errors
    /// If this is no evz file, is damaged, or is of a version that this crate does not read.
    pub fn read_from(bytes: &[u8]) -> Result<Self> {
        let place = || Place::part("file header").with_byte(0);
        let magic_len = bytes.len().min(8);
        if magic_len == 0 || bytes[..magic_len] != FILE_MAGIC[..magic_len] {
            return Err(
                Error::unsupported("", "not an evz file").advise("convert the recording to one")
            );
        }
        if bytes.len() < Self::ENCODED_SIZE {
            let what = format!("the file ends after {} of 64 bytes", bytes.len());
            return Err(Error::insufficient(place(), what).advise("nothing can be saved"));
        }
        let header: Self = from_bytes(bytes).expect("64 bytes are enough");
        let found = crc(&bytes[..60]);
        if found != header.crc {
            return Err(Error::corrupt(
                place(),
                format!("CRC {found:08x}, expected {:08x}", header.crc),
            ));
        }
        if header.version_major != VERSION_MAJOR {
            return Err(Error::unsupported(
                place(),
                format!(
                    "format version {}.{}; this evz reads {VERSION_MAJOR}.x, get a newer one",
                    header.version_major, header.version_minor
                ),
            ));
        }
        if header.features & 0xffff != 0 {
            let what = format!("features {:#06x} are unknown", header.features & 0xffff);
            return Err(Error::unsupported(place(), what).advise("get a newer evz"));
        }
        if header.time_base_ns == 0 {
            return Err(Error::corrupt(place(), "a tick of 0 nanoseconds"));
        }
        Ok(header)
    }

    /// The time base; never zero in a header that was read.
    pub fn time_base(&self) -> TimeBase {
        TimeBase::from_nanoseconds(self.time_base_ns).unwrap_or(TimeBase::MICROSECONDS)
    }

    /// The sensor, if known.
    pub fn size(&self) -> Option<SensorSize> {
        (self.width > 0 && self.height > 0).then_some(SensorSize {
            width: self.width,
            height: self.height,
        })
    }
}
