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

    /// Begins an .evz file.
    pub(crate) fn create_evz(&self, info: &StreamInfo) -> Result<Sink> {
        let mut options = WriteOptions::new().with_replace(self.replace);
        if let Some(codec) = self.codec {
            options = options.with_codec(codec);
        }
        if is_pipe(&self.path) || is_device(&self.path) {
            let target = Target::create(&self.path, self.replace)?;
            return Ok(Sink::Stream(options.write_to(target, info)?));
        }
        Ok(Sink::File(options.create(&self.path, info)?))
    }

    /// Begins a text of this shape.
    pub(crate) fn create_text(&self, format: &TextFormat, info: &StreamInfo) -> Result<Sink> {
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

    /// Copies the side streams of a file, as far as the selection's time reaches. False if this
    /// output holds none.
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
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    let bare = name
        .strip_suffix(".gz")
        .or(name.strip_suffix(".zst"))
        .unwrap_or(&name);
    match bare.rsplit_once('.').map(|(_, extension)| extension) {
        Some("evz") if bare == name => Ok(Format::Evz),
        Some("txt" | "csv" | "tsv" | "text") => Ok(Format::Text),
        _ => Err(Error::invalid(format!(
            "{}: its name says no format: end it in .evz, .txt, .csv or .tsv (the last three also \
             in .gz or .zst), or pass --output-format",
            path.display()
        ))
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_formats() {
        let of = |name: &str| format_of(Path::new(name)).ok();
        assert_eq!(of("a.evz"), Some(Format::Evz));
        assert_eq!(of("-"), Some(Format::Evz));
        assert_eq!(of("b/a.CSV.gz"), Some(Format::Text));
        assert_eq!(of("a.txt.zst"), Some(Format::Text));
        assert_eq!(of("a.evz.gz"), None);
        assert_eq!(of("a.h5"), None);
        assert_eq!(of("a"), None);
    }
}
