//! The recording that a verb reads: a file of any format, or standard input.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::file::forever::FILE_MAGIC;
use evz::{
    Error, EventSource, Filtered, Format, ReadOptions, Reader, Report, Selection, StreamInfo, text,
};
use tempfile::TempPath;

use crate::cli::{ReadingArgs, SelectionArgs};
use crate::facts::{self, Facts};
use crate::select::{Peeked, resolve};
use crate::talk::say;

/// The temporary file that standard input was copied to; it is removed when this is dropped.
pub(crate) type Spool = Option<TempPath>;

/// An open recording.
pub(crate) struct Input {
    pub(crate) kind: Kind,
    /// What it is called when it is talked of.
    pub(crate) name: String,
    /// The file, where there is one: for standard input its copy, if it was copied.
    path: Option<PathBuf>,
    size: Option<evz::SensorSize>,
    spool: Spool,
}

/// The two ways to read: by an index, or from front to back.
pub(crate) enum Kind {
    Evz(Reader),
    Other(Box<dyn EventSource>),
}

impl Input {
    /// Opens a recording, and says how it is read.
    pub(crate) fn open(path: &Path, args: &ReadingArgs) -> Result<Self> {
        let options = args.options();
        let mut input = if is_pipe(path) {
            Self::standard_input(&options)?
        } else {
            let format = match options.format {
                Some(format) => format,
                None => evz::detect_format(path)?,
            };
            let kind = match format {
                Format::Evz => Kind::Evz(ReadOptions::new().open(path)?),
                _ => Kind::Other(evz::open_source(path, &options)?),
            };
            Self {
                kind,
                name: path.display().to_string(),
                path: Some(path.to_owned()),
                size: None,
                spool: None,
            }
        };
        input.size = args.size;
        if let Kind::Other(source) = &input.kind {
            source.report().inferred.iter().for_each(say);
        }
        Ok(input)
    }

    fn standard_input(options: &evz::OpenOptions) -> Result<Self> {
        let name = "standard input";
        let mut head = Vec::new();
        io::stdin()
            .take(FILE_MAGIC.len() as u64)
            .read_to_end(&mut head)
            .map_err(|e| Error::io(name, "cannot read", e))?;
        let format = options.format.unwrap_or(Format::of_content(&head));
        let all = io::Cursor::new(head).chain(io::stdin());
        let (kind, spool) = match format {
            Format::Evz => {
                let spool = spool(all)?;
                let reader = ReadOptions::new().open(&spool)?;
                (Kind::Evz(reader), Some(spool))
            }
            _ => {
                let source = text::from_reader(all, name, &options.text)?;
                (Kind::Other(Box::new(source)), None)
            }
        };
        let path = spool.as_ref().map(|spool| spool.to_path_buf());
        Ok(Self {
            kind,
            name: name.to_owned(),
            path,
            size: None,
            spool,
        })
    }

    /// What is known before the events; a size that was given counts for more than one that was
    /// found.
    pub(crate) fn info(&self) -> StreamInfo {
        let mut info = match &self.kind {
            Kind::Evz(reader) => reader.info().clone(),
            Kind::Other(source) => source.info().clone(),
        };
        info.size = self.size.or(info.size);
        info
    }

    /// What a recording is and holds.
    pub(crate) fn facts(self) -> Result<(Facts, Report)> {
        let info = self.info();
        match self.kind {
            Kind::Evz(reader) => {
                let facts = facts::of_reader(&reader, &self.name, info)?;
                Ok((facts, Report::default()))
            }
            Kind::Other(mut source) => {
                let file = self.path.and_then(|path| std::fs::metadata(path).ok());
                let bytes = file.filter(|m| m.is_file()).map(|m| m.len());
                let facts = facts::of_source(&mut *source, &self.name, info.size, bytes)?;
                Ok((facts, source.report()))
            }
        }
    }

    /// What the index tells that a source tells at its end.
    pub(crate) fn notes(&self) -> Vec<String> {
        let Kind::Evz(reader) = &self.kind else {
            return Vec::new();
        };
        let head = &reader.root().head;
        let unsorted = (!reader.sorted()).then(|| "times run backwards".to_owned());
        let beyond = self
            .info()
            .size
            .filter(|s| head.n_events > 0 && !s.contains(head.x_max, head.y_max))
            .map(|s| {
                let (x, y) = (head.x_max, head.y_max);
                format!("events lie beyond the sensor of {s}: x reaches {x}, y reaches {y}")
            });
        unsorted.into_iter().chain(beyond).collect()
    }

    /// The selected events; by the index where there is one.
    pub(crate) fn into_source(
        self,
        args: &SelectionArgs,
    ) -> Result<(Box<dyn EventSource>, Selection, Spool)> {
        let time_base = self.info().time_base;
        match self.kind {
            Kind::Evz(reader) => {
                let head = &reader.root().head;
                let first = (head.n_events > 0).then_some(head.t_first);
                let selection = resolve(args, time_base, first)?;
                Ok((Box::new(reader.batches(&selection)), selection, self.spool))
            }
            Kind::Other(source) => {
                let source = Peeked::new(source)?;
                let selection = resolve(args, time_base, source.first_time())?;
                if selection == Selection::default() {
                    return Ok((Box::new(source), selection, self.spool));
                }
                let filtered = Filtered::new(source, selection.clone());
                Ok((Box::new(filtered), selection, self.spool))
            }
        }
    }
}

/// A file with a name, for what can only read one: standard input is copied to a temporary file.
pub(crate) fn named_file(path: &Path) -> Result<(PathBuf, Spool)> {
    if !is_pipe(path) {
        return Ok((path.to_owned(), None));
    }
    let spool = spool(io::stdin())?;
    Ok((spool.to_path_buf(), Some(spool)))
}

/// Whether a path stands for standard input or output.
pub(crate) fn is_pipe(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Copies what has no end that could be sought into a temporary file.
fn spool(mut reader: impl Read) -> Result<TempPath> {
    let failed = |e| Error::io("standard input", "cannot copy it to a temporary file", e);
    let file = tempfile::NamedTempFile::new().map_err(failed)?;
    let mut out: &File = file.as_file();
    io::copy(&mut reader, &mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    Ok(file.into_temp_path())
}
