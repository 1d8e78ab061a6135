//! The recording that a verb reads: a file of any format, a pipe, or standard input.

use std::io;
use std::path::Path;

use anyhow::Result;
use evz::{EventSource, Filtered, Format, Reader, Recording, Report, Selection, StreamInfo};

use crate::cli::{ReadingArgs, SelectionArgs};
use crate::facts::{self, Facts};
use crate::select::{Peeked, resolve};
use crate::talk::say;
use crate::watch::{Watched, notes};

/// An open recording.
pub(crate) struct Input {
    recording: Recording,
    /// What it is called when it is talked of.
    pub(crate) name: String,
    /// Bytes of the file, where it is one.
    bytes: Option<u64>,
    size: Option<evz::SensorSize>,
}

impl Input {
    /// Opens a recording, and says how it is read.
    pub(crate) fn open(path: &Path, args: &ReadingArgs) -> Result<Self> {
        let options = args.options();
        let (name, recording, bytes) = if is_pipe(path) {
            let name = "standard input".to_owned();
            let recording = evz::open_stream(io::stdin(), &name, &options)?;
            (name, recording, None)
        } else {
            let recording = evz::open(path, &options)?;
            let file = std::fs::metadata(path).ok().filter(|m| m.is_file());
            (path.display().to_string(), recording, file.map(|m| m.len()))
        };
        if let Recording::Stream(_, source) = &recording {
            source.report().inferred.iter().for_each(say);
        }
        Ok(Self {
            recording,
            name,
            bytes,
            size: args.size,
        })
    }

    pub(crate) fn format(&self) -> Format {
        self.recording.format()
    }

    /// All of it, to be read in one of the two ways.
    pub(crate) fn into_recording(self) -> Recording {
        self.recording
    }

    /// The reader, if the recording has an index.
    pub(crate) fn reader(&self) -> Option<&Reader> {
        match &self.recording {
            Recording::Indexed(reader) => Some(reader),
            Recording::Stream(..) => None,
        }
    }

    /// What is known before the events; a size that was given counts for more than one that was
    /// found.
    pub(crate) fn info(&self) -> StreamInfo {
        let mut info = self.recording.info().clone();
        info.size = self.size.or(info.size);
        info
    }

    /// What a recording is and holds.
    pub(crate) fn facts(self) -> Result<(Facts, Report)> {
        let info = self.info();
        match self.recording {
            Recording::Indexed(reader) => {
                let head = &reader.root().head;
                let noticed = notes(!reader.sorted(), (head.x_max, head.y_max), info.size);
                let mut report = Report::default();
                report.notes.extend(noticed.filter(|_| head.n_events > 0));
                Ok((facts::of_reader(&reader, &self.name, info)?, report))
            }
            Recording::Stream(format, mut source) => {
                let name = &self.name;
                let facts = facts::of_source(&mut *source, format, name, info.size, self.bytes)?;
                Ok((facts, source.report()))
            }
        }
    }

    /// The selected events; by the index where there is one.
    pub(crate) fn into_source(
        self,
        args: &SelectionArgs,
    ) -> Result<(Box<dyn EventSource>, Selection)> {
        let info = self.info();
        match self.recording {
            Recording::Indexed(reader) => {
                let head = &reader.root().head;
                let first = (head.n_events > 0).then_some(head.t_first);
                let selection = resolve(args, info.time_base, first)?;
                let source = Watched::new(reader.batches(&selection), info.size);
                Ok((Box::new(source), selection))
            }
            Recording::Stream(_, source) => {
                let source = Peeked::new(source)?;
                let selection = resolve(args, info.time_base, source.first_time())?;
                if selection == Selection::default() {
                    return Ok((Box::new(source), selection));
                }
                let filtered = Filtered::new(source, selection.clone());
                Ok((Box::new(filtered), selection))
            }
        }
    }
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_pipe(path: &Path) -> bool {
    path.as_os_str() == "-"
}
