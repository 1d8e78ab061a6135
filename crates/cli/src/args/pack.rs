//! The arguments of `pack` and `unpack`.

use std::path::PathBuf;

use clap::Args;
use evz::{Conversion, Format, OnUnsorted};

use super::convert::conversion;
use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::values::{profile_parser, unsorted_parser, written_format_parser};
use super::writing::WritingArgs;

#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// The folders of recordings, recordings or patterns, then the .evz file to write
    #[arg(required = true, num_args = 2.., value_names = ["FOLDER", "OUTPUT"])]
    pub(crate) files: Vec<PathBuf>,
    /// Take labels from a table of commas with the columns file and label, rather than from folders
    #[arg(long, value_name = "FILE")]
    pub(crate) labels: Option<PathBuf>,
    /// Leave out the recordings whose names match a pattern, '*_calib.txt', or whose paths do, if it has a /:
    /// 'day1/**'; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// What to do with times of a recording that run backwards: keep the order and report it, put its
    /// events in order of time, or leave it out
    #[arg(long, value_name = "DO", value_parser = unsorted_parser(), default_value = "keep")]
    pub(crate) on_unsorted: OnUnsorted,
    /// How events are encoded: small for storing, fast for working, small-gpu for decoding on a GPU
    /// [default: small]
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    pub(crate) profile: Option<String>,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

impl PackArgs {
    /// How each recording is read and the pack is written.
    pub(crate) fn conversion(&self) -> Conversion {
        let mut conversion = conversion(&self.reading, &self.selection, self.on_unsorted);
        conversion.writing.profile = self.profile.clone();
        conversion
    }
}

#[derive(Debug, Args)]
pub(crate) struct UnpackArgs {
    /// The pack, a path or a URL
    pub(crate) pack: PathBuf,
    /// The folder to write into
    pub(crate) folder: PathBuf,
    /// Only this sample, by name or number; may be told several times
    #[arg(long, value_name = "SAMPLE")]
    pub(crate) sample: Vec<String>,
    /// Write this format [default: evz]
    #[arg(long, value_name = "FORMAT", value_parser = written_format_parser())]
    pub(crate) output_format: Option<&'static Format>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
}
