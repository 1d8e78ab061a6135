//! What the header of a RAW file says of its events.
//!
//! OpenEB, `hal_psee_plugins/src/boards/rawfile/psee_raw_file_header.cpp`.

use evz_core::{Error, Question, Result, SensorSize};

use super::{Header, parse_size, size_of, system};
use crate::told::Told;
use crate::{Encoding, WordOrder};

/// How the events of a RAW file are to be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RawHeader {
    pub(crate) encoding: Encoding,
    pub(crate) size: Option<SensorSize>,
    /// The order of EVT2.1's words that the header states.
    pub(crate) word_order: Option<WordOrder>,
    /// The order that cameras of this number have, where the header states none.
    pub(crate) camera_word_order: Option<WordOrder>,
    /// What the header does not say itself.
    pub(crate) inferred: Vec<String>,
}

impl RawHeader {
    /// What `header` says, or rather what was told.
    pub(crate) fn of(header: &Header, name: &str, told: &Told) -> Result<Self> {
        let format = Format::parse(header.get(&["format"]).unwrap_or_default());
        let camera_number = system_id(header);
        let camera = camera_number.and_then(system::camera);
        let mut inferred = Vec::new();
        let encoding = match told.encoding {
            Some(encoding) => {
                let stated = stated_encoding(header, &format, name).ok().flatten();
                if let Some(stated) = stated.filter(|stated| *stated != encoding) {
                    inferred.push(format!(
                        "{encoding} as told, though its header says {stated}"
                    ));
                }
                encoding
            }
            None => match stated_encoding(header, &format, name)? {
                Some(encoding) => encoding,
                None => {
                    let (encoding, _) = camera.ok_or_else(|| no_encoding(name))?;
                    let id = camera_number.unwrap_or_default();
                    inferred.push(format!("{encoding}: cameras of system_ID {id} send it"));
                    encoding
                }
            },
        };
        let size = match told.size {
            Some(size) => Some(size),
            None => match stated_size(header, &format, name)? {
                Some(size) => Some(size),
                None => camera.map(|(_, size)| {
                    let id = camera_number.unwrap_or_default();
                    inferred.push(format!(
                        "{size} pixels: cameras of system_ID {id} have them"
                    ));
                    size
                }),
            },
        };
        let order = format
            .get("endianness")
            .or_else(|| header.get(&["endianness"]));
        let word_order = order.and_then(|order| order.parse().ok());
        if let (Some(order), None) = (order, word_order) {
            let order = order.escape_debug();
            inferred.push(format!(
                "its header says endianness {order}, which is not known and passed over"
            ));
        }
        Ok(Self {
            encoding,
            size,
            word_order,
            camera_word_order: camera_number
                .filter(|&id| id > 0 && id < system::FIRST_LITTLE)
                .map(|_| WordOrder::Legacy),
            inferred,
        })
    }
}

/// `EVT3;height=720;width=1280`, its keys in any order.
struct Format<'a> {
    name: &'a str,
    keys: Vec<(&'a str, &'a str)>,
}

impl<'a> Format<'a> {
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        Self {
            name: parts.next().unwrap_or_default(),
            keys: parts.filter_map(|part| part.split_once('=')).collect(),
        }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.keys.iter().find(|(k, _)| *k == key);
        found.map(|(_, value)| *value)
    }
}

/// The encoding of `format`, or of `evt` in headers that are older than it.
fn stated_encoding(header: &Header, format: &Format<'_>, name: &str) -> Result<Option<Encoding>> {
    let refused = |what: &str| {
        let what = format!("its events are {what}; evz reads EVT2, EVT2.1, EVT3 and EVT4");
        Error::unsupported(name, what)
    };
    let by_format = match format.name.to_ascii_uppercase().as_str() {
        "" => None,
        "EVT2" | "EVT2.0" => Some(Encoding::Evt2),
        "EVT21" | "EVT2.1" => Some(Encoding::Evt21),
        "EVT3" | "EVT3.0" => Some(Encoding::Evt3),
        "EVT4" | "EVT4.0" => Some(Encoding::Evt4),
        _ => return Err(refused(format.name)),
    };
    let by_version = match header.get(&["evt"]) {
        None => None,
        Some("2.0" | "2") => Some(Encoding::Evt2),
        Some("2.1") => Some(Encoding::Evt21),
        Some("3.0" | "3") => Some(Encoding::Evt3),
        Some("4.0" | "4") => Some(Encoding::Evt4),
        Some(_) if by_format.is_some() => None,
        Some(version) => return Err(refused(&format!("EVT {version}"))),
    };
    match (by_format, by_version) {
        (Some(a), Some(b)) if a != b => {
            let what = format!("its header says both {a} (format) and {b} (evt)");
            let both = [a, b].map(Encoding::name);
            Err(Error::ambiguous(name, what).settled_by(Question::Encoding, both))
        }
        (a, b) => Ok(a.or(b)),
    }
}

/// The size in `geometry` and in `format`.
fn stated_size(header: &Header, format: &Format<'_>, name: &str) -> Result<Option<SensorSize>> {
    let bad = |text: &str| {
        let what = format!("its header says `{text}`, which is no size in pixels");
        Error::corrupt(name, what).settled_by(Question::Size, [""; 0])
    };
    let by_geometry = header
        .get(&["geometry"])
        .map(|text| parse_size(text).ok_or_else(|| bad(&format!("geometry {text}"))))
        .transpose()?;
    let by_format = match (format.get("width"), format.get("height")) {
        (Some(w), Some(h)) => {
            let size = size_of(w, h).ok_or_else(|| bad(&format!("width={w};height={h}")))?;
            Some(size)
        }
        _ => None,
    };
    match (by_geometry, by_format) {
        (Some(a), Some(b)) if a != b => {
            let what = format!("its header says both {a} (geometry) and {b} (format)");
            Err(Error::ambiguous(name, what).settled_by(Question::Size, [a, b]))
        }
        (a, b) => Ok(a.or(b)),
    }
}

