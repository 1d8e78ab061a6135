//! What the times of an output count from.

use clap::{Args, ValueEnum};
use evz::{Origin, Wanted};

/// What the times of an output count from.
#[derive(Debug, Args)]
#[command(next_help_heading = "Times")]
pub(crate) struct OriginArgs {
    /// Count times from the recording's first event, as --from does (relative), or from what its clock
    /// counts from, with its epoch added (absolute) [default: as the recording has them]
    #[arg(long, value_name = "FROM", conflicts_with = "zero_t0")]
    pub(crate) time: Option<TimeArg>,
    /// Count times from the first event that is written, whose time is 0 then
    #[arg(long)]
    pub(crate) zero_t0: bool,
}

/// What `--time` may be told.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TimeArg {
    Relative,
    Absolute,
}

impl OriginArgs {
    /// The same for the library.
    pub(crate) fn origin(&self) -> Origin {
        match (self.time, self.zero_t0) {
            (Some(TimeArg::Relative), _) => Origin::FirstEvent,
            (Some(TimeArg::Absolute), _) => Origin::Clock,
            (None, true) => Origin::FirstWanted,
            (None, false) => Origin::Recorded,
        }
    }

    /// What is wanted, with times that count from there.
    pub(crate) fn of(&self, wanted: Wanted) -> Wanted {
        wanted.with_origin(self.origin())
    }
}
