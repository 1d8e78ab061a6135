//! How many frames are made where nobody agreed to more.

use evz::{Error, Result};

use crate::words::human::count;

/// Ten hours at 30 frames a second. A recording with one wrong time has many times as many windows.
const MOST: u64 = 1 << 20;

/// Refuses so many frames of what has this name.
pub(crate) fn check(name: &str, frames: u64) -> Result<()> {
    if frames <= MOST {
        return Ok(());
    }
    let what = format!(
        "{name}: {} frames, and more than {} are not made unless told",
        count(frames),
        count(MOST)
    );
    Err(Error::invalid(what))
}
