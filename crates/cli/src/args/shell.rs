//! The arguments of `completion`, `help` and `man`.

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// A verb
    pub(crate) verb: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// A verb, or a topic: time, formats, exactness
    pub(crate) about: Option<String>,
}
