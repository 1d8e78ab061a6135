//! What the time of a window is.

use std::str::FromStr;

use evz_core::{Error, Result};

/// The time of a window: what bins divide, and at whose end a decay is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeSpan {
    /// From the earliest event of the window to the latest one.
    Events,
    /// From the window's start to its end, so that it is as long in each window of the same length. Of windows
    /// by count that is from the earliest event to one tick behind the latest one.
    Window,
}

impl FromStr for TimeSpan {
    type Err = Error;

    /// `events` or `window`.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "events" => Ok(Self::Events),
            "window" => Ok(Self::Window),
            _ => Err(Error::invalid(format!(
                "no span {text:?}; it is events or window"
            ))),
        }
    }
}
