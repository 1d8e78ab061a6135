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
    /// Mark the triggers that fall into a window, of a side stream such as triggers, in a strip at the bottom
    /// from its start to its end: the number of the source and the edge
    #[arg(long, value_name = "STREAM")]
    pub(crate) mark: Option<String>,
}

impl BesideArgs {
    /// What is told, for outputs that have no use for it.
    pub(crate) fn given(&self) -> [(&'static str, bool); 2] {
        [
            ("--over", self.over.is_some()),
            ("--mark", self.mark.is_some()),
        ]
    }
}
