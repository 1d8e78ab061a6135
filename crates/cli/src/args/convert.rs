//! The arguments of `convert`.

use std::path::PathBuf;

use clap::Args;
use evz::{Format, OnUnsorted};

use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::text_output::TextOutputArgs;
use super::values::{unsorted_parser, written_format_parser};
use super::writing::WritingArgs;

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The recording to read, - for standard input, then the file to write, - for standard output
    /// [default: the input's name with .evz]. Of several recordings, which are followed by the file
    /// to write, each becomes an event stream of it
    #[arg(required = true, num_args = 1.., value_names = ["INPUT", "OUTPUT"])]
    pub(crate) files: Vec<PathBuf>,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = written_format_parser())]
    pub(crate) output_format: Option<&'static Format>,
    /// What to do with times that run backwards: keep the order and report it, put all events in
    /// order of time, or stop at the first
    #[arg(long, value_name = "DO", value_parser = unsorted_parser(), default_value = "keep")]
    pub(crate) on_unsorted: OnUnsorted,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}
