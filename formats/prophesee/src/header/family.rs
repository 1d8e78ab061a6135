//! Whether a header is one of RAW or of DAT.

use super::Header;

/// Keys that say how the words of a RAW file are written.
const ENCODING_KEYS: [&str; 2] = ["format", "evt"];

/// Keys of headers of RAW that tell of the camera, as those of DAT may.
const CAMERA_KEYS: [&str; 5] = [
    "geometry",
    "system_ID",
    "integrator_name",
    "camera_integrator_name",
    "plugin_name",
];

/// Whether a header is one of RAW.
pub(crate) fn is_raw(header: &Header) -> bool {
    names_encoding(header) || (header.get(&CAMERA_KEYS).is_some() && !has_dat_key(header))
}

/// Whether a header is one of DAT; two bytes say what follows it.
pub(crate) fn is_dat(header: &Header) -> bool {
    has_dat_key(header) && !names_encoding(header)
}

/// Whether a header says how the words of a RAW file are written.
pub(crate) fn names_encoding(header: &Header) -> bool {
    header.get(&ENCODING_KEYS).is_some()
}

/// Whether a header has a line that those of RAW do not have.
pub(crate) fn has_dat_key(header: &Header) -> bool {
    header.get(&["Version", "Height", "Width"]).is_some()
        || header
            .get(&["Data"])
            .is_some_and(|text| text.starts_with("file containing"))
}
