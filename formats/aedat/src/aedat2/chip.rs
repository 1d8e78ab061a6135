//! Which camera an address came from.

use evz_core::{Error, OpenOptions, Question, Result, SensorSize};

use super::RECORD_LEN;
use crate::devices;

/// What the bits of an address mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Dvs128,
    Davis,
}

/// A camera: how it writes addresses, and how large its sensor is, for addresses count from the
/// right and from the bottom.
pub(super) struct Chip {
    pub(super) layout: Layout,
    pub(super) size: SensorSize,
    /// How its events are read, for the report.
    pub(super) summary: String,
}

impl Chip {
    /// The camera that the header names; without a name the one that the options tell of and the
    /// first bytes of the data suggest.
    pub(super) fn find(
        place: &str,
        header: &[u8],
        data: &[u8],
        options: &OpenOptions,
    ) -> Result<Self> {
        let name = name_in(header);
        if let Some(name) = name
            .as_ref()
            .filter(|n| n.to_ascii_lowercase().contains("stereo"))
        {
            let what = format!("the chip {name:?} is a pair of cameras, which is not read");
            return Err(Error::unsupported(place, what).advise("save each of them from jAER"));
        }
        let known = name.as_deref().and_then(devices::size_of);
        let Some(size) = options.size.or(known) else {
            let chip = match &name {
                Some(name) => format!("its header names the chip {name:?}, which is not known"),
                None => "its header names no chip (# AEChip:)".to_owned(),
            };
            return Err(Error::ambiguous(
                place,
                format!(
                    "{chip}, and its rows count from the bottom of the sensor, which is 128x128 of \
                     a DVS128, 240x180 of a DAVIS240 and 346x260 of a DAVIS346"
                ),
            )
            .settled_by(Question::Size, [""; 0]));
        };
        if size.width == 0 || size.height == 0 {
            return Err(Error::invalid(format!("a sensor of {size} has no pixels")));
        }
        let layout = match name.as_deref().map(str::to_ascii_lowercase) {
            Some(name) if name.starts_with("dvs128") || name.starts_with("tmpdiff128") => {
                Layout::Dvs128
            }
            Some(_) if known.is_some() => Layout::Davis,
            _ => layout_of(data),
        };
        let of = name.as_deref().unwrap_or(match layout {
            Layout::Dvs128 => "DVS128, as its addresses look",
            Layout::Davis => "DAVIS, as its addresses look",
        });
        let polarity = match layout {
            Layout::Dvs128 => ", polarity bit 0 is ON",
            Layout::Davis => "",
        };
        Ok(Self {
            layout,
            size,
            summary: format!(
                "read as: AEDAT 2.0 of a {of}, {size}, microseconds, addresses from the bottom \
                 right as jAER writes them{polarity}"
            ),
        })
    }
}

/// The class of jAER that the header names, without its package.
fn name_in(header: &[u8]) -> Option<String> {
    let header = String::from_utf8_lossy(header);
    let class = header
        .lines()
        .find_map(|line| line.split_once("AEChip:"))?
        .1
        .trim()
        .to_owned();
    let name = class.rsplit('.').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// The addresses of a DVS128 have 16 bits; a DAVIS has its column and row above those.
fn layout_of(data: &[u8]) -> Layout {
    let (records, _) = data.as_chunks::<RECORD_LEN>();
    if records.iter().any(|record| record[..2] != [0, 0]) {
        Layout::Davis
    } else {
        Layout::Dvs128
    }
}
