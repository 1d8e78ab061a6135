//! What old cameras were, by the number that their headers give.
//!
//! OpenEB, `hal_psee_plugins/include/devices/utils/device_system_id.h` and
//! `hal_psee_plugins/src/boards/rawfile/psee_raw_file_header.cpp`.

use evz_core::SensorSize;

use crate::Encoding;

const VGA: SensorSize = SensorSize {
    width: 640,
    height: 480,
};

const HD: SensorSize = SensorSize {
    width: 1280,
    height: 720,
};

/// The encoding and the size of the sensor of the camera `system_ID`, where its headers leave them
/// out.
pub(super) fn camera(system_id: u64) -> Option<(Encoding, SensorSize)> {
    Some(match system_id {
        // Gen3.0 and Gen3.1; numbers from 0x80 on are the same boards behind a proxy.
        0x15 | 0x17 | 0x19 | 0x1c | 0x1d | 0x21 | 0x22 | 0x23 | 0x29 | 0x97 | 0x99 | 0xa1
        | 0xa2 => (Encoding::Evt2, VGA),
        0x28 => (Encoding::Evt3, VGA),
        // Gen4.0 and Gen4.1.
        0x1a | 0x1f | 0x27 => (Encoding::Evt2, HD),
        // Gen4.0, Gen4.1 and IMX636.
        0x1e | 0x2e | 0x30 | 0x31 | 0x32 => (Encoding::Evt3, HD),
        _ => return None,
    })
}

/// The first camera that sends EVT2.1 with the low half of its words first.
pub(super) const FIRST_LITTLE: u64 = 0x37;
