//! AEDAT 2.0: an address and a time for each thing that happened, whatever it was; and AEDAT 1.0, the same
//! with addresses of 16 bits, which often has no header.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html>

mod cameras;
mod chip;
mod clock;
mod decode;
mod fits;
mod header;
mod imu;
mod parts;
mod word;

use std::borrow::Cow;

use evz_core::{
    Clock, ClockKind, EventBatch, EventSource, LossKind, Next, Note, Noticed, OpenOptions, Place,
    Progress, Report, Result, SideStore, StreamInfo, TimeBase, Value,
};

use crate::{
    byte_reader::ByteReader,
    losses::Losses,
    provenance::metadata,
    side::{IMU, TRIGGERS, is_side_name},
};
use cameras::Cameras;
use chip::Chip;
pub(crate) use chip::Layout;
use decode::Decoder;
use parts::Part;
pub(crate) use parts::open as open_parts;

/// Bytes of an address and a time.
const RECORD_LEN: usize = 8;

/// Bytes of the same in AEDAT 1.0, whose addresses have 16 bits.
const OLD_RECORD_LEN: usize = 6;

/// Records that are read at once.
const BLOCK: usize = 64 * 1024;

/// Which version a file is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// With or without a header.
    Old {
        header: bool,
    },
    Two,
}

impl Version {
    fn record_len(self) -> usize {
        match self {
            Self::Old { .. } => OLD_RECORD_LEN,
            Self::Two => RECORD_LEN,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Old { .. } => "aedat 1.0",
            Self::Two => "aedat 2.0",
        }
    }

    /// Whole records, and how many bytes they are; addresses of 16 bits get 16 more that are 0.
    fn records(self, bytes: &[u8]) -> (Cow<'_, [[u8; RECORD_LEN]]>, usize) {
        match self {
            Self::Two => {
                let (records, rest) = bytes.as_chunks();
                (Cow::Borrowed(records), bytes.len() - rest.len())
            }
            Self::Old { .. } => {
                let (records, rest) = bytes.as_chunks::<OLD_RECORD_LEN>();
                let longer = records
                    .iter()
                    .map(|&[a, b, c, d, e, f]| [0, 0, a, b, c, d, e, f]);
                (Cow::Owned(longer.collect()), bytes.len() - rest.len())
            }
        }
    }
}

/// A recording of AEDAT 2.0 or 1.0, read from front to back.
pub(crate) struct Source {
    version: Version,
    input: ByteReader,
    info: StreamInfo,
    summary: String,
    /// What was read and not yet decoded.
    bytes: Vec<u8>,
    decoder: Decoder,
    /// Records that are read at once.
    block: usize,
    /// Where the last batch stands.
    last: Option<Part>,
    /// Other layouts that the addresses fit.
    others: Vec<&'static str>,
    noticed: Noticed,
    losses: Losses,
    side: SideStore,
}

impl Source {
    /// The recording whose first bytes, `head`, were already read.
    pub(crate) fn new(
        input: ByteReader,
        head: Vec<u8>,
        version: Version,
        options: &OpenOptions,
    ) -> Result<Self> {
        let Start {
            input,
            header,
            bytes,
            chip,
        } = Start::read(input, head, version, options)?;
        // For a side stream no camera has to be chosen.
        let wanted = options.stream.as_deref();
        let records = version.records(&bytes).0;
        let mut cameras = Cameras::seen(chip.layout, &records);
        let others = fits::others(chip.layout, version, &records, options.size);
        if !wanted.is_some_and(is_side_name) {
            cameras = cameras.choose(input.name(), wanted)?;
        }
        let mut metadata = metadata(&input, version.name(), header);
        if chip.layout == Layout::Davis {
            metadata.insert("aedat.imu_unit".to_owned(), Value::from("raw counts"));
        }
        let name = cameras.name();
        let camera = match name.is_empty() {
            true => String::new(),
            false => format!(", {name} of several"),
        };
        Ok(Self {
            version,
            info: StreamInfo::new(TimeBase::MICROSECONDS)
                .with_clock(Clock::of(ClockKind::Sensor))
                .with_size(chip.size)
                .with_name(name)
                .with_metadata(metadata),
            input,
            summary: chip.summary + &camera,
            bytes,
            decoder: Decoder::new(chip.layout, chip.size, cameras),
            block: match options.small_parts {
                true => BLOCK / 8,
                false => BLOCK,
            },
            last: None,
            others,
            noticed: Noticed::default(),
            losses: Losses::default(),
            side: SideStore::default(),
        })
    }

