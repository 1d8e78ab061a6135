//! The arguments of the verbs that look at recordings: `info`, `cat`, `verify`,
//! `recover`, `join`, `meta`, `digest`.

use std::path::PathBuf;

use clap::Args;

use super::origin::OriginArgs;
use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::text_output::TextOutputArgs;
use crate::facts::Reach;

#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The recording, a path or a URL; - for standard input; or a folder of recordings, for a table
    pub(crate) file: PathBuf,
    /// Print JSON
    #[arg(long, conflicts_with = "layout")]
    pub(crate) json: bool,
    /// Print every record of an .evz file, as JSON
    #[arg(long)]
    pub(crate) layout: bool,
    /// Say how far an .evz file that grows has come, as it does, until it is finished
    #[arg(long, conflicts_with = "layout")]
    pub(crate) follow: bool,
    /// Look at all events, however many and wherever they are
    #[arg(long, conflicts_with_all = ["layout", "follow"])]
    pub(crate) full: bool,
    /// Write how many events each pixel has: .npy, 32-bit counts of [height, width], or .png, greys
    #[arg(long, value_name = "FILE", conflicts_with_all = ["layout", "follow"])]
    pub(crate) pixels: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "pixels")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

impl InfoArgs {
    /// The events that are looked at of one recording, or of each in a folder.
    pub(crate) fn reach(&self, in_folder: bool) -> Reach {
        match (self.full || self.pixels.is_some(), in_folder) {
            (true, _) => Reach::All,
            (false, true) => Reach::Index,
            (false, false) => Reach::Here,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CatArgs {
    /// The recording, a path or a URL; - for standard input
    pub(crate) file: PathBuf,
    /// Go on with what is added to an .evz file that grows, until it is finished
    #[arg(long)]
    pub(crate) follow: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The .evz file, a path or a URL, or a folder of them; - for standard input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// The recordings, or folders of them
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
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
pub(crate) struct JoinArgs {
    /// The .evz files in the order of their events, then the file to write
    #[arg(required = true, num_args = 2.., value_names = ["INPUT", "OUTPUT"])]
    pub(crate) files: Vec<PathBuf>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MetaArgs {
    /// The .evz file
    pub(crate) file: PathBuf,
    /// Give a key this text
    #[arg(long, value_name = "KEY=TEXT")]
    pub(crate) set: Vec<String>,
    /// Give a key this number, true or false, list or object
    #[arg(long, value_name = "KEY=JSON")]
    pub(crate) set_json: Vec<String>,
    /// Take a key away
    #[arg(long, value_name = "KEY")]
    pub(crate) unset: Vec<String>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["set", "set_json", "unset"])]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DigestArgs {
    /// The recordings, paths or URLs, or folders of them; - for standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}
