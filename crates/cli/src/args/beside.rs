//! What a recording has beside its events, in pictures of them.

use clap::Args;

/// What else is in pictures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct BesideArgs {
    /// Draw the events over frames that a camera took of the same pixels, a side stream such as frames: the
    /// latest one up to the end of a window, grey and dimmed
    #[arg(long, value_name = "STREAM")]
    pub(crate) over: Option<String>,
    /// Mark what a side stream has in a window, in a strip at the bottom from its start to its end: of triggers the
    /// number of the source and the edge; of imu how fast it turned, in degrees a second, and how much it was
    /// accelerated, in g. May be given for several
    #[arg(long, value_name = "STREAM")]
    pub(crate) mark: Vec<String>,
}

impl BesideArgs {
    /// What is told, for outputs that have no use for it.
    pub(crate) fn given(&self) -> [(&'static str, bool); 2] {
        [
            ("--over", self.over.is_some()),
            ("--mark", !self.mark.is_empty()),
        ]
    }
}
