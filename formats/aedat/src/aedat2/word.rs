//! What an address means.
//!
//! Bits as in the vendor's description, with two things that only jAER's extractors tell
//! (`DVS128.Extractor`, `DavisBaseCamera.DavisEventExtractor`), which wrote these files and read
//! them back: columns count from the right, and a DVS128 sets the polarity bit for OFF. libcaer's
//! driver of the DVS128 says the same of the device.

use super::chip::Layout;

/// An address, by its kind. Pixels are as addressed: from the right and from the bottom.
pub(super) enum Word {
    Event {
        x: u16,
        y: u16,
        p: u8,
        /// The number of the camera, where there are several.
        camera: u8,
    },
    /// Something happened at the input pin.
    External,
    /// One of the seven values of an IMU sample.
    Imu {
        code: u8,
        value: i16,
    },
    /// A sample of a pixel of a frame.
    Aps,
    Unknown,
}

impl Word {
    pub(super) fn of(address: u32, layout: Layout) -> Self {
        match layout {
            Layout::Dvs128 => Self::of_dvs128(address),
            Layout::Dvs128Stereo => Self::of_dvs128_stereo(address),
            Layout::Davis => Self::of_davis(address),
            Layout::Dvs640 => Self::of_dvs640(address),
        }
    }

    /// Whether it is that of an event but for bits that no event has: those between polarity and the
    /// number of the camera of a DAVIS, where samples of frames have their value.
    pub(super) fn is_stray(address: u32, layout: Layout) -> bool {
        let is_event = matches!(Self::of(address, layout), Self::Event { .. });
        layout == Layout::Davis && is_event && address & 0x3f0 != 0
    }

    /// Polarity in bit 0, x in bits 1 to 7, y in bits 8 to 14, an external event with bit 15 set;
    /// jAER also marks such events with bit 31.
    fn of_dvs128(address: u32) -> Self {
        if address & 0x8000_8000 != 0 {
            Self::External
        } else if address >> 16 != 0 {
            Self::Unknown
        } else {
            Self::Event {
                x: (address >> 1 & 0x7f) as u16,
                y: (address >> 8 & 0x7f) as u16,
                p: 1 - (address & 1) as u8,
                camera: 0,
            }
        }
    }

    /// The same with bit 15 set for the right camera (`Stereopsis.MASK_RIGHT_ADDR`), so that only bit 31
    /// is left to mark an external event.
    fn of_dvs128_stereo(address: u32) -> Self {
        match Self::of_dvs128(address & !0x8000) {
            Self::Event { x, y, p, .. } => Self::Event {
                x,
                y,
                p,
                camera: (address >> 15 & 1) as u8,
            },
            other => other,
        }
    }

    /// Polarity in bit 0, x in bits 1 to 10, y in bits 11 to 19, as v2e's `AEDat2Output` writes them for a
    /// sensor of 640x480; it writes nothing else.
    fn of_dvs640(address: u32) -> Self {
        match address >> 20 {
            0 => Self::Event {
                x: (address >> 1 & 0x3ff) as u16,
                y: (address >> 11) as u16,
                p: (address & 1) as u8,
                camera: 0,
            },
            _ => Self::Unknown,
        }
    }

    /// Bit 31 tells events from frames and IMU, bits 10 and 11 what it is of these; x in bits 12 to
    /// 21, y in bits 22 to 30.
    fn of_davis(address: u32) -> Self {
        let kind = address >> 10 & 3;
        match (address >> 31, kind) {
            (0, 0 | 2) => Self::Event {
                x: (address >> 12 & 0x3ff) as u16,
                y: (address >> 22 & 0x1ff) as u16,
                p: (kind >> 1) as u8,
                camera: (address & 0xf) as u8,
            },
            (0, _) => Self::External,
            (_, 3) => Self::Imu {
                code: (address >> 28 & 7) as u8,
                value: (address >> 12) as u16 as i16,
            },
            _ => Self::Aps,
        }
    }
}
