//! A recording being written: in any format, into a file or a stream.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use evz::aedat::Aedat4Sink;
use evz::arrow::{IpcLayout, IpcSink, ParquetSink};
use evz::codec::Codec;
use evz::file::OutputFile;
use evz::numpy::{NpySink, NpzSink};
use evz::prophesee::{Encoding, PropheseeSink};
use evz::text::{TextFormat, TextSink};
use evz::{
    Error, EventSink, EventSlice, Format, Loss, Metadata, Reader, Selection, SideRows, StreamInfo,
    WriteOptions, Writer,
};

use crate::cli::WritingArgs;
use crate::input::is_pipe;
use crate::side_streams::SideStreams;
use crate::target::{Packed, Shared, Target, is_device};

/// What `.raw` is written in: the smallest, and what Prophesee's newer sensors speak.
const DEFAULT_RAW_ENCODING: Encoding = Encoding::Evt3;

/// An output before it is begun.
pub(crate) struct Output {
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    replace: bool,
    codec: Option<&'static dyn Codec>,
    encoding: Option<Encoding>,
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
        if format != Format::Text && is_pipe(path) && std::io::stdout().is_terminal() {
            let what = format!(
                "standard output is a terminal; send {format} into a file or a pipe, or pass \
                 --output-format text"
            );
            return Err(Error::invalid(what).into());
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            replace: args.force,
            codec: args.profile,
            encoding: args.raw_encoding,
        })
    }

    /// Text on standard output.
    pub(crate) fn text_on_stdout() -> Self {
        Self {
            path: "-".into(),
            format: Format::Text,
            replace: false,
            codec: None,
            encoding: None,
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
        let out = match self.format {
            Format::Evz => self.create_evz(info)?,
            Format::Text => {
                let format = shape()?;
                self.create_foreign(|out, name| {
                    Ok(Box::new(TextSink::create(out, name, &format, info)?))
                })?
            }
            Format::Raw => {
                let encoding = self.encoding.unwrap_or(DEFAULT_RAW_ENCODING);
                self.create_foreign(|out, name| {
                    Ok(Box::new(PropheseeSink::create(out, name, encoding, info)?))
                })?
            }
            Format::Dat => self.create_foreign(|out, name| {
                Ok(Box::new(PropheseeSink::create(
                    out,
                    name,
                    Encoding::Dat2,
                    info,
                )?))
            })?,
            Format::Aedat => {
                self.create_foreign(|out, name| Ok(Box::new(Aedat4Sink::create(out, name, info)?)))?
            }
            Format::Npy => {
                self.create_foreign(|out, name| Ok(Box::new(NpySink::create(out, name, info)?)))?
            }
            Format::Npz => {
                self.create_foreign(|out, name| Ok(Box::new(NpzSink::create(out, name, info)?)))?
            }
            Format::Parquet => self
                .create_foreign(|out, name| Ok(Box::new(ParquetSink::create(out, name, info)?)))?,
            Format::Arrow => {
                let layout = self.ipc_layout();
                self.create_foreign(|out, name| {
                    Ok(Box::new(IpcSink::create(out, name, layout, info)?))
                })?
            }
            other => {
                let what = format!("{}: {other} is read and not written", self.name());
                return Err(Error::invalid(what).into());
            }
        };
        let side = SideStreams::new(info.time_base);
        Ok(Sink { out, side })
    }

    /// Who reads from a pipe, or says `.arrows`, wants the stream; files are sought in.
    pub(crate) fn ipc_layout(&self) -> IpcLayout {
        let extension = self.path.extension().and_then(|e| e.to_str());
        if is_pipe(&self.path) || extension.is_some_and(|e| e.eq_ignore_ascii_case("arrows")) {
            IpcLayout::Stream
        } else {
            IpcLayout::File
        }
    }

    fn create_evz(&self, info: &StreamInfo) -> Result<Out> {
        let mut options = WriteOptions::new().with_replace(self.replace);
        if let Some(codec) = self.codec {
            options = options.with_codec(codec);
        }
        if is_pipe(&self.path) || is_device(&self.path) {
            let target = Target::create(&self.path, self.replace)?;
            let writer = options.with_name(self.name()).write_to(target, info)?;
            return Ok(Out::Stream(writer));
        }
        Ok(Out::File(options.create(&self.path, info)?))
    }

    fn create_foreign(
        &self,
        create: impl FnOnce(Box<dyn Write + Send>, &str) -> evz::Result<Box<dyn EventSink>>,
    ) -> Result<Out> {
        let shared = self.shared()?;
        let sink = create(Box::new(shared.clone()), &self.name())?;
        Ok(Out::Foreign(sink, shared))
    }

    /// Where the bytes of the output go, shared with who writes them.
    pub(crate) fn shared(&self) -> Result<Shared> {
        let target = Target::create(&self.path, self.replace)?;
        let packed = Packed::new(target, &self.path).map_err(|e| self.failed(e))?;
        Ok(Shared::new(packed))
    }

    /// Ends the output and gives it its name; returns its bytes where it is a file, and what it
    /// does not hold.
    pub(crate) fn finish(
        &self,
        sink: Sink,
        closing: &Metadata,
    ) -> Result<(Option<u64>, Option<Loss>)> {
        let Sink { out, mut side } = sink;
        match out {
            Out::File(mut writer) => {
                side.finish(&mut writer)?;
                return Ok((Some(writer.finish(closing)?.bytes), None));
            }
            Out::Stream(mut writer) => {
                side.finish(&mut writer)?;
                let (_, summary) = writer.finish_into(closing)?;
                return Ok((Some(summary.bytes), None));
            }
            Out::Foreign(sink, shared) => {
                sink.finish(closing)?;
                self.commit(shared)?;
            }
        }
        Ok((self.bytes(), side.loss()))
    }

    /// Gives the file whose bytes were written its name.
    pub(crate) fn commit(&self, shared: Shared) -> Result<()> {
        if let Some(mut target) = shared.finish().map_err(|e| self.failed(e))? {
            target.flush().map_err(|e| self.failed(e))?;
            target.commit()?;
        }
        Ok(())
    }

    /// Bytes of the output, where it is a file.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let written = std::fs::metadata(&self.path).ok().filter(|m| m.is_file());
        written.map(|m| m.len())
    }

    fn failed(&self, error: std::io::Error) -> Error {
        Error::io(self.name(), "cannot write", error)
    }
}

