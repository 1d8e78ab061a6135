//! A stream as a source of events.

use std::io::Read;

use evz_core::{
    BytesRead, Error, EventBatch, EventSource, Input, InputReader, Loss, LossKind, Metadata, Note,
    OpenOptions, Place, Progress, Report, Result, StreamInfo, TimeBase, Value,
};

use crate::decode::Decoder;
use crate::header::{self, Header};

/// Bytes that are read at once: some 50,000 events.
const BLOCK_LEN: usize = 256 << 10;

/// An Event Stream of DVS or ATIS events, read from front to back.
pub struct EsSource {
    name: String,
    info: StreamInfo,
    version: [u8; 3],
    reader: InputReader,
    read: BytesRead,
    /// What was read and not yet decoded.
    bytes: Vec<u8>,
    /// Place of the first of it in the file.
    at: u64,
    /// Whether there is no more.
    ended: bool,
    decoder: Decoder,
    /// An error that waits for the events before it to be taken.
    failed: Option<Error>,
}

/// Opens an Event Stream; of `options` the size is used.
///
/// # Errors
/// If it is no Event Stream 2, ends within its header, or its events have no polarity.
pub fn open(input: Input, options: &OpenOptions) -> Result<EsSource> {
    let head = input.head();
    let header = Header::read(input.name(), head)?;
    let size = header::sensor(input.name(), options.size, header.size)?;
    let [major, minor, patch] = header.version;
    let format = format!("es {major}.{minor}.{patch} {}", header.kind.name());
    let metadata = [
        ("source.format", Value::from(format)),
        ("source.file", Value::from(input.file_name())),
        ("source.header", Value::Bytes(head[..header::LEN].to_vec())),
    ];
    let mut source = EsSource {
        name: input.name().to_owned(),
        info: StreamInfo::new(TimeBase::MICROSECONDS)
            .with_size(size)
            .with_metadata(Metadata::from(
                metadata.map(|(key, value)| (key.to_owned(), value)),
            )),
        version: header.version,
        read: input.read_so_far(),
        reader: input.into_reader(),
        bytes: Vec::new(),
        at: header::LEN as u64,
        ended: false,
        decoder: Decoder::new(header.kind, size),
        failed: None,
    };
    source.read_more(header::LEN);
    source.bytes.clear();
    Ok(source)
}

impl EsSource {
    /// Reads so many bytes more; fewer only at the end.
    fn read_more(&mut self, len: usize) {
        let read = (&mut self.reader)
            .take(len as u64)
            .read_to_end(&mut self.bytes);
        // What was read before an error is there.
        match read {
            Ok(n) => self.ended = n < len,
            Err(e) => {
                self.failed = Some(Error::io(&self.name, "cannot read", e));
                self.ended = true;
            }
        }
    }

    /// What of the stream is cut off, once it has ended.
    fn cut(&self) -> Option<Loss> {
        let is_cut = self.ended && (!self.bytes.is_empty() || self.decoder.awaits_event());
        is_cut.then(|| {
            let place = Place::file(&self.name).with_byte(self.at).to_string();
            Loss::new(LossKind::CutOff, "events that are cut off", 1).with_examples([place])
        })
    }
}

impl EventSource for EsSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        // A block of overflow bytes or threshold crossings alone is not the end.
        while batch.is_empty() && !self.ended {
            self.read_more(BLOCK_LEN);
            let used = self.decoder.decode(&self.bytes, self.at, batch);
            self.bytes.drain(..used);
            self.at += used as u64;
        }
        match batch.len() {
            0 => self.failed.take().map_or(Ok(0), Err),
            n => Ok(n),
        }
    }

    fn report(&self) -> Report {
        let what = "rows, which the file counts from the bottom, are turned to count from the top";
        let mut report = Report {
            inferred: vec![what.to_owned()],
            ..Report::default()
        };
        let [major, minor, patch] = self.version;
        if minor > 0 {
            let what = format!("version {major}.{minor}.{patch} is read as 2.0");
            report.notes.push(Note::Other(what));
        }
        if let count @ 1.. = self.decoder.resets {
            let what = "reset bytes".to_owned();
            report.notes.push(Note::LeftOut { what, count });
        }
        if let count @ 1.. = self.decoder.crossings {
            let what = "threshold crossings, halves of exposure measurements";
            report.add_loss(Loss::new(LossKind::Other, what, count));
        }
        if let Some((count, first)) = self.decoder.beyond {
            let place = Place::file(&self.name).with_byte(first).to_string();
            let loss = Loss::new(LossKind::BeyondSensor, "events beyond the sensor", count);
            report.add_loss(loss.with_examples([place]));
        }
        self.cut().into_iter().for_each(|cut| report.add_loss(cut));
        report
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.read.progress())
    }
}
