//! The cameras that versions 2 and 3 name, with the size of their sensors.

use evz_core::SensorSize;

/// Beginnings of names in small letters, with width and height. The names are those of the list of
/// supported devices in iniVation's description of the formats, with their older alternatives, and
/// jAER's for several cameras, each of this size.
const DEVICES: [(&str, u32, u32); 15] = [
    ("dvs128", 128, 128),
    ("tmpdiff128", 128, 128),
    ("davis240", 240, 180),
    ("sbret10", 240, 180),
    ("sbret20", 240, 180),
    ("sbret21", 240, 180),
    ("davis128", 128, 128),
    ("davis208", 208, 192),
    ("pixelparade", 208, 192),
    ("sensedavis192", 208, 192),
    ("sensdavis192", 208, 192),
    ("davis346", 346, 260),
    ("multidavis346", 346, 260),
    ("davis640", 640, 480),
    ("davishet640", 640, 480),
];

/// The size of the sensor of a device.
pub(crate) fn size_of(name: &str) -> Option<SensorSize> {
    let name = name.to_ascii_lowercase();
    let &(_, width, height) = DEVICES.iter().find(|(start, ..)| name.starts_with(start))?;
    Some(SensorSize { width, height })
}
