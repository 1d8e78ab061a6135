//! A `.bin` file as a source of events.

use std::io::Read;

use evz_core::{
    BytesRead, Error, EventBatch, EventSource, Input, InputReader, Loss, LossKind, Metadata, Next,
    Note, Noticed, OpenOptions, Place, Progress, Report, Result, StreamInfo, TimeBase, Value,
};

use crate::decode::{Decoder, OVERFLOW_BITS};
use crate::encoding::Encoding;
use crate::guess::{self, Sample};

/// Records that are read at once.
const BLOCK: usize = 65_536;

/// A `.bin` file, read from front to back.
pub struct NmnistSource {
    name: String,
    info: StreamInfo,
    reader: InputReader,
    read: BytesRead,
    /// Bytes of the records that are decoded next.
    block: Vec<u8>,
    /// Bytes taken so far.
    offset: u64,
    decoder: Decoder,
    inferred: Vec<String>,
    noticed: Noticed,
    /// Bytes behind the last whole record.
    cut: usize,
    /// Whether there is no more to read.
    ended: bool,
    /// An error that waits for the events before it to be taken.
    failed: Option<Error>,
}

/// Opens a `.bin` file; of `options` the encoding and the size are used. Without an encoding it is
/// found from the length and the first events.
///
/// # Errors
/// If it is empty, or if no encoding is told and both fit, or none does; [`Error::question`] then asks
/// for it.
pub fn open(input: Input, options: &OpenOptions) -> Result<NmnistSource> {
    if input.is_empty() {
        let what = "it is empty: there are no events";
        return Err(Error::insufficient(input.name(), what));
    }
    let mut inferred = Vec::new();
    let encoding = match &options.encoding {
        Some(name) => Encoding::named(name)?,
        None => {
            let found = guess::encoding(&input.clues()).map_err(|e| e.in_file(input.name()))?;
            inferred.push(format!("encoding {found}: only so its bytes are events"));
            found
        }
    };
    let size = options.size.or_else(|| {
        let size = Sample::of(&input.clues(), encoding).size();
        inferred.push(match size {
            Some(size) => format!("sensor size {size}: that of such recordings, which holds all"),
            None => "sensor size unknown: nothing in the file says it".to_owned(),
        });
        size
    });
    let metadata = [
        ("source.format", format!("bin {encoding}")),
        ("source.file", input.file_name()),
    ];
    Ok(NmnistSource {
        name: input.name().to_owned(),
        info: StreamInfo::new(TimeBase::MICROSECONDS)
            .with_size(size)
            .with_metadata(Metadata::from(
                metadata.map(|(key, text)| (key.to_owned(), Value::from(text))),
            )),
        read: input.read_so_far(),
        reader: input.into_reader(),
        block: Vec::new(),
        offset: 0,
        decoder: Decoder::new(encoding),
        inferred,
        noticed: Noticed::default(),
        cut: 0,
        ended: false,
        failed: None,
    })
}

impl NmnistSource {
    /// Reads the next block.
    fn read_block(&mut self) {
        self.block.clear();
        let len = BLOCK * self.decoder.encoding.record_len();
        let read = (&mut self.reader)
            .take(len as u64)
            .read_to_end(&mut self.block);
        // What was read before an error is there.
        match read {
            Ok(n) => self.ended = n < len,
            Err(e) => {
                self.failed = Some(Error::io(&self.name, "cannot read", e));
                self.ended = true;
            }
        }
        self.offset += self.block.len() as u64;
    }
}

impl EventSource for NmnistSource {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        batch.clear();
        // A block of nothing but overflow marks is not the end.
        while batch.is_empty() && !self.ended {
            self.read_block();
            // Only the last block is no whole number of records.
            self.cut += self.decoder.decode(&self.block, batch);
        }
        if batch.is_empty() {
            return match self.failed.take() {
                None => Ok(Next::End(self.report())),
                Some(error) => Err(error),
            };
        }
        // Events beyond the camera are worth a word even where the size of the pictures is unknown.
        let size = self.info.size.unwrap_or(self.decoder.encoding.camera());
        self.noticed.add(&Noticed::of(batch.as_slice(), Some(size)));
        Ok(Next::Events(batch.len()))
    }

    fn report(&self) -> Report {
        let size = self.info.size.unwrap_or(self.decoder.encoding.camera());
        let place = |event| Place::default().with_event(event);
        let mut notes = self.noticed.notes(Some(size), place);
        if let times @ 1.. = self.decoder.marks {
            let bits = OVERFLOW_BITS;
            notes.push(Note::ClockWrapped { times, bits });
        }
        if let stray @ 1.. = self.decoder.stray {
            notes.push(Note::Other(format!(
                "{stray} events have bits set that {} leaves empty",
                self.decoder.encoding
            )));
        }
        let what = "bytes behind the last whole event";
        let cut = (self.cut > 0).then(|| {
            let place = Place::file(&self.name).with_byte(self.offset - self.cut as u64);
            Loss::new(LossKind::CutOff, what, self.cut as u64).with_examples([place.to_string()])
        });
        Report {
            inferred: self.inferred.clone(),
            notes,
            losses: cut.into_iter().collect(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.read.progress())
    }
}
