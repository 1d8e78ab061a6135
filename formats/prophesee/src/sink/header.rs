//! The lines before the events.

use evz_core::StreamInfo;

use crate::Encoding;
use crate::header::Header;

/// The lines of a file that is written, but for the one that the first event decides on.
pub(super) struct HeaderLines {
    bytes: Vec<u8>,
    encoding: Encoding,
}

/// Keys that say how the events were written, in a header that is taken over from a file of the
/// same family.
const WRITTEN: [&str; 11] = [
    "evt",
    "format",
    "geometry",
    "endianness",
    "Data",
    "Version",
    "Height",
    "Width",
    "t0",
    "T0",
    "end",
];

impl HeaderLines {
    /// The lines for the events of a stream. Those of the file that it comes from are kept, if it is
    /// of the same family: serial numbers, dates, the maker.
    pub(super) fn new(encoding: Encoding, info: &StreamInfo) -> Self {
        let family = if encoding.is_dat() { "dat" } else { "raw" };
        let said = |key: &str| info.metadata.get(key);
        let is_same = said("source.format").and_then(|v| v.as_text()) == Some(family);
        let source = said("source.header").and_then(|v| v.as_bytes());
        let mut bytes = Vec::new();
        let kept = source.filter(|_| is_same).unwrap_or_default();
        for line in kept.split_inclusive(|&b| b == b'\n') {
            let header = Header::parse(line);
            if header
                .first_key()
                .is_some_and(|key| !WRITTEN.contains(&key))
            {
                bytes.extend_from_slice(line);
            }
        }
        let (w, h) = info.size.map_or((0, 0), |size| (size.width, size.height));
        let mut line = |text: String| bytes.extend(format!("% {text}\n").bytes());
        match encoding {
            Encoding::Evt2 | Encoding::Evt21 | Encoding::Evt3 | Encoding::Evt4 => {
                let version = match encoding {
                    Encoding::Evt2 => "2.0",
                    Encoding::Evt4 => "4.0",
                    _ => "3.0",
                };
                line(format!("evt {version}"));
                line(format!("format {encoding};height={h};width={w}"));
                line(format!("geometry {w}x{h}"));
            }
            Encoding::Dat1 | Encoding::Dat2 => {
                line("Data file containing CD events.".to_owned());
                line("Version 2".to_owned());
                if info.size.is_some() {
                    line(format!("Height {h}"));
                    line(format!("Width {w}"));
                }
            }
        }
        Self { bytes, encoding }
    }

    /// All lines, and what follows them before the first event.
    pub(super) fn bytes(&self, t0: i64) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        // The key that faery writes and reads; the maker has none.
        if t0 != 0 {
            let key = if self.encoding.is_dat() { "T0" } else { "t0" };
            bytes.extend(format!("% {key} {t0}\n").bytes());
        }
        if self.encoding.is_dat() {
            // The kind of the events, CD, and the bytes of each.
            bytes.extend([0x0c, 8]);
        } else {
            bytes.extend(b"% end\n");
        }
        bytes
    }
}
