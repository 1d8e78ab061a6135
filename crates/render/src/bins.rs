//! Where the bins of a window lie in time.

use std::str::FromStr;

use evz_core::{Error, Result};

/// The time that bins divide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BinSpan {
    /// From the earliest event of the window to the latest one.
    #[default]
    Events,
    /// From the window's start to its end, so that a bin is as long in each window of the same length. Of
    /// windows by count that is from the earliest event to one tick behind the latest one.
    Window,
}

/// Where the bins of a voxel grid lie in their span, each of which weighs events by how near they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BinPlaces {
    /// The first bin at the start of the span, the last one at its end: an event lies at
    /// `(bins - 1) * (t - start) / length`. E2VID's and DSEC's.
    #[default]
    Ends,
    /// The first bin at the start, as far from the end as bins are from each other: an event lies at
    /// `bins * (t - start) / length`. Behind the last bin there is none, which takes weight from events there:
    /// one at the very end of the span has none. Tonic's.
    Starts,
    /// Each bin in the middle of its part of the span: an event lies at `bins * (t - start) / length - 1/2`, and
    /// before the middle of the first bin, or behind that of the last one, is all in that bin or weighs less
    /// by its distance from it. OpenEB's event cube.
    Centers,
}

impl FromStr for BinSpan {
    type Err = Error;

    /// `events` or `window`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "events" => Ok(Self::Events),
            "window" => Ok(Self::Window),
            _ => Err(Error::invalid(format!(
                "no span of bins {text:?}; it is events or window"
            ))),
        }
    }
}

impl FromStr for BinPlaces {
    type Err = Error;

    /// `ends`, `starts` or `centers`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ends" => Ok(Self::Ends),
            "starts" => Ok(Self::Starts),
            "centers" => Ok(Self::Centers),
            _ => Err(Error::invalid(format!(
                "no places of bins {text:?}; it is ends, starts or centers"
            ))),
        }
    }
}