/// A recording being written.
pub(crate) struct Sink {
    out: Out,
    side: SideStreams,
}

enum Out {
    File(Writer<OutputFile>),
    Stream(Writer<Target>),
    Foreign(Box<dyn EventSink>, Shared),
}

impl Sink {
    pub(crate) fn write_batch(&mut self, events: EventSlice<'_>) -> evz::Result<()> {
        match &mut self.out {
            Out::File(writer) => writer.write_batch(events),
            Out::Stream(writer) => writer.write_batch(events),
            Out::Foreign(sink, _) => sink.write_batch(events),
        }
    }

    /// Writes rows of a side stream, or counts them if this output holds none.
    pub(crate) fn write_side(&mut self, rows: SideRows) -> evz::Result<()> {
        match &mut self.out {
            Out::File(writer) => self.side.write(writer, rows),
            Out::Stream(writer) => self.side.write(writer, rows),
            Out::Foreign(..) => {
                self.side.leave_out(rows);
                Ok(())
            }
        }
    }

    /// Copies the side streams of a file: the batches of rows that reach into the selection's time,
    /// each whole, for here nobody can cut a table. False if this output holds none.
    pub(crate) fn copy_side_streams(
        &mut self,
        reader: &Reader,
        selection: &Selection,
    ) -> evz::Result<bool> {
        match &mut self.out {
            Out::File(writer) => copy_side_streams(writer, reader, selection).map(|()| true),
            Out::Stream(writer) => copy_side_streams(writer, reader, selection).map(|()| true),
            Out::Foreign(..) => Ok(false),
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
