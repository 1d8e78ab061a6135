//! What the tests share.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use evz_core::{
    CreateOptions, Event, EventBatch, EventSource, Input, Metadata, Next, OpenOptions, Output,
    Report, Result, StreamInfo,
};
use evz_text::TextSource;

pub(crate) fn fixture(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../fixtures/text", name]
        .iter()
        .collect()
}

/// All that a source gives.
#[derive(Debug)]
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
    while let Next::Events(_) = source.read_events(&mut batch)? {
        events.extend(batch.as_slice());
    }
    Ok(Recording {
        info: source.info().clone(),
        events,
        report: source.report(),
        closing: source.closing_metadata(),
    })
}

/// Reads all, packed or not.
pub(crate) fn read_input(input: Input, options: &OpenOptions) -> Result<Recording> {
    evz_text::open(input.unpacked()?, options).and_then(read)
}

pub(crate) fn read_bytes(text: impl Into<Vec<u8>>, options: &OpenOptions) -> Result<Recording> {
    read_input(Input::from_bytes(text, "events.txt"), options)
}

/// The same as [`read_bytes`] of what can be read once.
pub(crate) fn read_pipe(
    reader: impl Read + Send + 'static,
    options: &OpenOptions,
) -> Result<Recording> {
    read_input(Input::from_reader(reader, "-")?, options)
}

pub(crate) fn read_file(path: impl AsRef<Path>, options: &OpenOptions) -> Result<Recording> {
    read_input(Input::open(path)?, options)
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

pub(crate) fn print(recording: &Recording, options: &CreateOptions) -> Result<Vec<u8>> {
    print_as("out.txt", recording, options)
}

pub(crate) fn print_as(
    name: &str,
    recording: &Recording,
    options: &CreateOptions,
) -> Result<Vec<u8>> {
    let (text, report) = print_with_report(name, recording, options)?;
    assert!(!report.has_losses());
    Ok(text)
}

pub(crate) fn print_with_report(
    name: &str,
    recording: &Recording,
    options: &CreateOptions,
) -> Result<(Vec<u8>, Report)> {
    let out = Shared::default();
    let output = Output::from_writer(out.clone(), name);
    let mut sink = evz_text::create(output, &recording.info, options)?;
    sink.write_batch(recording.events.as_slice())?;
    let report = sink.finish(&recording.closing)?;
    let text = std::mem::take(&mut *out.0.lock().unwrap());
    Ok((text, report))
}

/// The text that a recording came from, from its metadata.
pub(crate) fn print_back(recording: &Recording) -> Result<Vec<u8>> {
    print(recording, &CreateOptions::new())
}
