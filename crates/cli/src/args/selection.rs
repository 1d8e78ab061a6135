//! Which events.

use std::ops::Range;

use clap::Args;
use evz::{Polarity, Roi, Time, Wanted};

use super::values;

/// Which events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct SelectionArgs {
    /// Events at or after this time: 1.5s, 20ms, 3us, 7ns or 2m after the first event, or @EPOCH
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true)]
    pub(crate) from: Option<Time>,
    /// Events before this time
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true)]
    pub(crate) to: Option<Time>,
    /// Events numbered A to B-1, counting from 0: A..B, A.. or ..B
    #[arg(long, value_name = "A..B", value_parser = values::event_range, allow_hyphen_values = true)]
    pub(crate) events: Option<Range<u64>>,
    /// Pixels of a region: left, top, width, height
    #[arg(long, value_name = "X,Y,W,H", value_parser = values::roi, allow_hyphen_values = true)]
    pub(crate) roi: Option<Roi>,
    /// One polarity: on or off
    #[arg(long, value_name = "P", value_parser = values::polarity)]
    pub(crate) polarity: Option<Polarity>,
}

impl SelectionArgs {
    /// The same for the library.
    pub(crate) fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::all();
        wanted.from = self.from;
        wanted.to = self.to;
        wanted.events = self.events.clone();
        wanted.roi = self.roi;
        wanted.polarity = self.polarity;
        wanted
    }
}
