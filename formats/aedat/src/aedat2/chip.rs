//! Which camera an address came from.

use evz_core::{Error, OpenOptions, Question, Result, SensorSize};

use super::Version;
use crate::devices;

/// What the bits of an address mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Dvs128,
    /// Two of them, as jAER records them together.
    Dvs128Stereo,
    Davis,
    /// As v2e writes it for `--dvs640`.
    Dvs640,
}

impl Layout {
    /// What options call them, in the order of [`Layout::ALL`].
    pub(crate) const NAMES: [&'static str; 4] = ["dvs128", "dvs128-stereo", "davis", "dvs640"];
    const ALL: [Self; 4] = [Self::Dvs128, Self::Dvs128Stereo, Self::Davis, Self::Dvs640];
    /// How many of these have 16 bits.
    const OLD: usize = 2;

    /// Those that a version can have.
    pub(super) fn of_version(version: Version) -> &'static [Self] {
        match version {
            Version::Two => &Self::ALL,
            Version::Old { .. } => &Self::ALL[..Self::OLD],
        }
    }

    /// The layout of a name.
    fn named(name: &str) -> Result<Self> {
        let place = Self::NAMES.iter().position(|known| *known == name);
        let unknown = || {
            let what = format!("addresses of AEDAT 2.0 are not laid out as {name:?}");
            Error::invalid(what).settled_by(Question::Encoding, Self::NAMES)
        };
        place.map(|place| Self::ALL[place]).ok_or_else(unknown)
    }

    pub(super) fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// The sensor, where there is one of this layout alone.
    pub(super) fn size(self) -> Option<SensorSize> {
        let (width, height) = match self {
            Self::Dvs128 | Self::Dvs128Stereo => (128, 128),
            Self::Dvs640 => (640, 480),
            Self::Davis => return None,
        };
        Some(SensorSize { width, height })
    }
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
    /// The camera that the options tell of, or else the one that the header names.
    pub(super) fn find(
        place: &str,
        header: &[u8],
        version: Version,
        options: &OpenOptions,
    ) -> Result<Self> {
        let name = name_in(header);
        if let Some(name) = name
            .as_ref()
            .filter(|n| is_pair(n) && n.to_ascii_lowercase().starts_with("davis"))
        {
            // jAER sets bit 15 of its addresses for the right one, which is the column's.
            let what = format!(
                "the chip {name:?} is a pair of cameras whose columns jAER mixes with which camera it is"
            );
            return Err(Error::unsupported(place, what).advise("save each of them from jAER"));
        }
        let known = name.as_deref().and_then(devices::size_of);
        let chip = match &name {
            Some(name) => format!("its header names the chip {name:?}, which is not known"),
            None => "its header names no chip (# AEChip:)".to_owned(),
        };
        let layouts = Layout::of_version(version);
        let names = || layouts.iter().map(|layout| layout.name());
        // Its size says nothing of how it writes addresses.
        let layout = match (
            &options.encoding,
            name.as_deref().map(str::to_ascii_lowercase),
        ) {
            (Some(told), _) => Layout::named(told)?,
            (None, Some(name)) if is_pair(&name) => Layout::Dvs128Stereo,
            (None, Some(name)) if name.starts_with("dvs128") || name.starts_with("tmpdiff128") => {
                Layout::Dvs128
            }
            (None, Some(_)) if known.is_some() => Layout::Davis,
            (None, _) => {
                let what = format!("{chip}, and so nothing says which bits of an address are what");
                let error = Error::ambiguous(place, what);
                return Err(error.settled_by(Question::Encoding, names()));
            }
        };
        if !layouts.contains(&layout) {
            let what = "addresses of AEDAT 1.0 have 16 bits, as those of one or two DVS128";
            let error = Error::unsupported(place, what);
            return Err(error.settled_by(Question::Encoding, names()));
        }
        let Some(size) = options.size.or(known).or(layout.size()) else {
            let what = format!(
                "{chip}, and its rows count from the bottom of the sensor, which is 240x180 of a \
                 DAVIS240 and 346x260 of a DAVIS346"
            );
            return Err(Error::ambiguous(place, what).settled_by(Question::Size, [""; 0]));
        };
        if size.width == 0 || size.height == 0 {
            return Err(Error::invalid(format!("a sensor of {size} has no pixels")));
        }
        let of = match (&options.encoding, &name) {
            (Some(told), _) => format!("{told} (as told)"),
            (None, name) => name.clone().unwrap_or_default(),
        };
        let polarity = match layout {
            Layout::Dvs128 | Layout::Dvs128Stereo => ", polarity bit 0 is ON",
            Layout::Davis | Layout::Dvs640 => "",
        };
        Ok(Self {
            layout,
            size,
            summary: format!(
                "read as: {} of a {of}, {size}, microseconds, addresses from the bottom \
                 right as jAER writes them{polarity}",
                version.name().to_uppercase()
            ),
        })
    }
}

/// Whether a chip is two cameras: jAER's `DVS128StereoPair`, `DVS128StereoBoard`, the same of a
/// Tmpdiff128, and `FlyEye`, two that look to either side.
fn is_pair(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.contains("stereo") || name == "flyeye"
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
