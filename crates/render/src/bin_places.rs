//! Where the bins of a voxel grid lie in time.

use std::str::FromStr;

use evz_core::{Error, Result};

/// Where the bins of a voxel grid lie in their span, each of which weighs events by how near they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BinPlaces {
    /// The first bin at the start of the span, the last one at its end: an event lies at
    /// `(bins - 1) * (t - start) / length`. E2VID's.
    #[default]
    Ends,
    /// The same in floats of 32 bits, as DSEC and E-RAFT have it: windows of more than 16 s are not exact, and a
    /// span from events to events of the same time is empty.
    EndsOf32Bits,
    /// The first bin at the start, and the end as far behind the last one as bins are from each other: an event
    /// lies at `bins * (t - start) / length`. What it weighs behind the last bin is lost: all of it at the very
    /// end. Tonic's.
    Starts,
    /// Each bin in the middle of its part of the span: an event lies at `bins * (t - start) / length - 1/2`. What
    /// it weighs before the first bin and behind the last one is lost. OpenEB's event cube.
    Centers,
}

impl FromStr for BinPlaces {
    type Err = Error;

    /// `ends`, `ends32`, `starts` or `centers`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ends" => Ok(Self::Ends),
            "ends32" => Ok(Self::EndsOf32Bits),
            "starts" => Ok(Self::Starts),
            "centers" => Ok(Self::Centers),
            _ => Err(Error::invalid(format!(
                "no places of bins {text:?}; it is ends, ends32, starts or centers"
            ))),
        }
    }
}
