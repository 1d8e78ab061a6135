//! AEDAT 3.1: packets of events of one kind, not compressed; and AEDAT 3.0, whose header has no last line
//! and whose rows count from the bottom.
//!
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.1.html> and
//! <https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.0.html>

mod events;
mod header;
mod origin;
mod packet;
mod parts;

use evz_core::{
    Clock, ClockKind, Error, EventBatch, EventSource, LossKind, Next, Note, Noticed, OpenOptions,
    Place, Progress, Question, Report, Result, SensorSize, SideStore, StreamInfo, TimeBase,
};

use crate::{
    byte_reader::ByteReader,
    devices,
    losses::Losses,
    provenance::metadata,
    side::{self, imu_rows, is_side_name, trigger_rows},
};
use header::Header;
use origin::Origin;
use packet::{CONFIG, FRAME, HEAD_LEN, Head, IMU6, IMU9, POLARITY, SPECIAL};
pub(crate) use parts::open as open_parts;
use parts::part_of;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// 3.0
    Zero,
    /// 3.1
    One,
}

impl Version {
    fn name(self) -> &'static str {
        match self {
            Self::Zero => "aedat 3.0",
            Self::One => "aedat 3.1",
        }
    }
}

/// A recording of AEDAT 3.1 or 3.0, read from front to back.
pub(crate) struct Source {
    version: Version,
    input: ByteReader,
    header: Header,
    info: StreamInfo,
    /// The device whose events are read: that of the first ones, unless told.
    chosen: Option<i16>,
    was_told: bool,
    device: String,
    body: Vec<u8>,
    ended: bool,
    /// Whether any packet was whole.
    any_whole: bool,
    noticed: Noticed,
    losses: Losses,
    side: SideStore,
    invalid: u64,
    resets: u64,
    settings: u64,
    others: u64,
    /// Where the packet stands that was read last, and the bytes of its body.
    last: (u64, usize),
}

impl Source {
    /// The recording whose first bytes, `head`, were already read.
    pub(crate) fn new(
        mut input: ByteReader,
        head: Vec<u8>,
        version: Version,
        options: &OpenOptions,
    ) -> Result<Self> {
        let header = Header::read(&mut input, head, version)?;
        let (chosen, device) = header.choose(input.name(), options)?;
        let size = options.size.or(device.and_then(devices::size_of));
        if version == Version::Zero && size.is_none() {
            return Err(no_size(input.name(), device));
        }
        Ok(Self {
            version,
            device: device.unwrap_or("a device without a name").to_owned(),
            info: StreamInfo::new(TimeBase::MICROSECONDS)
                .with_clock(Clock::of(ClockKind::Sensor))
                .with_size(size)
                .with_metadata(metadata(&input, version.name(), header.bytes.clone())),
            header,
            input,
            chosen,
            was_told: (options.stream.as_deref()).is_some_and(|name| !is_side_name(name)),
            body: Vec::new(),
            ended: false,
            any_whole: false,
            noticed: Noticed::default(),
            losses: Losses::default(),
            side: SideStore::default(),
            invalid: 0,
            resets: 0,
            settings: 0,
            others: 0,
            last: (0, 0),
        })
    }

