//! Arrow IPC as a sink of events.

use std::io::{BufWriter, Write};

use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::{ArrowError, Schema};
use evz_core::{Columns, Error, EventBatch, EventSink, EventSlice, Metadata, Result, StreamInfo};

use crate::metadata;
use crate::table::EventTable;

/// Events of a record batch.
const BATCH: usize = 1 << 16;

/// The two ways in which Arrow lays out record batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpcLayout {
    /// With a footer that says where each batch is, to be mapped into memory: `.arrow`, `.feather`.
    File,
    /// One batch after the other, to be read while it is written: `.arrows`.
    Stream,
}

/// Writes events as Arrow IPC, uncompressed, so that readers take the columns as they lie.
pub struct IpcSink {
    name: String,
    info: StreamInfo,
    layout: IpcLayout,
    /// Until the first event says how times are written.
    out: Option<Box<dyn Write + Send>>,
    open: Option<(Output, EventTable)>,
    pending: EventBatch,
}

/// A stream or file of record batches being written.
pub(crate) enum Output {
    File(FileWriter<BufWriter<Box<dyn Write + Send>>>),
    Stream(StreamWriter<BufWriter<Box<dyn Write + Send>>>),
}

impl Output {
    pub(crate) fn create(
        out: Box<dyn Write + Send>,
        layout: IpcLayout,
        schema: &Schema,
    ) -> Result<Self, ArrowError> {
        Ok(match layout {
            IpcLayout::File => Self::File(FileWriter::try_new_buffered(out, schema)?),
            IpcLayout::Stream => Self::Stream(StreamWriter::try_new_buffered(out, schema)?),
        })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.write(batch),
            Self::Stream(writer) => writer.write(batch),
        }
    }

    pub(crate) fn finish(&mut self) -> Result<(), ArrowError> {
        match self {
            Self::File(writer) => writer.finish(),
            Self::Stream(writer) => writer.finish().and_then(|()| writer.flush()),
        }
    }
}

impl IpcSink {
    /// A sink that writes the events of a stream to `out`; `name` is for messages.
    ///
    /// # Errors
    /// None yet: what the file looks like depends on the first event.
    pub fn create(
        out: Box<dyn Write + Send>,
        name: &str,
        layout: IpcLayout,
        info: &StreamInfo,
    ) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            info: info.clone(),
            layout,
            out: Some(out),
            open: None,
            pending: EventBatch::default(),
        })
    }

    fn begin(&mut self, first: Option<i64>) -> Result<()> {
        let Some(out) = self.out.take() else {
            return Ok(());
        };
        let table = EventTable::new(&self.info, first, Columns::ALL);
        let output = Output::create(out, self.layout, &table.schema);
        self.open = Some((output.map_err(|e| failed(&self.name, e))?, table));
        Ok(())
    }

    fn write_pending(&mut self) -> Result<()> {
        let Some((output, table)) = &mut self.open else {
            return Ok(());
        };
        let next = EventBatch::with_capacity(BATCH);
        let events = std::mem::replace(&mut self.pending, next);
        let batch = table.record_batch(events);
        let batch = batch.map_err(|e| e.within(&self.name))?;
        output.write(&batch).map_err(|e| failed(&self.name, e))
    }
}

/// An error of writing.
pub(crate) fn failed(name: &str, error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, e) => Error::io(name, "cannot write to it", e),
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

    fn finish(mut self: Box<Self>, closing: &Metadata) -> Result<()> {
        self.begin(None)?;
        if !self.pending.is_empty() {
            self.write_pending()?;
        }
        let Some((mut output, _)) = self.open.take() else {
            return Ok(());
        };
        if let Output::File(writer) = &mut output {
            for (key, value) in metadata::metadata_pairs(closing) {
                writer.write_metadata(key, value);
            }
        }
        output.finish().map_err(|e| failed(&self.name, e))
    }
}
