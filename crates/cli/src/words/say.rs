//! A line on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Says a line. A standard error that is closed is no reason to stop.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