    /// Reads a packet; adds its events to `batch`, if it has those that are wanted.
    fn read_packet(&mut self, batch: &mut EventBatch) -> Result<()> {
        let at = self.input.offset;
        let place = self.input.place(at).with_part("packet");
        self.input.read(&mut self.body, HEAD_LEN)?;
        let Ok(head) = <&[u8; HEAD_LEN]>::try_from(&self.body[..]) else {
            self.ended = true;
            let left = self.body.len() as u64;
            let what = "bytes behind the last whole packet";
            self.losses.add(LossKind::CutOff, what, left, place);
            return Ok(());
        };
        let head = match Head::read(head) {
            Ok(head) => head,
            Err(what) => {
                // Where the next packet begins is not known.
                self.ended = true;
                let rest = self.input.skip(u64::MAX)? + HEAD_LEN as u64;
                let (lost, why) = (
                    "bytes from a damaged packet on",
                    format!("its head says {what}"),
                );
                (self.losses).add_for(LossKind::Damaged, lost, rest, place, &why);
                return Ok(());
            }
        };
        self.input.read(&mut self.body, head.body_len() as usize)?;
        self.last = (at, self.body.len());
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
            self.losses
                .add(LossKind::CutOff, what, missing, place.clone());
        }
        self.any_whole |= whole > 0 || !cut;
        let body = std::mem::take(&mut self.body);
        self.take(&head, &body[..whole * head.event_len], &place, batch);
        self.body = body;
        Ok(())
    }

    /// Takes the whole events of a packet.
    fn take(&mut self, head: &Head, bytes: &[u8], place: &Place, batch: &mut EventBatch) {
        match head.kind {
            POLARITY if *self.chosen.get_or_insert(head.source) == head.source => {
                let origin = self.origin(self.info.size);
                let (invalid, outside) = events::polarity(head, bytes, origin, batch);
                self.invalid += invalid;
                let what = "events with an address beyond the sensor";
                (self.losses).add(LossKind::BeyondSensor, what, outside, place.clone());
            }
            POLARITY if self.was_told => self.others += 1,
            POLARITY => {
                let why = format!("device {0}, which is read as stream {0}", head.source);
                let what = "events of devices that the header does not name";
                let n = (bytes.len() / head.event_len) as u64;
                (self.losses).add_for(LossKind::Unknown, what, n, place.clone(), &why);
            }
            SPECIAL => {
                let found = events::special(head, bytes);
                let what = "special events that no trigger stands for";
                let (n, why) = (found.others, "such as an edge at a second input");
                (self.losses).add_for(LossKind::SideStreams, what, n, place.clone(), why);
                self.resets += found.resets;
                let name = self.side_name(side::TRIGGERS, head);
                self.side.add(trigger_rows(&name, found.t, found.source));
            }
            IMU6 | IMU9 => {
                let name = self.side_name(side::IMU, head);
                self.side.add(imu_rows(&name, &events::imu(head, bytes)));
            }
            FRAME => {
                let Some(origin) = self.origin_of(head.source) else {
                    let what = "frames of other devices, whose rows count from the bottom of a sensor of \
                                unknown size";
                    let n = (bytes.len() / head.event_len) as u64;
                    return (self.losses).add(LossKind::SideStreams, what, n, place.clone());
                };
                for frame in bytes.chunks_exact(head.event_len) {
                    match events::frame(head, frame, origin) {
                        Ok(Some(frame)) => {
                            let name = self.side_name(side::FRAMES, head);
                            self.side.add(frame.into_rows(&name));
                        }
                        Ok(None) => self.invalid += 1,
                        Err(why) => {
                            let (kind, what) = (LossKind::Damaged, "frames that make no sense");
                            self.losses.add_for(kind, what, 1, place.clone(), &why);
                        }
                    }
                }
            }
            CONFIG => self.settings += 1,
            kind => {
                let why = format!("kind {kind}");
                let what = "packets of a kind that is not read";
                (self.losses).add_for(LossKind::Unknown, what, 1, place.clone(), &why);
            }
        }
    }

    /// Where a device with a sensor of this size counts rows from.
    fn origin(&self, size: Option<SensorSize>) -> Origin {
        match (self.version, size) {
            (Version::Zero, Some(size)) => Origin::Bottom(size.height),
            _ => Origin::Top,
        }
    }

    /// Where the device of a packet does, if that is known.
    fn origin_of(&self, source: i16) -> Option<Origin> {
        let other = (self.header.named(source)).filter(|_| self.chosen != Some(source));
        match (self.version, other) {
            (Version::Zero, Some(name)) => Some(self.origin(Some(devices::size_of(name)?))),
            _ => Some(self.origin(self.info.size)),
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

    fn read_batch(&mut self, batch: &mut EventBatch) -> Result<Next> {
        if let Some(next) = self.side.waiting(batch) {
            return Ok(next);
        }
        batch.clear();
        while batch.is_empty() && !self.ended && !self.side.is_full() {
            self.read_packet(batch)?;
        }
        if self.ended && !self.any_whole {
            self.losses.nothing_else().map_or(Ok(()), Err)?;
        }
        let noticed = Noticed::of(batch.as_slice(), self.info.size);
        self.noticed.add(&noticed);
        let found = self.side.found(batch);
        Ok(found.unwrap_or_else(|| Next::End(self.report())))
    }

    fn side_streams(&self) -> Vec<String> {
        // The header does not tell which of them there are.
        [side::FRAMES, side::IMU, side::TRIGGERS]
            .map(str::to_owned)
            .into()
    }

    fn report(&self) -> Report {
        let size = self.info.size;
        let sensor = size.map_or("size unknown".to_owned(), |size| size.to_string());
        let place = |event| Place::default().with_event(event);
        let mut notes = self.noticed.notes(size, place);
        let left_out = [
            (
                "items that are marked as not valid, events or frames",
                self.invalid,
            ),
            ("packets with settings of the device", self.settings),
            ("packets with events of other devices", self.others),
        ];
        let left_out = left_out.into_iter().filter(|(_, count)| *count > 0);
        notes.extend(left_out.map(|(what, count)| Note::LeftOut {
            what: what.to_owned(),
            count,
        }));
        if self.resets > 0 {
            let resets = self.resets;
            let what = format!("times that the clock was set back to 0: {resets}");
            notes.push(Note::Other(what));
        }
        Report {
            inferred: vec![format!(
                "read as: {} of {}, {sensor}, microseconds{}",
                self.version.name().to_uppercase(),
                self.device,
                match self.version {
                    Version::Zero => ", rows from the bottom",
                    Version::One => "",
                }
            )],
            notes,
            losses: self.losses.all(),
        }
    }

    fn progress(&self) -> Option<Progress> {
        Some(self.input.progress())
    }

    fn part(&self) -> Option<Vec<u8>> {
        let (at, body) = self.last;
        Some(part_of(at, body))
    }
}

/// The error where rows count from the bottom of a sensor of unknown size.
fn no_size(place: &str, device: Option<&str>) -> Error {
    let device = match device {
        Some(name) => format!("its header names the device {name:?}, which is not known"),
        None => "its header names no device".to_owned(),
    };
    let what = format!(
        "{device}, and rows of AEDAT 3.0 count from the bottom of the sensor, which is 240x180 of a \
         DAVIS240 and 346x260 of a DAVIS346"
    );
    Error::ambiguous(place, what).settled_by(Question::Size, [""; 0])
}
