//! What the tests share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::Write;
use std::sync::{Arc, Mutex};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_ipc::writer::{FileWriter, StreamWriter};
use evz_arrow::{ArrowSource, FORMATS};
use evz_core::{
    CreateOptions, Error, EventBatch, EventSource, Input, Metadata, Next, OpenOptions, Output,
    Report, Result, StreamInfo, TimeBase,
};
use parquet::arrow::ArrowWriter;

/// The kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Parquet,
    File,
    Stream,
}

pub(crate) const KINDS: [Kind; 3] = [Kind::Parquet, Kind::File, Kind::Stream];

/// All that a source gives.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) report: Report,
    pub(crate) closing: Metadata,
    /// What ended it, if not its end.
    pub(crate) error: Option<Error>,
}

pub(crate) fn read(mut source: ArrowSource) -> Recording {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    let error = loop {
        match source.read_batch(&mut batch) {
            Ok(Next::Events(_)) => events.extend(batch.as_slice()),
            Ok(Next::Rows(rows)) => panic!("{rows:?}"),
            Ok(Next::End(_)) => break None,
            Err(e) => break Some(e),
        }
    };
    Recording {
        info: source.info().clone(),
        events,
        report: source.report(),
        closing: source.closing_metadata(),
        error,
    }
}

pub(crate) fn open_bytes(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Result<ArrowSource> {
    evz_arrow::open(Input::from_bytes(bytes, "events"), options)
}

/// All events of bytes that have nothing wrong.
pub(crate) fn read_whole(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Recording {
    let recording = read(open_bytes(bytes, options).unwrap());
    assert!(recording.error.is_none(), "{recording:?}");
    assert_eq!(recording.report.losses, []);
    recording
}

/// Why bytes cannot be opened, or not be read to their end.
pub(crate) fn error(bytes: impl Into<Vec<u8>>, options: &OpenOptions) -> Error {
    let error = match open_bytes(bytes, options) {
        Ok(source) => read(source).error.expect("an error"),
        Err(e) => e,
    };
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn info(time_base: TimeBase) -> StreamInfo {
    StreamInfo::new(time_base)
}

/// Events as a file by the sinks, written `step` at a time.
pub(crate) fn write(
    kind: Kind,
    info: &StreamInfo,
    events: &EventBatch,
    closing: &Metadata,
    step: usize,
) -> Result<Vec<u8>> {
    let shared = Shared::default();
    let (format, name) = match kind {
        Kind::Parquet => ("parquet", "out.parquet"),
        Kind::File => ("arrow", "out.arrow"),
        Kind::Stream => ("arrow", "out.arrows"),
    };
    let format = FORMATS.iter().find(|f| f.name == format).unwrap();
    let out = Output::from_writer(shared.clone(), name);
    let mut sink = format.create.unwrap()(out, info, &CreateOptions::new())?;
    for start in (0..events.len()).step_by(step.max(1)) {
        let end = events.len().min(start + step);
        sink.write_batch(events.as_slice().slice(start..end))?;
    }
    let _ = sink.finish(closing)?;
    Ok(shared.take())
}

/// A table of somebody else, by the library's own writers.
pub(crate) fn table(kind: Kind, columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    batches(kind, &[batch])
}

pub(crate) fn batches(kind: Kind, batches: &[RecordBatch]) -> Vec<u8> {
    let mut out = Vec::new();
    let schema = batches[0].schema();
    match kind {
        Kind::Parquet => {
            let mut writer = ArrowWriter::try_new(&mut out, schema, None).unwrap();
            for batch in batches {
                writer.write(batch).unwrap();
                writer.flush().unwrap();
            }
            writer.close().unwrap();
        }
        Kind::File => {
            let mut writer = FileWriter::try_new(&mut out, &schema).unwrap();
            batches.iter().for_each(|b| writer.write(b).unwrap());
            writer.finish().unwrap();
        }
        Kind::Stream => {
            let mut writer = StreamWriter::try_new(&mut out, &schema).unwrap();
            batches.iter().for_each(|b| writer.write(b).unwrap());
            writer.finish().unwrap();
        }
    }
    out
}
