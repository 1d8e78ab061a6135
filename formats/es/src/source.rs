//! A stream as a source of events.

use std::io::Read;

use evz_core::{
    BytesRead, Error, EventBatch, EventSource, Input, InputReader, Loss, LossKind, Metadata, Next,
    Note, OpenOptions, Place, Progress, Report, Result, SideRows, SideStore, StreamInfo, TimeBase,
    Value,
};

use crate::decode::Decoder;
use crate::encoding::Encoding;
use crate::exposure::{self, Crossings};
use crate::generic::{self, GenericDecoder};
use crate::header::{self, Content, Header};
use crate::parts::Part;

/// Bytes that are read at once: some 50,000 events.
pub(crate) const BLOCK_LEN: usize = 256 << 10;

/// An Event Stream, read from front to back.
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
    /// Bytes that are read at once.
    block_len: usize,
    /// Where the last batch stands.
    last: Option<Part>,
    decoder: AnyDecoder,
    side: SideStore,
    /// An error that waits for the events before it to be taken.
    failed: Option<Error>,
}

/// What decodes the content of a stream.
enum AnyDecoder {
    /// Events, and threshold crossings that were not taken yet.
    Events(Decoder, Crossings),
    /// Generic events, and those that were not taken yet.
    Generic(GenericDecoder, SideRows),
}

/// Opens an Event Stream; of `options` the size is used.
///
/// # Errors
/// If it is no Event Stream 2, ends within its header, or is one of a display.
pub fn open(input: Input, options: &OpenOptions) -> Result<EsSource> {
    let head = input.head();
    let header = Header::read(input.name(), head)?;
    let [major, minor, patch] = header.version;
    let format = format!("es {major}.{minor}.{patch} {}", header.name());
    let metadata = [
        ("source.format", Value::from(format)),
        ("source.file", Value::from(input.file_name())),
        ("source.header", Value::Bytes(head[..header.len()].to_vec())),
    ];
    let info = StreamInfo::new(TimeBase::MICROSECONDS).with_metadata(Metadata::from(
        metadata.map(|(key, value)| (key.to_owned(), value)),
    ));
    let (info, decoder) = match header.content {
        Content::Events(encoding, size) => {
            let size = header::sensor(input.name(), options.size, size)?;
            let info = info.with_size(size).with_columns(encoding.columns());
            let decoder = Decoder::new(encoding, size);
            (info, AnyDecoder::Events(decoder, Crossings::default()))
        }
        Content::Generic => {
            let decoder = GenericDecoder::default();
            let decoder = AnyDecoder::Generic(decoder, generic::no_rows());
            (info.with_size(options.size), decoder)
        }
    };
    let mut source = EsSource {
        name: input.name().to_owned(),
        info,
        version: header.version,
        read: input.read_so_far(),
        reader: input.into_reader(),
        bytes: Vec::new(),
        at: header.len() as u64,
        ended: false,
        block_len: match options.small_parts {
            true => BLOCK_LEN / 8,
            false => BLOCK_LEN,
        },
        last: None,
        decoder,
        side: SideStore::default(),
        failed: None,
    };
    source.read_more(header.len());
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

    /// Decodes what was read.
    fn decode(&mut self, batch: &mut EventBatch) {
        let used = match &mut self.decoder {
            AnyDecoder::Events(decoder, crossings) => {
                let (at, t) = (self.at, decoder.time());
                let len = decoder.decode(&self.bytes, at, batch, crossings);
                self.last = Some(Part { at, len, t });
                len
            }
            AnyDecoder::Generic(decoder, rows) => {
                let (used, done) = decoder.decode(&self.bytes, self.at, rows);
                if let Err(error) = done {
                    // Where the next event starts is not known any more.
                    self.failed = Some(error.within(self.name.as_str()));
                    self.ended = true;
                }
                used
            }
        };
        self.bytes.drain(..used);
        self.at += used as u64;
    }

    /// Whether there are rows to be taken.
    fn has_rows(&self) -> bool {
        match &self.decoder {
            AnyDecoder::Events(_, crossings) => !crossings.t.is_empty(),
            AnyDecoder::Generic(_, rows) => !rows.is_empty(),
        }
    }

    /// The rows of the side stream that were decoded since the last call.
    fn take_rows(&mut self) -> Option<SideRows> {
        let has_rows = self.has_rows();
        let rows = match &mut self.decoder {
            AnyDecoder::Events(_, crossings) => std::mem::take(crossings).into_rows(),
            AnyDecoder::Generic(_, rows) => std::mem::replace(rows, generic::no_rows()),
        };
        has_rows.then_some(rows)
    }

    /// What of the stream is cut off, once it has ended.
    fn cut(&self) -> Option<Loss> {
        let awaits_event = match &self.decoder {
            AnyDecoder::Events(decoder, _) => decoder.awaits_event(),
            AnyDecoder::Generic(decoder, _) => decoder.awaits_event(),
        };
        let is_cut = self.ended && (!self.bytes.is_empty() || awaits_event);
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

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.side.waiting(batch) {
            return Ok(next);
        }
        batch.clear_for(&self.info.columns);
        // A block of overflow bytes alone is not the end.
        while batch.is_empty() && !self.has_rows() && !self.ended {
            self.read_more(self.block_len);
            self.decode(batch);
        }
        if let Some(rows) = self.take_rows() {
            self.side.add(rows);
        }
        match self.side.found(batch) {
            Some(next) => Ok(next),
            None => self
                .failed
                .take()
                .map_or_else(|| Ok(Next::End(self.report())), Err),
        }
    }

    fn side_streams(&self) -> Vec<String> {
        match &self.decoder {
            AnyDecoder::Events(decoder, _) if decoder.encoding() == Encoding::Atis => {
                vec![exposure::STREAM.to_owned()]
            }
            AnyDecoder::Events(..) => Vec::new(),
            AnyDecoder::Generic(..) => vec![generic::STREAM.to_owned()],
        }
    }

    fn report(&self) -> Report {
        let mut report = Report::default();
        let [major, minor, patch] = self.version;
        if minor > 0 {
            let what = format!("version {major}.{minor}.{patch} is read as 2.0");
            report.notes.push(Note::Other(what));
        }
        let (inferred, resets) = match &self.decoder {
            AnyDecoder::Events(decoder, _) => {
                report.notes.extend(decoder.note());
                if let Some((count, first)) = decoder.beyond {
                    let place = Place::file(&self.name).with_byte(first).to_string();
                    let loss = Loss::new(LossKind::BeyondSensor, "events beyond the sensor", count);
                    report.add_loss(loss.with_examples([place]));
                }
                let what = "rows, which the file counts from the bottom, are turned to count from \
                            the top";
                (what, decoder.resets)
            }
            AnyDecoder::Generic(decoder, _) => {
                let what = "generic events, which have no pixel, are read as the side stream \
                            \"generic\"";
                (what, decoder.resets)
            }
        };
        report.inferred.push(inferred.to_owned());
        if let count @ 1.. = resets {
            let what = "reset bytes".to_owned();
            report.notes.push(Note::LeftOut { what, count });
        }
        self.cut().into_iter().for_each(|cut| report.add_loss(cut));
        report
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.read.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.map(Part::to_bytes)
    }
}
