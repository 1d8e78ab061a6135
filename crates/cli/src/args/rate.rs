//! The arguments of `rate`.

use std::path::PathBuf;

use clap::Args;

use super::origin::OriginArgs;
use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::values;

#[derive(Debug, Args)]
pub(crate) struct RateArgs {
    /// The recording, a path or a URL; - for standard input
    pub(crate) file: PathBuf,
    /// Count the events of so much time each: 1ms [default: a round time of which there are about 100]
    #[arg(long, value_name = "D", value_parser = values::duration, allow_negative_numbers = true)]
    pub(crate) every: Option<i128>,
    /// Print lines of comma-separated numbers
    #[arg(long, conflicts_with_all = ["json", "output"])]
    pub(crate) csv: bool,
    /// Print JSON
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
    /// Write a file: .csv, .json, .npy, or a plot, .png or .svg
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
}
