//! A recording being written: .evz or text, into a file or a stream.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::codec::Codec;
use evz::file::OutputFile;
use evz::text::{TextFormat, TextSink};
use evz::{
    Error, EventSink, EventSlice, Format, Metadata, Reader, Selection, StreamInfo, WriteOptions,
    Writer,
};

use crate::cli::WritingArgs;
use crate::input::is_pipe;
use crate::target::{Packed, Shared, Target, is_device};

/// An output before it is begun.
pub(crate) struct Output {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    replace: bool,
    codec: Option<&'static dyn Codec>,
}

impl Output {
    /// The output `path`, in the format asked for or else the one of its extension.
    pub(crate) fn new(path: &Path, format: Option<Format>, args: &WritingArgs) -> Result<Self> {
        let format = match format {
            Some(format) => format,
            None => format_of(path)?,
        };
        if path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("zip"))
        {
            let what = format!(
                "{}: .zip is read and not written; end it in .gz or .zst",
                path.display()
            );
            return Err(Error::invalid(what).into());
        }
        if format == Format::Evz && is_pipe(path) && std::io::stdout().is_terminal() {
            let what = "standard output is a terminal; send .evz into a file or a pipe, or pass \
                        --output-format text";
            return Err(Error::invalid(what).into());
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            replace: args.force,
            codec: args.profile,
        })
    }

    /// Text on standard output.
    pub(crate) fn text_on_stdout() -> Self {
        Self {
            path: "-".into(),
            format: Format::Text,
            replace: false,
            codec: None,
        }
    }

    /// What it is called when it is talked of.
    pub(crate) fn name(&self) -> String {
        if is_pipe(&self.path) {
            "standard output".to_owned()
        } else {
            self.path.display().to_string()
        }
    }

    /// Begins the output; a text has the shape that `shape` gives.
    pub(crate) fn create(
        &self,
        info: &StreamInfo,
        shape: impl FnOnce() -> Result<TextFormat>,
    ) -> Result<Sink> {
        match self.format {
            Format::Evz => self.create_evz(info),
            Format::Text => self.create_text(&shape()?, info),
            other => {
                let what = format!("{}: {other} is read and not written", self.name());
                Err(Error::invalid(what).into())
            }
        }
    }

    fn create_evz(&self, info: &StreamInfo) -> Result<Sink> {
        let mut options = WriteOptions::new().with_replace(self.replace);
        if let Some(codec) = self.codec {
            options = options.with_codec(codec);
        }
        if is_pipe(&self.path) || is_device(&self.path) {
            let target = Target::create(&self.path, self.replace)?;
            let writer = options.with_name(self.name()).write_to(target, info)?;
            return Ok(Sink::Stream(writer));
        }
        Ok(Sink::File(options.create(&self.path, info)?))
    }

    fn create_text(&self, format: &TextFormat, info: &StreamInfo) -> Result<Sink> {
        let target = Target::create(&self.path, self.replace)?;
        let packed = Packed::new(target, &self.path).map_err(|e| self.failed(e))?;
        let shared = Shared::new(packed);
        let sink = TextSink::create(Box::new(shared.clone()), &self.name(), format, info)?;
        Ok(Sink::Text(Box::new(sink), shared))
    }

    /// Ends the output and gives it its name; returns its bytes where it is a file.
    pub(crate) fn finish(&self, sink: Sink, closing: &Metadata) -> Result<Option<u64>> {
        match sink {
            Sink::File(writer) => return Ok(Some(writer.finish(closing)?.bytes)),
            Sink::Stream(writer) => {
                let (_, summary) = writer.finish_into(closing)?;
                return Ok(Some(summary.bytes));
            }
            Sink::Text(sink, shared) => {
                sink.finish(closing)?;
                if let Some(mut target) = shared.finish().map_err(|e| self.failed(e))? {
                    std::io::Write::flush(&mut target).map_err(|e| self.failed(e))?;
                    target.commit()?;
                }
            }
        }
        let written = std::fs::metadata(&self.path).ok().filter(|m| m.is_file());
        Ok(written.map(|m| m.len()))
    }

    fn failed(&self, error: std::io::Error) -> Error {
        Error::io(self.name(), "cannot write", error)
    }
}

/// A recording being written.
pub(crate) enum Sink {
    File(Writer<OutputFile>),
    Stream(Writer<Target>),
    Text(Box<TextSink>, Shared),
}

impl Sink {
    pub(crate) fn write_batch(&mut self, events: EventSlice<'_>) -> evz::Result<()> {
        match self {
            Self::File(writer) => writer.write_batch(events),
            Self::Stream(writer) => writer.write_batch(events),
            Self::Text(sink, _) => sink.write_batch(events),
        }
    }

    /// Copies the side streams of a file: the batches of rows that reach into the selection's time,
    /// each whole, for here nobody can cut a table. False if this output holds none.
    pub(crate) fn copy_side_streams(
        &mut self,
        reader: &Reader,
        selection: &Selection,
    ) -> evz::Result<bool> {
        match self {
            Self::File(writer) => copy_side_streams(writer, reader, selection).map(|()| true),
            Self::Stream(writer) => copy_side_streams(writer, reader, selection).map(|()| true),
            Self::Text(..) => Ok(false),
        }
    }
}

fn copy_side_streams<W: std::io::Write>(
    writer: &mut Writer<W>,
    reader: &Reader,
    selection: &Selection,
) -> evz::Result<()> {
    for (stream, _) in reader.side_streams()? {
        let id = writer.add_side_stream(&stream.name)?;
        for batch in reader.side_batches(stream.id, selection.time.clone()) {
            let batch = batch?;
            let times = (batch.head.t_min, batch.head.t_max);
            writer.write_side_batch(id, &batch.arrow_ipc, batch.head.rows, times)?;
        }
    }
    Ok(())
}

/// The format of a name. Standard output and devices get what `convert` is for.
fn format_of(path: &Path) -> Result<Format> {
    if is_pipe(path) || is_device(path) {
        return Ok(Format::Evz);
    }
    Format::of_name(path).ok_or_else(|| {
        let endings = |packed| {
            let formats = Format::ALL
                .into_iter()
                .filter(|f| f.may_be_packed() == packed);
            let dotted = formats
                .flat_map(|f| f.extensions())
                .map(|e| format!(".{e}"));
            dotted.collect::<Vec<_>>().join(", ")
        };
        let what = format!(
            "{}: its name says no format: end it in {}, or in {} (these also in .gz or .zst), or \
             pass --output-format",
            path.display(),
            endings(false),
            endings(true)
        );
        Error::invalid(what).into()
    })
}
