//! What is done to events while they are read.

use std::fmt;
use std::str::FromStr;

use super::time_text::{in_text, nanoseconds};
use crate::{Error, Result, Roi};

/// One thing that is done to the events of a recording while it is read. Several are done in the order
/// in which they are told; each sees what those before it left.
///
/// As text, which [`FromStr`] reads and [`Display`](fmt::Display) writes, a filter is its name and what
/// it is told: `background=2ms`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Filter {
    /// `hot-pixels=5sd`: leaves out the events of pixels that have too many. They are counted over the
    /// whole recording, which is read twice; or in windows of time, `hot-pixels=500Hz/1s`, where those
    /// that were hot in a window are left out of the next one.
    HotPixels {
        /// How many are too many.
        limit: HotLimit,
        /// Nanoseconds in a window, if not the whole recording is looked at.
        window: Option<u64>,
    },
    /// `refractory=1ms`: leaves out an event whose pixel had one, left out or not, less than so many
    /// nanoseconds before; or after it, where times run backwards. As `RefractoryPeriodFilter` of
    /// dv-processing and, but for an event exactly so late, `RefractoryPeriod` of tonic.
    Refractory(u64),
    /// `background=2ms`: leaves out an event if none of the eight pixels around its own had one, left
    /// out or not, less than so many nanoseconds before; or after, where times run backwards. The
    /// background activity filter of T. Delbruck,
    /// "Frame-free dynamic digital vision", Int. Symp. on Secure-Life Electronics, 2008, 21-26, as
    /// `BackgroundActivityNoiseFilter` of dv-processing has it.
    Background(u64),
    /// `decimate=4`: keeps every fourth event of each pixel, the fourth first, as `Decimation` of tonic.
    Decimate(u32),
    /// `invert-polarity`: ON for OFF, and OFF for ON.
    InvertPolarity,
    /// `crop=X,Y,W,H`: keeps the events of a region, whose top left pixel becomes 0,0.
    Crop(Roi),
    /// `flip=x`: mirrors the columns, left for right.
    FlipX,
    /// `flip=y`: mirrors the rows, top for bottom.
    FlipY,
    /// `rotate=90`, `180` or `270`: turns the picture clockwise by so many degrees.
    Rotate(u16),
    /// `transpose`: takes x for y, and y for x.
    Transpose,
    /// `time-shift=-1.5s`: adds so many nanoseconds to all times, those of side streams too.
    TimeShift(i128),
}

/// How many events of a pixel are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HotLimit {
    /// `5sd`: more than so many standard deviations above the mean of the pixels that have events, as
    /// `dvs_hot_pixel_filter` of dvs_tools.
    Deviations(u32),
    /// `500Hz`: more than so many a second, as `identify_hot_pixel` of tonic.
    Rate(u32),
}

impl HotLimit {
    /// What is too many where nobody says.
    pub const DEFAULT: Self = Self::Deviations(5);
}

impl Filter {
    /// The names, in the order in which they make sense.
    pub const NAMES: [&str; 10] = [
        "hot-pixels",
        "refractory",
        "background",
        "decimate",
        "invert-polarity",
        "crop",
        "flip",
        "rotate",
        "transpose",
        "time-shift",
    ];

    /// What `hot-pixels` alone stands for, which is the default of `dvs_hot_pixel_filter`.
    pub const HOT_PIXELS: Self = Self::HotPixels {
        limit: HotLimit::DEFAULT,
        window: None,
    };

    /// Whether pixels go elsewhere.
    pub fn moves_pixels(&self) -> bool {
        use Filter::{Crop, FlipX, FlipY, Rotate, Transpose};
        matches!(self, Crop(_) | FlipX | FlipY | Rotate(_) | Transpose)
    }
}

