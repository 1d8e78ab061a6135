//! The recording that a verb writes, before it is begun.

use std::io::{self, BufWriter, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::picture::PictureFormat;
use evz::{CreateOptions, Error, EventSink, Format, Output, Question, StreamInfo};

use crate::args::WritingArgs;
use crate::input::is_pipe;
use crate::standard_output::stdout;

/// Bytes gathered before they are handed to standard output.
const BUFFER: usize = 256 << 10;

/// An output: where it goes, and in which format.
pub(crate) struct Target {
    pub(crate) path: PathBuf,
    pub(crate) format: &'static Format,
    replace: bool,
}

impl Target {
    /// The output `path`, in the format asked for or else the one of its extension. Standard output
    /// and devices get what `convert` is for.
    pub(crate) fn new(
        path: &Path,
        format: Option<&'static Format>,
        args: &WritingArgs,
    ) -> Result<Self> {
        let format = match format {
            Some(format) => format,
            None if is_pipe(path) || evz::is_device(path) => evz::format("evz")?,
            None if PictureFormat::of_name(path).is_some() => {
                let what = format!("{}: pictures are no recording", path.display());
                return Err(Error::invalid(what)
                    .advise("`evz render` makes them")
                    .into());
            }
            None => evz::output_format(path)?,
        };
        if format.name != "text" && is_pipe(path) && io::stdout().is_terminal() {
            let what =
                format!("standard output is a terminal; send {format} into a file or a pipe");
            return Err(Error::invalid(what)
                .settled_by(Question::OutputFormat, ["text"])
                .into());
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            replace: args.force,
        })
    }

    /// Text on standard output.
    pub(crate) fn text_on_stdout() -> Result<Self> {
        Ok(Self {
            path: "-".into(),
            format: evz::format("text")?,
            replace: false,
        })
    }

    /// What it is called when it is talked of.
    pub(crate) fn name(&self) -> String {
        match is_pipe(&self.path) {
            true => "standard output".to_owned(),
            false => self.path.display().to_string(),
        }
    }

    /// Begins the output in bytes, for who writes them.
    pub(crate) fn output(&self) -> evz::Result<Output> {
        output(&self.path, self.replace)
    }

    /// Begins the recording.
    pub(crate) fn create(
        &self,
        info: &StreamInfo,
        options: &CreateOptions,
    ) -> Result<Box<dyn EventSink>> {
        Ok(evz::create_in(self.output()?, self.format, info, options)?)
    }

    /// Bytes of the output, where it is a file.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let written = std::fs::metadata(&self.path).ok().filter(|m| m.is_file());
        written.map(|m| m.len())
    }
}

/// An output with this path, or standard output for `-`.
pub(crate) fn output(path: &Path, replace: bool) -> evz::Result<Output> {
    match is_pipe(path) {
        true => {
            let out = BufWriter::with_capacity(BUFFER, stdout());
            evz::output_to(out, path, "standard output")
        }
        false => evz::create_output(path, replace),
    }
}
