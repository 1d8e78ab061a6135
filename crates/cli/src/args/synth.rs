//! The arguments of `synth`.

use std::path::PathBuf;

use clap::Args;
use evz::{Format, SensorSize};
use evz_synth::{DEFAULT_EVENTS, DEFAULT_RATE, DEFAULT_SEED, DEFAULT_SIZE};

use super::values::{self, written_format_parser};
use super::writing::WritingArgs;

#[derive(Debug, Args)]
pub(crate) struct SynthArgs {
    /// The file to write, .evz or text by its extension; - for standard output
    pub(crate) output: PathBuf,
    /// Sensor size
    #[arg(long, value_name = "WxH", value_parser = values::size, default_value_t = DEFAULT_SIZE)]
    pub(crate) size: SensorSize,
    /// Number of events: 5000, 10M, 1B
    #[arg(long, value_name = "N", value_parser = values::count, default_value_t = DEFAULT_EVENTS)]
    pub(crate) events: u64,
    /// Which one of all such recordings
    #[arg(long, value_name = "S", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Events a second, on average: 500k, 5M
    #[arg(long, value_name = "R", value_parser = values::count, default_value_t = DEFAULT_RATE as u64)]
    pub(crate) rate: u64,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = written_format_parser())]
    pub(crate) output_format: Option<&'static Format>,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
}