impl FromStr for Filter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, told) = text.split_once('=').unwrap_or((text, ""));
        let wrong = |why: String| Error::invalid(format!("{name}: {why}"));
        let why = |error: Error| wrong(error.to_string());
        match name {
            "hot-pixels" if told.is_empty() => Ok(Self::HOT_PIXELS),
            "hot-pixels" => hot_pixels(told).map_err(why),
            "refractory" => span(told).map(Self::Refractory).map_err(why),
            "background" => span(told).map(Self::Background).map_err(why),
            "decimate" => match told.parse() {
                Ok(n) if n > 0 => Ok(Self::Decimate(n)),
                _ => Err(wrong("it is a whole number above 0".to_owned())),
            },
            "crop" => told.parse().map(Self::Crop).map_err(why),
            "flip" if told == "x" => Ok(Self::FlipX),
            "flip" if told == "y" => Ok(Self::FlipY),
            "flip" => Err(wrong(
                "it is x (left for right) or y (top for bottom)".to_owned(),
            )),
            "rotate" => match told {
                "90" | "180" | "270" => Ok(Self::Rotate(told.parse().unwrap_or(90))),
                _ => Err(wrong("it is 90, 180 or 270, clockwise".to_owned())),
            },
            "time-shift" => nanoseconds(told).map(Self::TimeShift).map_err(why),
            "invert-polarity" | "transpose" if !told.is_empty() => {
                Err(wrong("it is told nothing".to_owned()))
            }
            "invert-polarity" => Ok(Self::InvertPolarity),
            "transpose" => Ok(Self::Transpose),
            _ => Err(Error::invalid(format!(
                "no filter {name:?}; there are {}",
                Self::NAMES.join(", ")
            ))),
        }
    }
}

/// `5sd`, `500Hz`, with or without `/1s`.
fn hot_pixels(text: &str) -> Result<Filter> {
    let (limit, window) = match text.split_once('/') {
        Some((limit, window)) => (limit, Some(span(window)?)),
        None => (text, None),
    };
    let number = |digits: &str| digits.parse().ok().filter(|n| *n > 0);
    let deviations = limit.strip_suffix("sd").and_then(number);
    let rate = limit.strip_suffix("Hz").and_then(number);
    let limit = match (deviations, rate) {
        (Some(n), _) => HotLimit::Deviations(n),
        (_, Some(n)) => HotLimit::Rate(n),
        _ => {
            return Err(Error::invalid(
                "it is so many standard deviations above the mean, 5sd, or events of a pixel a \
                 second, 500Hz; with /1s behind it they are counted in windows of a second",
            ));
        }
    };
    Ok(Filter::HotPixels { limit, window })
}

/// A length of time of more than nothing.
fn span(text: &str) -> Result<u64> {
    let ns = nanoseconds(text)?;
    u64::try_from(ns)
        .ok()
        .filter(|ns| *ns > 0)
        .ok_or_else(|| Error::invalid("it must be more than nothing, and less than 584 years"))
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HotPixels { limit, window } => {
                match limit {
                    HotLimit::Deviations(n) => write!(f, "hot-pixels={n}sd")?,
                    HotLimit::Rate(n) => write!(f, "hot-pixels={n}Hz")?,
                }
                match window {
                    Some(ns) => write!(f, "/{}", in_text((*ns).into())),
                    None => Ok(()),
                }
            }
            Self::Refractory(ns) => write!(f, "refractory={}", in_text((*ns).into())),
            Self::Background(ns) => write!(f, "background={}", in_text((*ns).into())),
            Self::Decimate(n) => write!(f, "decimate={n}"),
            Self::InvertPolarity => f.write_str("invert-polarity"),
            Self::Crop(roi) => write!(f, "crop={roi}"),
            Self::FlipX => f.write_str("flip=x"),
            Self::FlipY => f.write_str("flip=y"),
            Self::Rotate(degrees) => write!(f, "rotate={degrees}"),
            Self::Transpose => f.write_str("transpose"),
            Self::TimeShift(ns) => write!(f, "time-shift={}", in_text(*ns)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "hot-pixels=5sd",
            "hot-pixels=500Hz/1s",
            "refractory=1ms",
            "background=1500us",
            "decimate=4",
            "invert-polarity",
            "crop=1,2,3,4",
            "flip=x",
            "flip=y",
            "rotate=270",
            "transpose",
            "time-shift=-7ns",
        ] {
            assert_eq!(text.parse::<Filter>().unwrap().to_string(), text);
        }
        assert_eq!("hot-pixels".parse::<Filter>().unwrap(), Filter::HOT_PIXELS);
        let same: Filter = "background=0.002s".parse().unwrap();
        assert_eq!(same.to_string(), "background=2ms");
    }

    #[test]
    fn what_is_no_filter_says_why() {
        for (text, why) in [
            ("sharpen", "there are hot-pixels, refractory"),
            ("background=2", "no unit"),
            ("background=0ms", "more than nothing"),
            ("hot-pixels=many", "5sd"),
            ("decimate=0", "above 0"),
            ("flip=z", "left for right"),
            ("rotate=45", "clockwise"),
            ("transpose=x", "told nothing"),
            ("crop=1,2,3", "X,Y,W,H"),
        ] {
            let error = text.parse::<Filter>().unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
