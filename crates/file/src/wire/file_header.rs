//! The first 64 bytes of a file.

use binrw::{BinRead, BinWrite};
use evz_core::{Clock, ClockKind, Error, Place, Result, SensorSize, StreamInfo, TimeBase};
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
    /// Readers of version 0 refuse other minor versions.
    pub version_minor: u16,
    /// Features that a reader must know.
    pub features_read: u16,
    /// Features that who appends or edits must know.
    pub features_edit: u16,
    /// Features that may be ignored.
    pub features_any: u16,
    /// Number of the [`ClockKind`].
    pub clock: u16,
    /// Sensor width of stream 0 in pixels, 0 if unknown.
    pub width: u32,
    /// Sensor height of stream 0 in pixels, 0 if unknown.
    pub height: u32,
    /// Zero.
    pub reserved: u32,
    /// A tick is this many
    pub tick_numerator: u64,
    /// parts of a second of this many.
    pub tick_denominator: u64,
    /// Ticks that the clock shows at tick 0.
    pub epoch: i64,
    /// Zero.
    pub reserved_2: u32,
    /// CRC of the 60 bytes before.
    pub crc: u32,
}

impl Default for FileHeader {
    fn default() -> Self {
        Self::new(&StreamInfo::new(TimeBase::MICROSECONDS))
    }
}

impl FileHeader {
    /// Bytes in the file.
    pub const ENCODED_SIZE: usize = 64;

    /// The header of a file with this time base, clock and sensor.
    pub fn new(info: &StreamInfo) -> Self {
        let header = Self {
            magic: FILE_MAGIC,
            version_major: VERSION_MAJOR,
            version_minor: VERSION_MINOR,
            features_read: 0,
            features_edit: 0,
            features_any: 0,
            clock: info.clock.kind.number().into(),
            width: info.size.map_or(0, |s| s.width),
            height: info.size.map_or(0, |s| s.height),
            reserved: 0,
            tick_numerator: info.time_base.numerator(),
            tick_denominator: info.time_base.denominator(),
            epoch: info.clock.epoch,
            reserved_2: 0,
            crc: 0,
        };
        header.with_crc()
    }

    /// The same with its checksum.
    pub(super) fn with_crc(mut self) -> Self {
        self.crc = crc(&to_bytes(&self)[..60]);
        self
    }

    /// The bytes.
    pub fn write_to(&self) -> Vec<u8> {
        to_bytes(self)
    }

    /// The header in `bytes`, the first of a file.
    ///
    /// # Errors
    /// If this is no evz file, is damaged, or is of a version that this crate does not read.
    pub fn read_from(bytes: &[u8]) -> Result<Self> {
        let place = || Place::part("file header").with_byte(0);
        let magic_len = bytes.len().min(8);
        if magic_len == 0 {
            return Err(Error::insufficient("", "it is empty").advise("nothing can be saved"));
        }
        if bytes[..magic_len] != FILE_MAGIC[..magic_len] {
            return Err(
                Error::unsupported("", "not an evz file").advise("convert the recording to one")
            );
        }
        if bytes.len() < Self::ENCODED_SIZE {
            let what = format!("the file ends after {} of 64 bytes", bytes.len());
            return Err(Error::insufficient(place(), what).advise("nothing can be saved"));
        }
        let header: Self = from_bytes(bytes).expect("64 bytes are enough");
        // Before the checksum: another version may have another header.
        if (header.version_major, header.version_minor) != (VERSION_MAJOR, VERSION_MINOR) {
            let version = (header.version_major, header.version_minor);
            let what = format!(
                "format version {}.{}; this evz reads {VERSION_MAJOR}.{VERSION_MINOR}",
                version.0, version.1
            );
            let way_out = match version > (VERSION_MAJOR, VERSION_MINOR) {
                true => "get a newer evz",
                false => "convert the recording again from its source",
            };
            return Err(Error::unsupported(place(), what).advise(way_out));
        }
        let found = crc(&bytes[..60]);
        if found != header.crc {
            return Err(Error::corrupt(
                place(),
                format!("CRC {found:08x}, expected {:08x}", header.crc),
            ));
        }
        header.check().map_err(|e| e.within(place()))?;
        Ok(header)
    }

    /// Whether the fields are such as the format allows.
    pub(super) fn check(&self) -> Result<()> {
        if self.features_read != 0 {
            let what = format!("features {:#06x} are unknown", self.features_read);
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        if kind(self.clock).is_none() {
            let what = format!("a clock of kind {}", self.clock);
            return Err(Error::unsupported("", what).advise("get a newer evz"));
        }
        let (n, d) = (self.tick_numerator, self.tick_denominator);
        let base = TimeBase::new(n, d).filter(|b| (b.numerator(), b.denominator()) == (n, d));
        if base.is_none() {
            let what = format!(
                "a tick of {n}/{d} seconds, no fraction that is reduced and within the limits"
            );
            return Err(Error::corrupt("", what));
        }
        if (self.width == 0) != (self.height == 0) {
            let what = format!("a sensor of {}x{} pixels", self.width, self.height);
            return Err(Error::corrupt("", what));
        }
        if self.reserved != 0 || self.reserved_2 != 0 {
            return Err(Error::corrupt("", "reserved bytes that are not zero"));
        }
        Ok(())
    }

    /// The time base.
    pub fn time_base(&self) -> TimeBase {
        TimeBase::new(self.tick_numerator, self.tick_denominator).unwrap_or(TimeBase::MICROSECONDS)
    }

    /// The clock that counted the time.
    pub fn clock(&self) -> Clock {
        Clock {
            kind: kind(self.clock).unwrap_or_default(),
            epoch: self.epoch,
        }
    }

    /// The sensor, if known.
    pub fn size(&self) -> Option<SensorSize> {
        sensor(self.width, self.height)
    }
}

fn kind(clock: u16) -> Option<ClockKind> {
    ClockKind::from_number(u8::try_from(clock).ok()?)
}

/// A sensor of these numbers of pixels, if they are known.
pub(super) fn sensor(width: u32, height: u32) -> Option<SensorSize> {
    (width > 0 && height > 0).then_some(SensorSize { width, height })
}
