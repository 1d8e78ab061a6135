//! The arguments of `play`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use evz::Time;

use super::reading::ReadingArgs;
use super::render::{ModeArgs, StyleArgs};
use super::selection::SelectionArgs;
use super::values::{self, Ratio};

#[derive(Debug, Args)]
pub(crate) struct PlayArgs {
    /// The recording, a path or a URL; - for standard input
    pub(crate) file: PathBuf,
    /// Speed in real time: 0.1 shows a second in ten
    #[arg(long, value_name = "S", value_parser = values::ratio, allow_negative_numbers = true, default_value = "1")]
    pub(crate) speed: Ratio,
    /// What is seen at once: the events of so much time until now
    #[arg(long, value_name = "D", value_parser = values::duration, allow_negative_numbers = true, default_value = "33ms")]
    pub(crate) window: i128,
    /// Begin at this time [default: the start]
    #[arg(long, value_name = "T", value_parser = values::time, allow_hyphen_values = true)]
    pub(crate) at: Option<Time>,
    /// What shows it [default: the best that the terminal has; ffplay where there is no terminal]
    #[arg(long = "as", value_name = "WHAT", value_enum)]
    pub(crate) shown_as: Option<ShownAs>,
    #[command(flatten)]
    pub(crate) mode: ModeArgs,
    #[command(flatten)]
    pub(crate) style: StyleArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
}

/// What shows a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShownAs {
    // Letters of two pixels each, in any terminal with colours
    HalfBlocks,
    // Pictures, by the protocol of Kitty
    Kitty,
    // Pictures, as Sixel
    Sixel,
    // A window of ffplay
    Ffplay,
}