    /// The names of the cameras, if there are several.
    pub(crate) fn streams(
        input: ByteReader,
        head: Vec<u8>,
        version: Version,
        options: &OpenOptions,
    ) -> Result<Vec<String>> {
        let start = Start::read(input, head, version, options)?;
        let (records, _) = version.records(&start.bytes);
        Ok(Cameras::seen(start.chip.layout, &records).names())
    }

    /// The same where each camera is read by a source of its own: what is of none comes with the
    /// first.
    pub(crate) fn apart(mut self) -> Self {
        self.decoder.cameras.apart = true;
        self
    }
}

/// A recording up to its first events.
struct Start {
    input: ByteReader,
    header: Vec<u8>,
    bytes: Vec<u8>,
    chip: Chip,
}

impl Start {
    fn read(
        mut input: ByteReader,
        head: Vec<u8>,
        version: Version,
        options: &OpenOptions,
    ) -> Result<Self> {
        let (header, mut bytes) = match version {
            Version::Old { header: false } => (Vec::new(), head),
            _ => header::read(&mut input, head)?,
        };
        // Of whole records, so that those that follow begin with one.
        let len = version.record_len();
        let started = bytes.len().next_multiple_of(len) - bytes.len();
        input.append(&mut bytes, started)?;
        let missing = (BLOCK * len).saturating_sub(bytes.len());
        if bytes.is_empty() || input.there() >= len {
            input.append_there(&mut bytes, missing, len)?;
        }
        let chip = Chip::find(input.name(), &header, version, options)?;
        Ok(Self {
            input,
            header,
            bytes,
            chip,
        })
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.side.waiting(batch) {
            return Ok(next);
        }
        batch.clear();
        // A block of frames and nothing else is not the end.
        while batch.is_empty() && !self.side.is_full() {
            let len = self.version.record_len();
            if self.bytes.is_empty() {
                (self.input).append_there(&mut self.bytes, self.block * len, len)?;
            }
            if self.bytes.is_empty() {
                self.decoder.end(&mut self.losses);
                break;
            }
            let at = self.input.offset - self.bytes.len() as u64;
            let (records, whole) = self.version.records(&self.bytes);
            let place = |i: usize| self.input.place(at + (i * len) as u64);
            self.last = Some(Part {
                at,
                len: whole,
                clock: self.decoder.clock,
            });
            let (side, losses) = (&mut self.side, &mut self.losses);
            self.decoder.decode(&records, batch, side, losses, place);
            if self.decoder.cameras.takes_others() {
                let (cut, what) = (place(records.len()), "bytes behind the last whole event");
                let rest = self.bytes.len() - whole;
                losses.add(LossKind::CutOff, what, rest as u64, cut);
            }
            self.bytes.clear();
        }
        let noticed = Noticed::of(batch.as_slice(), self.info.size);
        self.noticed.add(&noticed);
        let found = self.side.found(batch);
        Ok(found.unwrap_or_else(|| Next::End(self.report())))
    }

    fn side_streams(&self) -> Vec<String> {
        if !self.decoder.cameras.takes_others() {
            return Vec::new();
        }
        // A DVS128 has no inertial measurement unit.
        let streams = match self.decoder.layout {
            Layout::Dvs128 | Layout::Dvs128Stereo | Layout::Dvs640 => &[TRIGGERS][..],
            Layout::Davis => &[IMU, TRIGGERS],
        };
        streams.iter().map(|&name| name.to_owned()).collect()
    }

    fn report(&self) -> Report {
        let place = |event| Place::default().with_event(event);
        let mut notes = self.noticed.notes(self.info.size, place);
        if self.decoder.cameras.takes_others() {
            notes.extend(self.decoder.met.note(self.decoder.layout));
        }
        fits::say_instead(&mut notes, &self.others);
        if let times @ 1.. = self.decoder.clock.wraps {
            let (times, bits) = (times as u64, u32::BITS);
            notes.push(Note::ClockWrapped { times, bits });
        }
        if self.decoder.imu.samples > 0 {
            let what = "IMU samples are raw counts: the file does not say their scale";
            notes.push(Note::Other(what.to_owned()));
        }
        if self.decoder.others > 0 && !self.decoder.cameras.apart {
            let (what, count) = ("events of other cameras".to_owned(), self.decoder.others);
            notes.push(Note::LeftOut { what, count });
        }
        Report {
            inferred: vec![self.summary.clone()],
            notes,
            losses: self.losses.all(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.input.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        self.last.map(Part::to_bytes)
    }
}
