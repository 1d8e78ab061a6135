//! The arguments of the verbs that look at recordings: `info`, `cat`, `verify`, `recover`, `digest`.

use std::path::PathBuf;

use clap::Args;

use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::text_output::TextOutputArgs;

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The recording; - for standard input
    pub(crate) file: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "layout")]
    pub(crate) json: bool,
    /// Print every record of an .evz file, as JSON
    #[arg(long)]
    pub(crate) layout: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    /// The recording; - for standard input
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The .evz file; - for standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    /// The damaged .evz file; - for standard input
    pub(crate) input: PathBuf,
    /// The file to write
    pub(crate) output: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// The recordings; - for standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}
