//! AEDAT 2.0: an address and a time for each thing that happened, whatever it was.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html>

mod chip;
mod clock;
mod decode;
mod header;
mod imu;
mod word;

use evz_core::{
    EventBatch, EventSource, Progress, Report, Result, SideRows, StreamInfo, TimeBase, Value,
};

use crate::{
    AedatOptions, checks::Findings, input::Input, losses::Losses, open::metadata, side::SideStore,
};
use chip::{Chip, Layout};
use decode::Decoder;

/// Bytes of an address and a time.
const RECORD_LEN: usize = 8;

/// Bytes that are read at once.
const BLOCK_LEN: usize = 64 * 1024 * RECORD_LEN;

/// A recording of AEDAT 2.0, read from front to back.
pub(crate) struct Source {
    input: Input,
    info: StreamInfo,
    summary: String,
    /// What was read and not yet decoded.
    bytes: Vec<u8>,
    decoder: Decoder,
    findings: Findings,
    losses: Losses,
    side: SideStore,
}

impl Source {
    /// The recording whose first bytes, `head`, were already read.
    pub(crate) fn new(mut input: Input, head: Vec<u8>, options: &AedatOptions) -> Result<Self> {
        let (header, mut bytes) = header::read(&mut input, head)?;
        let missing = BLOCK_LEN.saturating_sub(bytes.len());
        input.append(&mut bytes, missing)?;
        let chip = Chip::find(&input.name, &header, &bytes, options)?;
        let mut metadata = metadata(&input, "aedat 2.0", header);
        if chip.layout == Layout::Davis {
            metadata.insert("aedat.imu_unit".to_owned(), Value::from("raw counts"));
        }
        Ok(Self {
            info: StreamInfo {
                time_base: TimeBase::MICROSECONDS,
                size: Some(chip.size),
                metadata,
            },
            input,
            summary: chip.summary,
            bytes,
            decoder: Decoder::new(chip.layout, chip.size),
            findings: Findings::default(),
            losses: Losses::default(),
            side: SideStore::default(),
        })
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        self.side.start_read();
        // A block of frames and nothing else is not the end.
        while batch.is_empty() && !self.bytes.is_empty() {
            let at = self.input.offset - self.bytes.len() as u64;
            let (records, rest) = self.bytes.as_chunks();
            let place = |i: usize| self.input.place(at + (i * RECORD_LEN) as u64);
            let (side, losses) = (&mut self.side, &mut self.losses);
            self.decoder.decode(records, batch, side, losses, place);
            let cut = place(records.len());
            losses.add("bytes behind the last whole event", rest.len() as u64, cut);
            self.input.read(&mut self.bytes, BLOCK_LEN)?;
        }
        if self.bytes.is_empty() {
            self.decoder.end(&mut self.losses);
        }
        self.findings.add(&Findings::of(batch, self.info.size));
        Ok(batch.len())
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.side.take()
    }

    fn report(&self) -> Report {
        let mut notes = self.findings.notes(self.info.size);
        if self.decoder.clock.wraps > 0 {
            let wraps = self.decoder.clock.wraps;
            notes.push(format!("wraps of the clock of 32 bits carried on: {wraps}"));
        }
        if self.decoder.imu.samples > 0 {
            notes.push("IMU samples are raw counts: the file does not say their scale".to_owned());
        }
        Report {
            inferred: vec![self.summary.clone()],
            notes,
            losses: self.losses.with(&self.side),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.input.progress())
    }
}
