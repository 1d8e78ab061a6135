//! Arrow IPC as a sink of events.

use std::io::BufWriter;

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, Schema};
use evz_core::{
    Columns, Error, EventBatch, EventSink, EventSlice, Metadata, Note, Output, Report, Result,
    StreamInfo,
};

use crate::metadata;
use crate::table::EventTable;

/// Events of a record batch.
const BATCH: usize = 1 << 16;

/// Writes events as Arrow IPC, uncompressed, so that readers take the columns as they lie. An output
/// whose name ends in `.arrows`, and standard output, get the stream: one batch after the other, to
/// be read while it is written. Others get the file: with a footer that says where each batch is, to
/// be mapped into memory.
pub struct IpcSink {
    name: String,
    info: StreamInfo,
    /// Until the first event says how times are written.
    out: Option<Output>,
    open: Option<(Writer, EventTable)>,
    pending: EventBatch,
}

/// A stream or file of record batches being written.
pub(crate) enum Writer {
    File(FileWriter<BufWriter<Output>>),
    Stream(StreamWriter<BufWriter<Output>>),
}

impl Writer {
    pub(crate) fn create(out: Output, schema: &Schema) -> Result<Self, ArrowError> {
        Ok(if is_stream(out.name()) {
            Self::Stream(StreamWriter::try_new_buffered(out, schema)?)
        } else {
            Self::File(FileWriter::try_new_buffered(out, schema)?)
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.write(batch),
            Self::Stream(writer) => writer.write(batch),
        }
    }

    /// Writes what comes last, and gives back the output.
    pub(crate) fn finish(self) -> Result<Output, ArrowError> {
        let out = match self {
            Self::File(writer) => writer.into_inner()?,
            Self::Stream(writer) => writer.into_inner()?,
        };
        Ok(out.into_inner().map_err(|e| e.into_error())?)
    }
}

/// Whether an output of this name is to be read while it is written.
fn is_stream(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    name == "standard output" || extension.is_some_and(|e| e.eq_ignore_ascii_case("arrows"))
}

impl IpcSink {
    /// A sink that writes the events of a stream to `out`, which is empty until the first event says
    /// what the table looks like.
    pub fn create(out: Output, info: &StreamInfo) -> Self {
        Self {
            name: out.name().to_owned(),
            info: info.clone(),
            out: Some(out),
            open: None,
            pending: EventBatch::default(),
        }
    }

    fn begin(&mut self, first: Option<i64>) -> Result<()> {
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let table = EventTable::new(&self.info, first, Columns::ALL);
        let table = table.map_err(|e| e.within(self.name.as_str()))?;
        let writer = Writer::create(out, &table.schema);
        self.open = Some((writer.map_err(|e| failed(&self.name, e))?, table));
        Ok(())
    }

    fn write_pending(&mut self) -> Result<()> {
        let Some((writer, table)) = &mut self.open else {
            return Ok(());
        };
        let next = EventBatch::with_capacity(BATCH);
        let events = std::mem::replace(&mut self.pending, next);
        let batch = table.record_batch(events);
        let batch = batch.map_err(|e| e.within(self.name.as_str()))?;
        writer.write(&batch).map_err(|e| failed(&self.name, e))
    }
}

/// An error of writing.
pub(crate) fn failed(name: &str, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, e) => Error::io(name, "cannot write", e),
        e => Error::unsupported(name, format!("it cannot be written as Arrow ({e})")),
    }
}

impl EventSink for IpcSink {
    fn write_batch(&mut self, events: EventSlice<'_>) -> Result<()> {
        events.check()?;
        let mut from = 0;
        while from < events.len() {
            self.begin(events.t.first().copied())?;
            let to = events.len().min(from + BATCH - self.pending.len());
            self.pending.extend(events.slice(from..to));
            from = to;
            if self.pending.len() == BATCH {
                self.write_pending()?;
            }
        }
        Ok(())
    }

    fn keeps_columns(&self) -> bool {
        true
    }

    fn finish(mut self: Box<Self>, closing: &Metadata) -> Result<Report> {
        self.begin(None)?;
        if !self.pending.is_empty() {
            self.write_pending()?;
        }
        let mut report = Report::default();
        let Some((mut writer, _)) = self.open.take() else {
            return Ok(report);
        };
        match &mut writer {
            Writer::File(writer) => {
                for (key, value) in metadata::metadata_pairs(closing) {
                    writer.write_metadata(key, value);
                }
            }
            Writer::Stream(_) if !closing.is_empty() => report.notes.push(Note::LeftOut {
                what:
                    "entries of metadata known only at the end, for which an Arrow stream has no \
                       place"
                        .to_owned(),
                count: closing.len() as u64,
            }),
            Writer::Stream(_) => {}
        }
        let out = writer.finish().map_err(|e| failed(&self.name, e))?;
        out.commit()?;
        Ok(report)
    }
}
