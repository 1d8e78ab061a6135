//! The arguments of `record`.

use std::path::PathBuf;

use clap::Args;
use evz::DEFAULT_LIVE_PROFILE;

use super::reading::ReadingArgs;
use super::values::profile_parser;

#[derive(Debug, Args)]
pub(crate) struct RecordArgs {
    /// What sends the recording: - for standard input, or a named pipe
    pub(crate) input: PathBuf,
    /// The .evz file to write, which is there from the start
    pub(crate) output: PathBuf,
    /// How it is encoded: fast to keep up, small for storing, small-gpu for decoding on a GPU
    #[arg(long, value_name = "NAME", value_parser = profile_parser(), default_value = DEFAULT_LIVE_PROFILE)]
    pub(crate) profile: String,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}
