//! How an output is written.

use clap::Args;
use evz::CreateOptions;

use super::values::{profile_parser, raw_encoding_parser};

/// How an output is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct WritingArgs {
    /// How .evz is encoded: small for storing, fast for working, small-gpu for decoding on a GPU
    /// [default: small]
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    pub(crate) profile: Option<String>,
    /// How .raw is written [default: evt3], and .es [default: dvs]
    #[arg(long, value_name = "NAME", value_parser = raw_encoding_parser())]
    pub(crate) raw_encoding: Option<String>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

impl WritingArgs {
    /// The same as options of the library.
    pub(crate) fn options(&self) -> CreateOptions {
        let mut options = CreateOptions::new();
        options.profile = self.profile.clone();
        options.encoding = self.raw_encoding.clone();
        options
    }
}
