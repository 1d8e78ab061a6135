//! The arguments of `bench`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use evz::render::{Preset, Representation};

use super::modes;
use super::reading::ReadingArgs;
use super::render::Device;
use super::values::{self, profile_parser};

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// What to measure
    #[arg(value_enum, required_unless_present = "matrix")]
    pub(crate) operation: Option<Operation>,
    /// The recording; decode, query and render want .evz, parse any other format
    #[arg(required_unless_present = "matrix")]
    pub(crate) file: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure synthetic recordings of four sensor sizes and 1M to 1B events, as a table
    #[arg(long, conflicts_with_all = [
        "operation", "file", "json", "window_us", "starts_us", "count", "window", "mode",
    ])]
    pub(crate) matrix: bool,
    /// Events of the longest recordings of --matrix [default: 1B]
    #[arg(long, value_name = "N", value_parser = values::count, requires = "matrix")]
    pub(crate) up_to: Option<u64>,
    /// Write the table of --matrix as CSV, too
    #[arg(long, value_name = "FILE", requires = "matrix")]
    pub(crate) csv: Option<PathBuf>,
    /// Length of the windows of query, in microseconds [default: 10000]
    #[arg(long, value_name = "W")]
    pub(crate) window_us: Option<u64>,
    /// Starts of the windows of query, in microseconds on the recording's own clock [default: 100
    /// spread over it]
    #[arg(
        long,
        value_name = "A,B,...",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    pub(crate) starts_us: Vec<i64>,
    /// Events in a frame of render
    #[arg(long, value_name = "N", value_parser = values::count, conflicts_with = "window")]
    pub(crate) count: Option<u64>,
    /// Time in a frame of render
    #[arg(long, value_name = "D", value_parser = values::duration)]
    pub(crate) window: Option<i128>,
    /// What a frame of render shows [default: signed]
    #[arg(long, value_parser = modes::mode_parser())]
    pub(crate) mode: Option<Representation>,
    /// Frames of render as the code of others makes them, prepared too
    #[arg(long, value_name = "NAME", value_parser = modes::preset_parser(), conflicts_with = "mode")]
    pub(crate) like: Option<Preset>,
    /// What makes the frames of render: cpu, cuda or auto [default: cpu]
    #[arg(long, value_enum)]
    pub(crate) device: Option<Device>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    /// How encode and --matrix encode [default: small]
    #[arg(long, value_name = "NAME", value_parser = profile_parser())]
    pub(crate) profile: Option<String>,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Operation {
    /// A recording of another format to columns, thrown away
    Parse,
    /// Columns in memory to .evz, thrown away
    Encode,
    /// A whole .evz file to four columns
    Decode,
    /// Windows of an .evz file to four columns
    Query,
    /// A whole .evz file to frames, thrown away
    Render,
    /// A whole .evz file on a GPU: decoding, signed frames of --count events, and its ceilings
    Gpu,
}
