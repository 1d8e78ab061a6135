//! The arguments of `convert`.

use std::path::PathBuf;

use clap::Args;
use evz::{Conversion, Error, Format, OnUnsorted};

use super::origin::OriginArgs;
use super::reading::ReadingArgs;
use super::selection::SelectionArgs;
use super::text_output::TextOutputArgs;
use super::values::{unsorted_parser, written_format_parser};
use super::writing::WritingArgs;

#[derive(Debug, Args)]
pub(crate) struct ConvertArgs {
    /// The recording to read, a path or a URL, - for standard input, then the file to write, - for standard output
    /// [default: the input's name with .evz]. Of several recordings, which are followed by the file
    /// to write, each becomes an event stream of it. Of folders, or into one, each recording becomes
    /// a file of its own; a pattern in quotes, 'data/**/*.raw', stands for all that it matches
    #[arg(required_unless_present = "files_from", num_args = 1.., value_names = ["INPUT", "OUTPUT"])]
    pub(crate) files: Vec<PathBuf>,
    /// The file or folder to write, rather than the last name
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write this format, rather than the one of the output's extension
    #[arg(long, value_name = "FORMAT", value_parser = written_format_parser())]
    pub(crate) output_format: Option<&'static Format>,
    /// What to do with times that run backwards: keep the order and report it, put all events in
    /// order of time, or stop at the first
    #[arg(long, value_name = "DO", value_parser = unsorted_parser(), default_value = "keep")]
    pub(crate) on_unsorted: OnUnsorted,
    /// Leave side streams out, and count them: triggers, IMU samples, frames
    #[arg(long, help_heading = "Selection")]
    pub(crate) events_only: bool,
    #[command(flatten)]
    pub(crate) folder: FolderArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) selection: SelectionArgs,
    #[command(flatten)]
    pub(crate) origin: OriginArgs,
    #[command(flatten)]
    pub(crate) writing: WritingArgs,
    #[command(flatten)]
    pub(crate) text: TextOutputArgs,
}

impl ConvertArgs {
    /// The same with the output where it usually is, behind the recording.
    ///
    /// # Errors
    /// If it stands there already: one of two outputs would be read as a recording.
    pub(crate) fn with_output_last(mut self) -> evz::Result<Self> {
        let Some(output) = self.output.take() else {
            return Ok(self);
        };
        if let [_, .., other] = self.files.as_slice() {
            let what = format!(
                "-o {} names the output, and so does {}; leave one of them out: of several names without -o \
                 the last is the output",
                output.display(),
                other.display()
            );
            return Err(Error::invalid(what));
        }
        self.files.push(output);
        Ok(self)
    }

    /// The conversion that is told.
    pub(crate) fn conversion(&self) -> Conversion {
        let mut conversion = conversion(&self.reading, &self.selection, self.on_unsorted);
        conversion.events_alone = self.events_only;
        conversion.wanted = self.origin.of(conversion.wanted);
        conversion.writing = self.text.options(None, self.writing.options());
        conversion
    }
}

/// A conversion of recordings that are read and selected so.
pub(super) fn conversion(
    reading: &ReadingArgs,
    selection: &SelectionArgs,
    on_unsorted: OnUnsorted,
) -> Conversion {
    let mut conversion = Conversion::new();
    conversion.reading = reading.options();
    conversion.input_format = reading.input_format;
    conversion.wanted = selection.wanted();
    conversion.on_unsorted = on_unsorted;
    conversion
}

/// Recordings of folders.
#[derive(Debug, Args)]
#[command(next_help_heading = "Folders")]
pub(crate) struct FolderArgs {
    /// Read the names of recordings and folders from a file, a line each; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Leave out the recordings of folders whose names match a pattern, '*_calib.txt', or whose paths do, if it
    /// has a /: 'day1/**'; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Say what would be converted, and what would be asked, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Write what became of each recording as a table, .csv or .json
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}
