//! How frames are made ready for a network.

use clap::Args;
use evz::render::{ArrayType, ChannelOrder, Normalization, PreparationChoices};

/// How the values of arrays are prepared.
#[derive(Debug, Args)]
#[command(next_help_heading = "Arrays")]
pub(crate) struct PrepareArgs {
    /// Order of the channels of each polarity: off-on, on-off, or by-bin for OFF and ON of the first bin, then of
    /// the next one [default: off-on]
    #[arg(long, value_name = "ORDER")]
    pub(crate) channels: Option<ChannelOrder>,
    /// Hold values to -N..N
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) clip: Option<f32>,
    /// Normalise the values of each frame: nonzero (those that are not 0 to mean 0 and deviation 1, as E2VID), sample
    /// (the same by the deviation of a sample, as DSEC), max, a percentile such as p99, or a number to divide by
    #[arg(long, value_name = "HOW", allow_negative_numbers = true)]
    pub(crate) normalize: Option<Normalization>,
    /// Type of the values: u8, i16, u16, f16 or f32 [default: that of the mode]
    #[arg(long, value_name = "TYPE")]
    pub(crate) dtype: Option<ArrayType>,
}

impl PrepareArgs {
    /// The same as choices of the library.
    pub(crate) fn choices(&self) -> PreparationChoices {
        let mut choices = PreparationChoices::default();
        choices.channels = self.channels;
        choices.clip = self.clip;
        choices.normalize = self.normalize;
        choices.array_type = self.dtype;
        choices
    }

    /// What is told, for outputs that have no use for it.
    pub(crate) fn given(&self) -> [(&'static str, bool); 4] {
        [
            ("--channels", self.channels.is_some()),
            ("--clip", self.clip.is_some()),
            ("--normalize", self.normalize.is_some()),
            ("--dtype", self.dtype.is_some()),
        ]
    }
}
