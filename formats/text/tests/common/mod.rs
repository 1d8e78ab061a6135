//! What the tests share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use evz_core::{Event, EventBatch, EventSink, EventSource, Metadata, Report, Result, StreamInfo};
use evz_text::{TextFormat, TextOptions, TextSink, TextSource};

pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/text", name]
        .iter()
        .collect()
}

/// All that a source gives.
pub(crate) struct Recording {
    pub(crate) info: StreamInfo,
    pub(crate) events: EventBatch,
    pub(crate) report: Report,
    pub(crate) closing: Metadata,
}

impl Recording {
    /// Events with their times in nanoseconds.
    pub(crate) fn in_nanoseconds(&self) -> Vec<(i128, u16, u16, u8)> {
        self.events
            .iter()
            .map(|Event { t, x, y, p }| (self.info.time_base.to_nanoseconds(t), x, y, p))
            .collect()
    }

    pub(crate) fn regular(&self) -> Option<std::result::Result<(), u64>> {
        evz_text::regularity(&self.closing)
    }
}

pub(crate) fn read(mut source: TextSource) -> Result<Recording> {
    let (mut events, mut batch) = (EventBatch::default(), EventBatch::default());
    while source.read_batch(&mut batch)? > 0 {
        events.extend(batch.as_slice());
    }
    Ok(Recording {
        info: source.info().clone(),
        events,
        report: source.report(),
        closing: source.closing_metadata(),
    })
}

pub(crate) fn read_bytes(text: impl Into<Vec<u8>>, options: &TextOptions) -> Result<Recording> {
    evz_text::from_reader(std::io::Cursor::new(text.into()), "events.txt", options).and_then(read)
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn print(recording: &Recording, format: &TextFormat) -> Result<Vec<u8>> {
    let out = Shared::default();
    let mut sink = Box::new(TextSink::create(
        Box::new(out.clone()),
        "out.txt",
        format,
        &recording.info,
    )?);
    sink.write_batch(recording.events.as_slice())?;
    sink.finish(&recording.closing)?;
    Ok(std::mem::take(&mut *out.0.lock().unwrap()))
}

/// The text that a recording came from, from its metadata.
pub(crate) fn print_back(recording: &Recording) -> Result<Vec<u8>> {
    print(recording, &TextFormat::for_stream(&recording.info)?)
}