/// The number of the camera, if the maker of its sensor is said to have built it: other makers
/// count for themselves.
fn system_id(header: &Header) -> Option<u64> {
    let makers = [
        "integrator_name",
        "camera_integrator_name",
        "plugin_integrator_name",
    ];
    let ours = makers
        .iter()
        .filter_map(|key| header.get(&[key]))
        .all(|maker| maker == "Prophesee");
    header.get(&["system_ID"])?.parse().ok().filter(|_| ours)
}

fn no_encoding(name: &str) -> Error {
    let what = "its header does not say how its events are written";
    Error::ambiguous(name, what).settled_by(Question::Encoding, Encoding::RAW.map(Encoding::name))
}

#[cfg(test)]
mod tests {
    use evz_core::ErrorKind;

    use super::*;

    fn read(header: &str) -> Result<RawHeader> {
        RawHeader::of(&Header::parse(header.as_bytes()), "a.raw", &Told::default())
    }

    fn size(width: u32, height: u32) -> Option<SensorSize> {
        Some(SensorSize { width, height })
    }

    #[test]
    fn every_kind_of_header_says_encoding_and_size() {
        for (header, encoding, size) in [
            (
                "% format EVT3;height=720;width=1280\n% end\n",
                Encoding::Evt3,
                size(1280, 720),
            ),
            (
                "% format EVT2;width=640;height=480\n",
                Encoding::Evt2,
                size(640, 480),
            ),
            (
                "% evt 2.1\n% geometry 320x320\n",
                Encoding::Evt21,
                size(320, 320),
            ),
            (
                "% evt 3.0\n% format EVT3\n% geometry 1280x720\n",
                Encoding::Evt3,
                size(1280, 720),
            ),
            (
                "% evt 2.0\n% system_ID 21\n",
                Encoding::Evt2,
                size(640, 480),
            ),
            (
                "% format EVT4;height=320;width=320\n% end\n",
                Encoding::Evt4,
                size(320, 320),
            ),
            (
                "% evt 4.0\n% geometry 320x320\n",
                Encoding::Evt4,
                size(320, 320),
            ),
            ("% system_ID 49\n", Encoding::Evt3, size(1280, 720)),
            ("% evt 3.0\n% system_ID 99\n", Encoding::Evt3, None),
        ] {
            let found = read(header).unwrap();
            assert_eq!((found.encoding, found.size), (encoding, size), "{header}");
        }
    }

    #[test]
    fn what_is_inferred_is_said() {
        assert_eq!(
            read("% system_ID 49\n").unwrap().inferred,
            [
                "EVT3: cameras of system_ID 49 send it",
                "1280x720 pixels: cameras of system_ID 49 have them"
            ]
        );
        let order = "its header says endianness big, which is not known and passed over";
        let odd = read("% format EVT4;width=8;height=8;endianness=big\n").unwrap();
        assert_eq!(odd.inferred, [order]);
        // Another maker's 49 is another camera.
        assert!(read("% system_ID 49\n% integrator_name ACME\n").is_err());
    }

    #[test]
    fn word_orders() {
        for (header, stated, of_camera) in [
            (
                "% format EVT21;endianness=legacy\n",
                Some(WordOrder::Legacy),
                None,
            ),
            (
                "% evt 2.1\n% endianness little\n",
                Some(WordOrder::Little),
                None,
            ),
            ("% evt 2.1\n% system_ID 49\n", None, Some(WordOrder::Legacy)),
            ("% evt 2.1\n% system_ID 64\n", None, None),
        ] {
            let found = read(header).unwrap();
            assert_eq!(
                (found.word_order, found.camera_word_order),
                (stated, of_camera),
                "{header}"
            );
        }
    }

    #[test]
    fn what_is_not_read_is_refused_by_name() {
        for name in ["HISTO3D", "DIFF3D", "AER-8b", "AER-4b"] {
            let error = read(&format!("% format {name};height=720;width=1280\n"));
            let expected =
                format!("a.raw: its events are {name}; evz reads EVT2, EVT2.1, EVT3 and EVT4");
            assert_eq!(error.unwrap_err().to_string(), expected);
        }
        assert!(
            read("% evt 5.0\n")
                .unwrap_err()
                .to_string()
                .contains("EVT 5.0")
        );
    }

    #[test]
    fn contradictions_ask_what_is_true() {
        let both = read("% format EVT3\n% evt 2.0\n").unwrap_err();
        assert_eq!(both.kind(), ErrorKind::Ambiguous);
        assert!(both.to_string().ends_with("set encoding to evt3 or evt2"));
        let sizes = read("% format EVT3;width=10;height=20\n% geometry 20x10\n").unwrap_err();
        assert_eq!(sizes.kind(), ErrorKind::Ambiguous);
        assert!(sizes.to_string().ends_with("set size to 20x10 or 10x20"));
        let unsaid = read("% date 2020\n").unwrap_err();
        assert_eq!(unsaid.kind(), ErrorKind::Ambiguous);
        assert_eq!(unsaid.question(), Some(Question::Encoding));
        let no_size = read("% evt 3\n% geometry 0x20\n").unwrap_err();
        assert_eq!(no_size.kind(), ErrorKind::Corrupt);
        assert_eq!(no_size.question(), Some(Question::Size));
    }
}
