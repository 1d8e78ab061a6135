//! AEDAT 3.1: packets of events of one kind, not compressed.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.1.html>

mod events;
mod header;
mod packet;

use evz_core::{
    Error, EventBatch, EventSource, Progress, Report, Result, SideRows, StreamInfo, TimeBase,
};

use crate::{
    AedatOptions,
    checks::Findings,
    devices,
    input::Input,
    losses::Losses,
    open::metadata,
    side::{SideStore, imu_rows, trigger_rows},
};
use header::Header;
use packet::{CONFIG, FRAME, HEAD_LEN, Head, IMU6, IMU9, POLARITY, SPECIAL};

/// A recording of AEDAT 3.1, read from front to back.
pub(crate) struct Source {
    input: Input,
    info: StreamInfo,
    /// The device whose events are read: that of the first ones, unless told.
    chosen: Option<i16>,
    was_told: bool,
    device: String,
    body: Vec<u8>,
    ended: bool,
    /// Whether any packet was whole.
    any_whole: bool,
    findings: Findings,
    losses: Losses,
    side: SideStore,
    invalid: u64,
    resets: u64,
    settings: u64,
    others: u64,
}

impl Source {
    /// The recording whose first bytes, `head`, were already read.
    pub(crate) fn new(mut input: Input, head: Vec<u8>, options: &AedatOptions) -> Result<Self> {
        let header = Header::read(&mut input, head)?;
        let (chosen, device) = header.choose(&input.name, options)?;
        Ok(Self {
            device: device.unwrap_or("a device without a name").to_owned(),
            info: StreamInfo {
                time_base: TimeBase::MICROSECONDS,
                size: options.size.or(device.and_then(devices::size_of)),
                metadata: metadata(&input, "aedat 3.1", header.bytes),
            },
            input,
            chosen,
            was_told: options.stream.is_some(),
            body: Vec::new(),
            ended: false,
            any_whole: false,
            findings: Findings::default(),
            losses: Losses::default(),
            side: SideStore::default(),
            invalid: 0,
            resets: 0,
            settings: 0,
            others: 0,
        })
    }

    /// Reads a packet; adds its events to `batch`, if it has those that are wanted.
    fn read_packet(&mut self, batch: &mut EventBatch) -> Result<()> {
        let at = self.input.offset;
        let place = format!("{}: packet at byte {at}", self.input.name);
        self.input.read(&mut self.body, HEAD_LEN)?;
        let Ok(head) = <&[u8; HEAD_LEN]>::try_from(&self.body[..]) else {
            self.ended = true;
            let left = self.body.len() as u64;
            self.losses
                .add("bytes behind the last whole packet", left, place);
            return Ok(());
        };
        let head = match Head::read(head) {
            Ok(head) => head,
            Err(what) => {
                // Where the next packet begins is not known.
                self.ended = true;
                let rest = self.input.skip(u64::MAX)? + HEAD_LEN as u64;
                let example = format!("{place}: its head says {what}");
                self.losses
                    .add("bytes from a damaged packet on", rest, example);
                return Ok(());
            }
        };
        self.input.read(&mut self.body, head.body_len() as usize)?;
        let cut = (self.body.len() as u64) < head.body_len();
        self.ended = cut;
        let used = self.body.len().min(head.number * head.event_len);
        let whole = used / head.event_len;
        if cut {
            let missing = (head.number - whole) as u64;
            let what = match head.kind {
                POLARITY => "events cut off at the end",
                _ => "other things than events cut off at the end",
            };
            self.losses.add(what, missing, place.clone());
        }
        self.any_whole |= whole > 0 || !cut;
        let body = std::mem::take(&mut self.body);
        self.take(&head, &body[..whole * head.event_len], &place, batch);
        self.body = body;
        Ok(())
    }

    /// Takes the whole events of a packet.
    fn take(&mut self, head: &Head, bytes: &[u8], place: &str, batch: &mut EventBatch) {
        match head.kind {
            POLARITY if *self.chosen.get_or_insert(head.source) == head.source => {
                self.invalid += events::polarity(head, bytes, batch);
            }
            POLARITY if self.was_told => self.others += 1,
            POLARITY => {
                let example = format!("{place}: device {}; --stream reads it", head.source);
                let what = "events of devices that the header does not name";
                self.losses
                    .add(what, (bytes.len() / head.event_len) as u64, example);
            }
            SPECIAL => {
                let found = events::special(head, bytes);
                let example = format!("{place}: such as an edge at a second input");
                let what = "special events that no trigger stands for";
                self.losses.add(what, found.others, example);
                self.resets += found.resets;
                let name = self.side_name("triggers", head);
                self.side.add(trigger_rows(&name, found.t, found.source));
            }
            IMU6 | IMU9 => {
                let name = self.side_name("imu", head);
                self.side.add(imu_rows(&name, &events::imu(head, bytes)));
            }
            FRAME => {
                for frame in bytes.chunks_exact(head.event_len) {
                    match events::frame(head, frame) {
                        Ok(Some(frame)) => {
                            let name = self.side_name("frames", head);
                            self.side.add(frame.into_rows(&name));
                        }
                        Ok(None) => self.invalid += 1,
                        Err(what) => {
                            let example = format!("{place}: {what}");
                            self.losses.add("frames that make no sense", 1, example);
                        }
                    }
                }
            }
            CONFIG => self.settings += 1,
            kind => {
                let example = format!("{place}: kind {kind}");
                self.losses
                    .add("packets of a kind that is not read", 1, example);
            }
        }
    }

    /// A side stream of the device that was chosen, or of another one.
    fn side_name(&self, kind: &str, head: &Head) -> String {
        match self.chosen {
            Some(chosen) if chosen != head.source => format!("{kind}_{}", head.source),
            _ => kind.to_owned(),
        }
    }
}

impl EventSource for Source {
    fn info(&self) -> &StreamInfo {
        &self.info
    }

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<usize> {
        batch.clear();
        self.side.start_read();
        while batch.is_empty() && !self.ended {
            self.read_packet(batch)?;
        }
        if let (true, false, Some(loss)) = (self.ended, self.any_whole, self.losses.first()) {
            let place = loss.examples.first().unwrap_or(&self.input.name);
            return Err(Error::corrupt(place, "nothing in it can be read"));
        }
        self.findings.add(&Findings::of(batch, self.info.size));
        Ok(batch.len())
    }

    fn take_side_rows(&mut self) -> Vec<SideRows> {
        self.side.take()
    }

    fn report(&self) -> Report {
        let size = self.info.size;
        let sensor = size.map_or("size unknown".to_owned(), |size| size.to_string());
        let mut notes = self.findings.notes(size);
        let said = [
            (
                "events and frames left out that are marked as not valid",
                self.invalid,
            ),
            ("times that the clock was set back to 0", self.resets),
            (
                "packets left out with settings of the device",
                self.settings,
            ),
            ("packets left out with events of other devices", self.others),
        ];
        let said = said.into_iter().filter(|(_, n)| *n > 0);
        notes.extend(said.map(|(what, n)| format!("{what}: {n}")));
        Report {
            inferred: vec![format!(
                "read as: AEDAT 3.1 of {}, {sensor}, microseconds",
                self.device
            )],
            notes,
            losses: self.losses.with(&self.side),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.input.progress())
    }
}
